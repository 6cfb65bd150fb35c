"""Finding the project, and reading its records."""

from __future__ import annotations

import pytest
from made.builder import Store, made_up

from layeratlas.errors import StoreError
from layeratlas.provenance.record.places import RECORDS
from layeratlas.provenance.store.reading import (
    RecordWarning,
    newest_records,
    project_root,
    read_record,
    read_records,
    record_files,
)


def test_a_root_is_found_from_inside_and_from_a_file(recorded, tmp_path, monkeypatch):
    inside = recorded.root / "results" / "smoke"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    assert project_root() == recorded.root
    outside = tmp_path / "outside"
    # A Python package may be called so.
    (outside / "provenance").mkdir(parents=True)
    monkeypatch.chdir(outside)
    assert project_root(near=inside / "f.pdf") == recorded.root
    with pytest.raises(StoreError, match="no provenance store at or above"):
        project_root()
    with pytest.raises(StoreError, match="is no folder"):
        project_root(tmp_path / "nowhere")


def test_records_come_in_the_order_of_their_start(recorded):
    found = read_records(recorded.root)
    assert [record.id for record in found] == sorted(path.stem for path in recorded.records())
    names = [name for name, _, _ in record_files(recorded.root)]
    assert sorted(names) == [p.relative_to(recorded.root / RECORDS).as_posix()
                             for p in recorded.records()]  # fmt: skip


def test_a_damaged_record_is_named_and_passed_over(recorded):
    path = recorded.records()[0]
    before = len(read_records(recorded.root))
    path.write_text('{"schema_version": 99}')
    with pytest.raises(StoreError, match="written by a newer version"):
        read_record(path)
    with pytest.warns(RecordWarning, match=path.name):
        assert len(read_records(recorded.root)) == before - 1
    with pytest.raises(StoreError, match="cannot be read"):
        read_record(path.with_name("gone.json"))


def test_the_newest_record_of_a_path_is_the_last_that_succeeded(tmp_path):
    store = Store(tmp_path)
    first = store.job("make", [], [made_up("a"), made_up("b")])
    second = store.job("make", [], [made_up("a", "again")])
    store.job("make", [], [made_up("a", "broken")], status="failed")
    assert newest_records(read_records(tmp_path)) == {"a": second, "b": first}
