"""A table of kinds of kept files, and what their checks say."""

from __future__ import annotations

import json

import pytest

from layeratlas.bounded.documents import read_json
from layeratlas.bounded.seals import check_seal, sealed
from layeratlas.provenance.store.checks import kept
from layeratlas.provenance.store.checks.kept import Kind, check_if_kept, check_kept


def check_note(path, project) -> bool:
    return check_seal(read_json(path), path)


@pytest.fixture
def notes(tmp_path, monkeypatch):
    """A project of three notes, of a kind that the tests know."""
    monkeypatch.setattr(kept, "KINDS", (Kind("note", ("notes/*.json",), "a:b"),))
    monkeypatch.setattr(kept, "_function", lambda entry: check_note)
    (tmp_path / "notes").mkdir()
    for name, document in (("a", sealed({"x": 1})), ("b", {"x": 1}), ("c", {"seal": "0"})):
        (tmp_path / f"notes/{name}.json").write_text(json.dumps(document))
    return tmp_path


def test_each_file_is_sealed_unsealed_or_damaged(notes):
    (notes / "notes/.hidden.json").write_text("{")
    found = {finding.path: finding.status for finding in check_kept(notes)}
    assert found == {
        "notes/a.json": "ok",
        "notes/b.json": "unsealed",
        "notes/c.json": "damaged",
    }


def test_one_file_of_a_kind(notes):
    assert check_if_kept("notes/c.json", notes).status == "damaged"
    assert check_if_kept("notes/c.txt", notes) is None


@pytest.mark.parametrize("kind", kept.KINDS, ids=lambda kind: kind.name)
def test_every_check_of_the_table_is_there(kind):
    assert callable(kept._function(kind.check))
