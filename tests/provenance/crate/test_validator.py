"""roc-validator's verdict on crates, offline; and that it is a verdict: broken crates fail."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from made.offline_validator import issues
from made.often import often

from layeratlas.provenance.crate.export import export_crate

pytest.importorskip("rocrate_validator")

FIGURE = "figures/phase_diagram_fidelity.pdf"
CUBE = "results/smoke/cubes/phase_diagram_dropout.zarr.zip"


def test_a_cube_is_a_provenance_run_crate(project, tmp_path):
    crate = export_crate(project.root / CUBE, tmp_path / "crate.zip", project.root)
    assert issues(crate, "provenance-run-crate") == []


@pytest.mark.parametrize("profile", often(["workflow", "process"], "workflow"))
def test_the_smaller_profiles_are_valid_too(project, tmp_path, profile):
    crate = export_crate(project.root / FIGURE, tmp_path / "crate", project.root, profile=profile)
    assert issues(crate, f"{profile}-run-crate") == []


def test_so_is_a_figure_and_only_what_nobody_knows_is_left_of_the_recommendations(
    project, tmp_path
):
    crate = export_crate(project.root / FIGURE, tmp_path / "crate", project.root)
    found = issues(crate, "provenance-run-crate", "RECOMMENDED")
    assert not [line for line in found if line.startswith("REQUIRED")]
    # Addresses of code that was not published, and who publishes and employs whom.
    unknown = ("have a url", "absolute URI", "`publisher`", "affiliation")
    assert [line for line in found if not any(word in line for word in unknown)] == []


def without_parts(graph: list[dict]) -> None:
    next(e for e in graph if e["@id"] == "./").pop("hasPart")


def without_job_of_step(graph: list[dict]) -> None:
    next(e for e in graph if e["@type"] == "ControlAction").pop("object")


def without_tool(graph: list[dict]) -> None:
    next(e for e in graph if e["@type"] == "CreateAction").pop("instrument")


def without_steps_of_workflow(graph: list[dict]) -> None:
    next(e for e in graph if e["@id"] == "Snakefile").pop("step")


DAMAGES = (without_parts, without_job_of_step, without_tool, without_steps_of_workflow)


@pytest.mark.parametrize("damage", often(DAMAGES, without_job_of_step))
def test_broken_crates_fail(project, tmp_path, damage: Callable):
    crate = export_crate(project.root / CUBE, tmp_path / "crate", project.root)
    file = crate / "ro-crate-metadata.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    damage(content["@graph"])
    file.write_text(json.dumps(content), encoding="utf-8")
    assert issues(crate, "provenance-run-crate") != []


def test_a_missing_file_fails(project, tmp_path):
    crate = export_crate(project.root / CUBE, tmp_path / "crate", project.root)
    (crate / CUBE).unlink()
    assert any(CUBE in line for line in issues(crate, "provenance-run-crate"))
