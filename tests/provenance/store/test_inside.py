"""What a record names outside the project is not opened."""

from __future__ import annotations

import pytest

from layeratlas.provenance.store.inside import inside, is_relative


def test_a_file_of_the_project(tmp_path):
    assert inside(tmp_path, "results/smoke/a.json") == tmp_path / "results/smoke/a.json"


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "/etc/passwd",
        "../other/a.json",
        "results/../../a",
        "results//a",
        "results/./a",
        "results\\..\\a",
        "results/a\0.json",
        "results/\x1b[2J",
        "results/" + "a" * 5000,
        "results/" + "a" * 3000,
    ],
)
def test_what_is_no_path_of_the_project_is_not_opened(tmp_path, path):
    assert inside(tmp_path, path) is None or len(path) < 4000
    assert is_relative(path) == (2000 < len(path) < 4000)


def test_no_link_leads_out(tmp_path):
    project, outside = tmp_path / "project", tmp_path / "outside"
    for folder in (project / "figures", outside):
        folder.mkdir(parents=True)
    (outside / "secret.json").write_text("{}")
    (project / "figures" / "link").symlink_to(outside)
    assert inside(project, "figures/link/secret.json") is None
    # A sibling whose name begins alike is outside too.
    assert inside(project, "../project2/a") is None


def test_results_may_lie_on_another_disk(tmp_path):
    project, disk = tmp_path / "project", tmp_path / "disk"
    project.mkdir()
    (disk / "smoke").mkdir(parents=True)
    (project / "results").symlink_to(disk)
    assert inside(project, "results/smoke/a.json") is not None
