"""Results against records: what a record names elsewhere is told and not opened."""

from __future__ import annotations

import pytest
from made.builder import Store, made_up

from layeratlas.provenance.store.checks import files
from layeratlas.provenance.store.checks.files import check_file, check_files
from layeratlas.provenance.store.checks.project import Project


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret.json", "figures/../../secret.json"])
def test_a_path_outside_is_told_and_not_opened(tmp_path, monkeypatch, path):
    (tmp_path / "secret.json").write_text("{}")
    store = Store(tmp_path / "project")
    record = store.job("draw_figure", outputs=[made_up(path)])

    def opened(self, place):
        raise AssertionError(f"{place} was opened")

    monkeypatch.setattr(files.Project, "digest", opened)
    (found,) = check_files(Project(store.root))
    assert (found.status, found.path, found.record) == ("outside", path, record.id)


def test_a_file_that_the_user_names_is_opened_wherever_it_lies(tmp_path):
    store = Store(tmp_path / "project")
    (tmp_path / "a.json").write_text("{}")
    found = check_file(Project(store.root), str(tmp_path / "a.json"), tmp_path / "a.json")
    assert found.status == "unrecorded"
