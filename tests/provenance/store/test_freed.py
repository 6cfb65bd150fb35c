"""The note of what was given up on purpose."""

from __future__ import annotations

import json

import pytest

from layeratlas.errors import StoreError, UnreadableError
from layeratlas.provenance.store.freed import FREED, check_freed, freed, note_freed

A, B = "a" * 64, "b" * 64


def test_it_grows_and_is_sealed(tmp_path):
    assert freed(tmp_path) == {}
    note_freed(tmp_path, {"x": A})
    note_freed(tmp_path, {"y": B})
    assert freed(tmp_path) == {"x": A, "y": B}
    assert check_freed(tmp_path / FREED, tmp_path)


@pytest.mark.parametrize("text", ["{", '{"x": 3}', '{"x": "abc"}', "[]"])
def test_what_was_not_written_is_told(tmp_path, text):
    path = tmp_path / FREED
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(StoreError, match=r"freed\.json"):
        freed(tmp_path)
    with pytest.raises(StoreError):
        note_freed(tmp_path, {"x": A})
    assert path.read_text() == text


def test_an_edited_note_is_told(tmp_path):
    note_freed(tmp_path, {"x": A})
    path = tmp_path / FREED
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "y": B}))
    with pytest.raises(UnreadableError, match="seal"):
        check_freed(path, tmp_path)
