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
    # What was given up here and elsewhere is known on both sides: a file of its own each time.
    notes = sorted((tmp_path / FREED).iterdir())
    assert len(notes) == 2 and all(check_freed(path, tmp_path) for path in notes)
    # Of two versions of one archive the last one that went counts.
    note_freed(tmp_path, {"x": B})
    assert freed(tmp_path) == {"x": B, "y": B}


@pytest.mark.parametrize("text", ["{", '{"x": 3}', "[]", '{"freed": "", "by": "", "archives": []}',
     '{"freed": "", "by": "", "archives": {"x": "abc"}}'])  # fmt: skip
def test_what_was_not_written_is_told(tmp_path, text):
    path = tmp_path / FREED / "note.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(StoreError, match=r"freed/note\.json"):
        freed(tmp_path)


def test_an_edited_note_is_told(tmp_path):
    path = note_freed(tmp_path, {"x": A})
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "archives": {"x": B}}))
    with pytest.raises(UnreadableError, match="seal"):
        check_freed(path, tmp_path)
