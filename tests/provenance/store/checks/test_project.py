"""The records of a project as every check sees them."""

from __future__ import annotations

from layeratlas.provenance.store.checks.project import Project


def test_records_are_told_by_whether_they_can_be_read_and_have_a_seal(recorded):
    whole, open_, bad = recorded.records()[:3]
    open_.write_bytes(open_.read_bytes().replace(b',\n"seal"', b"}\n#").split(b"\n#")[0])
    bad.write_bytes(b"{")
    project = Project(recorded.root)
    known = {path.relative_to(recorded.root).as_posix() for path in recorded.records()}
    assert known == project.seals.keys() | project.unreadable.keys()
    assert list(project.unreadable) == [bad.relative_to(recorded.root).as_posix()]
    assert project.seals[whole.relative_to(recorded.root).as_posix()]
    assert not project.seals[open_.relative_to(recorded.root).as_posix()]
    assert len(project.records) == len(known) - 1


def test_a_file_and_its_object_are_read_once(project):
    made = Project(project)
    (project / "a").write_bytes(b"a")
    (project / "b").hardlink_to(project / "a")
    digest = made.digest(project / "a")
    (project / "a").write_bytes(b"b")
    assert made.digest(project / "b") == digest
    assert made.relative(project / "a") == "a"
    assert made.relative(project.parent) == str(project.parent)
