"""Signed lists of records."""

from __future__ import annotations

import json

import pytest
from made.keys import make_key, signers

from layeratlas.bounded.seals import sealed
from layeratlas.errors import UnreadableError
from layeratlas.provenance.store.statements import (
    read_statement,
    signatures_of,
    statements,
    write_statement,
)
from layeratlas.storage import file_digest

__all__ = ["make_key", "signers"]


def test_the_same_records_give_the_same_file_whoever_signs(recorded, signers, make_key):
    names = [f"{path.parent.name}/{path.name}" for path in recorded.records()]
    first = write_statement(recorded.root, names, signers[0])
    assert write_statement(recorded.root, reversed(names), signers[0]) == first
    second = write_statement(recorded.root, names, make_key("bo"))
    (statement,) = statements(recorded.root)
    assert signatures_of(statement) == sorted([first, second])
    listed = read_statement(statement)
    assert listed == {
        f"{path.parent.name}/{path.name}": file_digest(path) for path in recorded.records()
    }


@pytest.mark.parametrize(
    "document",
    [
        {"records": {}, "format_version": 1},
        sealed({"records": {}}),
        sealed({"records": [], "format_version": 1}),
        sealed({"records": {"../x.json": "0" * 64}, "format_version": 1}),
        sealed({"records": {"2031-05/x.json": "0"}, "format_version": 1}),
        sealed({"records": {"2031-05/x.json": None}, "format_version": 1}),
    ],
)
def test_what_is_no_list_of_records_is_refused(tmp_path, document):
    (tmp_path / "a.json").write_text(json.dumps(document))
    with pytest.raises(UnreadableError, match=r"a\.json"):
        read_statement(tmp_path / "a.json")
