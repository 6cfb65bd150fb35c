"""Runs of other cubes: which may be taken."""

from __future__ import annotations

import pytest
from made.project import Project
from made.refined import write

from layeratlas.config.expansion import expand
from layeratlas.config.workflow import WorkflowConfig
from layeratlas.refining.history import History, history_key, history_path, write_history
from layeratlas.workflow.planning import Workflow
from layeratlas.workflow.refining import taking
from layeratlas.workflow.refining.taking import runs_elsewhere


@pytest.fixture
def workflow(tmp_path, monkeypatch) -> Workflow:
    made = Project.fresh(tmp_path / "atlas")
    write(made, "chains")
    write(made, "grid", refine=None, seeds=6)
    write(made, "longer", refine=None, chain={"steps": 1600})
    write(made, "moments", refine=None, seeds=6, checkpoints=[1500, 1])
    write(made, "other", title="Another")
    monkeypatch.chdir(made.folder)
    monkeypatch.setattr(taking, "_is_current", lambda workflow, name: True)
    config = WorkflowConfig(preset="smoke").model_dump()
    return Workflow(config, made.folder)


def wanted(workflow: Workflow) -> set[str]:
    return {run.id for run in expand(workflow.at_points("chains"))}


def pretend(workflow: Workflow, monkeypatch, names) -> None:
    """Cubes of these experiments are there, with all their runs."""
    for name in names:
        path = workflow.results / "cubes" / f"{name}.zarr.zip"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    class Cube:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

    monkeypatch.setattr("layeratlas.storage.open_datatree", lambda path: Cube())
    every = {run.id for name in names for run in expand(workflow.at_points(name))}
    monkeypatch.setattr("layeratlas.cubes.taking.run_ids", lambda cube: frozenset(every))
    monkeypatch.setattr("layeratlas.cubes.taking.has_plain_layers", lambda cube: True)


def test_a_cube_of_the_same_settings_gives_its_runs(workflow, monkeypatch):
    pretend(workflow, monkeypatch, ["grid"])
    found = runs_elsewhere(workflow, "chains", wanted(workflow))
    assert set(found) == {"grid"} and set(found["grid"]) == wanted(workflow)


def test_other_settings_or_moments_give_none(workflow, monkeypatch):
    pretend(workflow, monkeypatch, ["longer", "moments"])
    assert runs_elsewhere(workflow, "chains", wanted(workflow)) == {}


def test_a_cube_that_is_gone_or_out_of_date_gives_none(workflow, monkeypatch):
    assert runs_elsewhere(workflow, "chains", wanted(workflow)) == {}
    pretend(workflow, monkeypatch, ["grid"])
    monkeypatch.setattr(taking, "_is_current", lambda workflow, name: False)
    assert runs_elsewhere(workflow, "chains", wanted(workflow)) == {}


def test_two_cubes_never_take_from_each_other(workflow, monkeypatch):
    pretend(workflow, monkeypatch, ["other"])
    assert set(runs_elsewhere(workflow, "chains", wanted(workflow))) == {"other"}
    history = workflow.history("other")
    taken = History(history_key(workflow.experiments["other"]), history.generations,
                    {"chains": ("0" * 16,)})  # fmt: skip
    write_history(history_path(workflow.results, "other"), taken)
    workflow._histories.clear()
    assert runs_elsewhere(workflow, "chains", wanted(workflow)) == {}
