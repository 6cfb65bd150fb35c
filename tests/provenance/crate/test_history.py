"""The jobs behind a target, and where their files lie."""

from __future__ import annotations

import pytest
from made.crates import CUBE, FIGURE

from layeratlas.errors import StoreError
from layeratlas.provenance.crate.export import export_crate
from layeratlas.provenance.crate.history import trace


def test_a_file_without_record_is_refused(project, tmp_path):
    stranger = tmp_path / "x.csv"
    stranger.write_text("1,2\n")
    with pytest.raises(StoreError, match="no record"):
        export_crate(stranger, tmp_path / "crate", project.root)


def test_claims_alone_are_no_target(project, tmp_path):
    claims = project.root / "results/smoke/claims/phase_diagram_fidelity.json"
    with pytest.raises(StoreError, match="no figure or cube"):
        export_crate(claims, tmp_path / "crate", project.root)


def test_copying_is_no_step(project):
    history = trace(project.root / FIGURE, project.root)
    shown = trace(project.root / "figures" / "phase_diagram_fidelity.pdf", project.root)
    assert shown.jobs == history.jobs
    assert "show_figure" not in {job.activity.rule for job in history.jobs}
    assert history.maker.activity.rule == "draw_figure"
    assert history.is_figure
    assert history.gaps == ()


def test_claims_judged_on_the_same_cubes_are_told(project):
    rules = [job.activity.rule for job in trace(project.root / FIGURE, project.root).jobs]
    assert rules.count("check_claims") == 1
    of_cube = trace(project.root / CUBE, project.root)
    assert "check_claims" not in {job.activity.rule for job in of_cube.jobs}
    assert not of_cube.is_figure


def test_sources_are_what_no_job_made(project):
    history = trace(project.root / FIGURE, project.root)
    assert [file.path for file in history.sources] == [
        "data/reference/spring_block_phase_diagram_published.csv"
    ]


def test_a_file_is_where_its_bytes_are(project, tmp_path):
    history = trace(project.root / CUBE, project.root)
    target = history.target
    assert history.find(target) == project.root / CUBE
    copy = tmp_path / "copy.zarr.zip"
    (project.root / CUBE).rename(copy)
    assert history.find(target, copy) == copy
    assert history.find(target).parent == project.root / "store" / "objects"
    for stored in (project.root / "store" / "objects").iterdir():
        stored.unlink()
    assert history.find(target) is None
