"""Objects against their names."""

from __future__ import annotations

import hashlib

import pytest
from made.builder import Store

from layeratlas.provenance.store.checks.objects import check_object, check_objects
from layeratlas.provenance.store.checks.project import Project


def test_an_object_is_what_its_name_says(tmp_path):
    store = Store(tmp_path)
    content = b"a figure"
    place = tmp_path / "store/objects" / f"{hashlib.sha256(content).hexdigest()}.pdf"
    place.write_bytes(content)
    assert [finding.status for finding in check_objects(Project(store.root))] == ["ok"]
    place.write_bytes(b"another")
    assert check_object(Project(store.root), place).status == "damaged"


@pytest.mark.parametrize(
    ("name", "suffix"), [("diff", ".diff"), ("kept", ".tar"), ("users", ".tar")]
)
def test_code_that_no_commit_holds_must_be_there(tmp_path, name, suffix):
    store = Store(tmp_path)
    record = store.job("train")
    store.edit(store.records()[0], lambda said: said["code"].update({name: "d" * 64}))
    (found,) = check_objects(Project(store.root))
    assert (found.status, found.record) == ("missing", record.id)
    assert found.path == f"store/objects/{'d' * 64}{suffix}"
