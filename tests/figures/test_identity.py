"""Identities: sealed, bounded, and names only where they can be names."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from layeratlas.bounded.seals import sealed
from layeratlas.errors import StoreError
from layeratlas.figures.identity import (
    comment,
    identity_text,
    mark_of,
    mark_text,
    parse_identity,
)

IDENTITY = {"figure": "f", "preset": "smoke", "code": "c0de", "cube phase_1": "1a" * 32}


def test_what_is_written_is_read():
    for indent in (None, 2):
        text = identity_text(IDENTITY, indent)
        assert text.isascii()
        assert parse_identity(text, Path("f.pdf")) == IDENTITY


def test_an_older_identity_has_no_seal():
    assert parse_identity(json.dumps(IDENTITY), Path("f.pdf")) == IDENTITY


def test_no_flipped_bit_is_believed():
    chance = random.Random(0)
    whole = identity_text(IDENTITY).encode()
    for _ in range(300):
        flipped = bytearray(whole)
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        with pytest.raises(StoreError, match=r"f\.pdf"):
            parse_identity(bytes(flipped), Path("f.pdf"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({f"cube c{n}": "0" * 64 for n in range(101)}, "names 102 cubes"),
        ({f"cube c{n}": "0" * 64 for n in range(2_000)}, "more than 65536 bytes"),
        ({"cube ../../x": "0" * 64}, "names the cube '../../x'"),
        ({"cube a/b": "0" * 64}, "names the cube 'a/b'"),
        ({"cube a": "0"}, "64 hexadecimal digits"),
        ({"cube a": "*" * 64}, "64 hexadecimal digits"),
        ({"cube a": ["0" * 64]}, "it should be text"),
        ({"figure": None}, "says 'figure' None"),
        ({"preset": ".."}, "names the preset"),
        ({"n": 10**30}, "64 bits do not"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_no_figure_says_is_refused(change, said):
    for document in (IDENTITY | change, sealed(IDENTITY | change)):
        with pytest.raises(StoreError, match=said) as refused:
            parse_identity(json.dumps(document), Path("f.pdf"))
        assert len(str(refused.value)) < 400


@pytest.mark.parametrize("text", ["", "[]", "1", "{", "[" * 30_000, '"x"', b"\xff\xfe"])
def test_what_is_no_identity_is_refused(text):
    with pytest.raises(StoreError, match=r"f\.pdf"):
        parse_identity(text, Path("f.pdf"))


def test_the_mark_is_the_seal_and_nothing_else_decides_it():
    mark = mark_of(IDENTITY)
    assert mark == sealed(IDENTITY)["seal"]
    assert mark == mark_of(dict(reversed(IDENTITY.items())))
    assert mark_text(IDENTITY) == f"Layer Atlas {mark[:7]}"
    assert mark_text({}) == ""
    others = {mark_of(IDENTITY | {key: f"{IDENTITY[key]}0"}) for key in IDENTITY}
    assert len(others - {mark}) == len(IDENTITY)


def test_a_comment_is_one_line_that_ends_where_it_should():
    identity = IDENTITY | {"note": "a --> b\n% c"}
    text = comment(identity)
    assert text.startswith(f"{mark_text(identity)} {{")
    assert "\n" not in text
    assert ">" not in text
    assert parse_identity(text[len(mark_text(identity)) :], Path("t.md")) == identity
