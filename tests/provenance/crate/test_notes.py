"""Notes of the workflow that a crate holds, so that nothing is made again in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made.crates import CUBE, FIGURE

from layeratlas.provenance.crate.history import trace
from layeratlas.provenance.crate.notes import notes_of, shown
from layeratlas.provenance.record.schema import FileState
from layeratlas.workflow.acceptances import (
    Acceptance,
    AcceptedJob,
    read_acceptances,
    write_acceptance,
)
from layeratlas.workflow.receipts import check_receipt, receipt_path

SHARD = "results/smoke/shards/phase_diagram_dropout/0000000100000000"


@pytest.fixture
def noted(project):
    """A project with receipts, plans and manifests of what its records tell, and one of nothing."""
    for path in (
        receipt_path("smoke", "train", {"experiment": "phase_diagram_dropout", "key": "0" * 16}),
        receipt_path("smoke", "assemble_cube", {"experiment": "phase_diagram_dropout"}),
        receipt_path("smoke", "assemble_cube", {"experiment": "another"}),
        Path(f"{SHARD}.json"),
        Path(f"{SHARD}.plan.json"),
        Path("results/smoke/shards/another/0000000100000000.json"),
    ):
        (project.root / path).parent.mkdir(parents=True, exist_ok=True)
        (project.root / path).write_text("{}")
    return project


def test_notes_of_the_jobs_behind_it_and_of_no_others(noted, tmp_path):
    found = notes_of(trace(noted.root / CUBE, noted.root), tmp_path)
    for place, path in found.items():
        assert path == noted.root / place
    assert {place for place in found if "/cubes/" not in place} == {
        receipt_path("smoke", "assemble_cube", {"experiment": "phase_diagram_dropout"}).as_posix(),
        f"{SHARD}.json",
        f"{SHARD}.plan.json",
        "results/smoke/datasets/abc.json",
    }


def test_what_was_accepted_of_these_jobs_without_the_host(noted, tmp_path):
    history = trace(noted.root / CUBE, noted.root)
    ours, others = (
        AcceptedJob("train", {}, record, "code", {"code": ("a" * 16, "b" * 16)}, "f" * 64)
        for record in (history.jobs[0].id, "another")
    )
    given = Acceptance("20310517T080000Z-abcd", "2031-05-17T08:00:00+00:00", "ada on node7",
                       "a comment", "x", (ours, others))  # fmt: skip
    write_acceptance(noted.root / "results" / "smoke" / "accepted", given)
    (place,) = (place for place in notes_of(history, tmp_path) if "/accepted/" in place)
    assert Path(place).parent.as_posix() == "results/smoke/accepted"
    (enclosed,) = read_acceptances(tmp_path / "accepted")
    assert (enclosed.by, enclosed.jobs) == ("ada", (ours,))


def test_a_figure_is_enclosed_as_it_is_shown(project, tmp_path):
    found = shown(trace(project.root / FIGURE, project.root), tmp_path)
    name = "phase_diagram_fidelity"
    same = {place: file.path for place, file in found.items() if isinstance(file, FileState)}
    assert same == {
        **{f"figures/{name}.{kind}": f"results/smoke/figures/{name}.{kind}"
           for kind in ("pdf", "png", "svg")},
        f"figures/{name}.claims.json": f"results/smoke/claims/{name}.json",
    }  # fmt: skip
    ((place, receipt),) = ((p, f) for p, f in found.items() if p not in same)
    assert place == f"results/receipts/show_figure/{name}.json"
    assert check_receipt(receipt) is True
    held = json.loads(receipt.read_text())["inputs"]
    assert held == {path: project.files[path].digest for path in same.values()}


def test_a_cube_is_shown_nowhere(project, tmp_path):
    assert shown(trace(project.root / CUBE, project.root), tmp_path) == {}
