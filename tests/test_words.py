"""The one did-you-mean."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import layeratlas
from layeratlas.words import listed, named, printable, quoted, shortened, suggestion


def test_the_nearest_name_is_suggested_if_any_is_near():
    assert suggestion("epoch", ["depth", "epochs"]) == "did you mean 'epochs'? "
    assert suggestion("epoch", ["depth", "epochs"], sentence=True) == "Did you mean 'epochs'? "
    assert suggestion("zzz", ["depth", "epochs"]) == ""
    assert suggestion(3, {"3rd": None}, cutoff=0.5) == "did you mean '3rd'? "
    assert suggestion(3, {"3rd": None}, cutoff=0.9) == ""


def test_nothing_else_looks_for_near_names():
    root = Path(layeratlas.__file__).parent
    users = [p.name for p in root.rglob("*.py") if re.search("difflib", p.read_text("utf-8"))]
    assert users == ["words.py"]


@given(st.text())
def test_printable_text_is_printable_and_stays(text):
    shown = printable(text)
    assert all(c.isprintable() for c in shown)
    assert printable(shown) == shown
    if text.isprintable():
        assert shown == text


def test_what_is_kept_is_kept():
    assert printable("a\nb\x1b", keep="\n") == "a\nb\\x1b"


@given(st.text(), st.integers(10, 60))
def test_shortened_text_has_its_beginning_and_end(text, longest):
    shown = shortened(text, longest)
    assert len(shown) <= longest
    if len(text) > longest:
        first, _, last = shown.partition(" … ")
        assert text.startswith(first) or " … " in text
        assert text.endswith(last) or " … " in text


@pytest.mark.parametrize(
    "value",
    ["x" * 10**6, b"\0" * 10**6, list(range(10**4)), 10**6000, {"a": "\x1b" * 99}],
    ids=["text", "bytes", "list", "integer", "mapping"],
)
def test_a_quoted_value_is_short_and_printable(value):
    assert len(quoted(value)) <= 80
    assert quoted(value).isprintable()


def test_what_nests_without_end_is_quoted():
    nested: list = []
    for _ in range(100_000):
        nested = [nested]
    assert len(quoted(nested)) <= 80


def test_a_list_says_how_many_more_there_are():
    assert listed(["a", "b"]) == "a, b"
    text = listed(f"name_{i}" for i in range(1000))
    assert text.startswith("name_0, name_1") and text.endswith("more") and len(text) < 190
    assert listed([]) == ""


def test_a_long_path_is_named_by_its_last_parts():
    assert named("results/a.json") == "results/a.json"
    assert named("/home/" + "folder/" * 40 + "a.json", 30) == "…/folder/folder/folder/a.json"
    assert len(named("a" * 5000)) == 90
    assert named("a\x1b[2J") == "a\\x1b[2J"
