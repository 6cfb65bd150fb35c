"""Seals: a document that carries the digest of itself."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.bounded.seals import SEAL, check_seal, sealed
from layeratlas.errors import UnreadableError

DOCUMENT = {"name": "é", "n": 3, "x": 0.1, "list": [1, None, True], "inner": {"a": -1e-300}}


def test_a_sealed_document_is_what_was_written():
    assert check_seal(json.loads(json.dumps(sealed(DOCUMENT))), "a.json")


def test_one_without_a_seal_is_told_apart():
    assert not check_seal(DOCUMENT, "a.json")


def test_sealing_twice_changes_nothing():
    assert sealed(sealed(DOCUMENT)) == sealed(DOCUMENT)


def test_the_order_of_keys_is_no_content():
    backwards = dict(reversed(list(sealed(DOCUMENT).items())))
    assert check_seal(backwards, "a.json")


@given(st.data())
def test_no_flipped_bit_is_believed(data):
    written = json.dumps(sealed(DOCUMENT)).encode()
    bit = data.draw(st.integers(0, 8 * len(written) - 1))
    flipped = bytearray(written)
    flipped[bit // 8] ^= 1 << bit % 8
    try:
        found = json.loads(bytes(flipped))
    except ValueError:
        return
    if found == sealed(DOCUMENT):  # a space that became a tab
        return
    with pytest.raises(UnreadableError, match=r"a\.json"):
        check_seal(found, "a.json")


def test_a_flip_in_the_name_of_the_seal_unseals_nothing():
    decayed = sealed(DOCUMENT)
    decayed["qeal"] = decayed.pop(SEAL)
    with pytest.raises(UnreadableError, match="under the name 'qeal'"):
        check_seal(decayed, "a.json")
    assert not check_seal({**DOCUMENT, "digest": "0" * 64}, "a.json")


def test_what_is_no_object_has_no_seal():
    with pytest.raises(UnreadableError, match="no JSON object"):
        check_seal([], "a.json")


@pytest.mark.parametrize("seal", [None, 1, "", "0" * 64, {}])
def test_any_other_seal_is_refused(seal):
    with pytest.raises(UnreadableError, match="seal"):
        check_seal({**DOCUMENT, SEAL: seal}, "a.json")
