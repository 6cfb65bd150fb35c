"""Objects are found by their digest, or by its beginning."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.errors import StoreError
from layeratlas.provenance.record.keeping import keep_bytes
from layeratlas.provenance.store.objects import find_object, is_hash, objects, stored_objects


@pytest.fixture
def kept(tmp_path) -> list[str]:
    (tmp_path / "provenance" / "records").mkdir(parents=True)
    return [keep_bytes(text.encode(), ".diff", tmp_path) for text in ("one", "two", "three")]


def test_the_table_of_objects(kept, tmp_path):
    (tmp_path / "store" / "objects" / "notes.txt").write_text("no object")
    assert [digest for digest, _, _ in stored_objects(tmp_path)] == sorted(kept)
    table = objects(tmp_path)
    assert list(table["digest"]) == sorted(kept)
    assert set(table["suffix"]) == {".diff"}
    assert list(stored_objects(tmp_path / "elsewhere")) == []


def test_the_beginning_is_enough(kept, tmp_path):
    for digest in kept:
        for length in (6, 12, 64):
            assert find_object(digest[:length], tmp_path).name == f"{digest}.diff"


def test_refusals(kept, tmp_path):
    with pytest.raises(StoreError, match="no object"):
        find_object("0" * 64, tmp_path)
    for text in ("../../x", "abc", "g" * 64):
        with pytest.raises(StoreError, match="is no digest: give 6 to 64"):
            find_object(text, tmp_path)
    folder = tmp_path / "store" / "objects"
    for tail in "12":
        (folder / f"abcdef{tail * 58}.pdf").write_text("x")
    with pytest.raises(StoreError, match="give more digits"):
        find_object("abcdef", tmp_path)


@given(st.text("0123456789abcdef", max_size=70), st.sampled_from(["", "g", "A", "\n", " ", "٣"]))
def test_what_can_be_a_hash(digits, more):
    assert is_hash(digits) == (6 <= len(digits) <= 64)
    assert is_hash(digits + more) == (not more and is_hash(digits))
    assert is_hash(hashlib.sha256(digits.encode()).hexdigest())
