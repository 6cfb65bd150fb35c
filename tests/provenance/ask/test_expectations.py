"""What the present code and configuration would ask of a job on record."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import layeratlas
from layeratlas.provenance.ask.expectations import Present
from layeratlas.workflow.jobs import JOBS, NotAskedError
from layeratlas.workflow.planning import Workflow

CHECKOUT = Path(layeratlas.__file__).parents[2]
NAME = "phase_diagram_dropout"


@pytest.fixture
def project(tmp_path) -> Path:
    for folder in ("config", "scripts"):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder)
    return tmp_path


def recorded(rule: str, preset: str | None = "smoke", **wildcards: str) -> dict:
    return {"rule": rule, "preset": preset, "wildcards": wildcards}


def test_it_asks_what_the_rule_asks(project):
    asked = Present(project).params(recorded("assemble_cube", experiment=NAME))
    workflow = Workflow({"preset": "smoke"}, CHECKOUT)
    at = {"experiment": NAME}
    assert set(asked) == set(JOBS["assemble_cube"].names)
    assert asked["plan"] == json.loads(workflow.param("assemble_cube", "plan", at))
    assert asked["code"] == workflow.param("assemble_cube", "code", at)
    # As a record holds it.
    figure = Present(project).params(recorded("draw_figure", figure="phase_diagram"))
    assert isinstance(figure["experiments"], list)


def test_each_preset_asks_its_own(project):
    present = Present(project)
    smoke, laptop = (
        present.params(recorded("assemble_cube", preset, experiment=NAME))
        for preset in ("smoke", "laptop")
    )
    assert smoke["plan"]["description"]["preset"] == "smoke"
    assert laptop["plan"]["description"]["preset"] == "laptop"


def test_what_is_not_known_is_none(project):
    present = Present(project)
    assert present.params(recorded("no_rule_of_today")) is None
    # Wildcards of another version of the rule.
    assert present.params(recorded("train", experiment=NAME)) is None


def test_what_nobody_asks_for_is_said(project):
    with pytest.raises(NotAskedError, match="no run of shard"):
        Present(project).params(recorded("train", experiment=NAME, key="0" * 16))


def test_a_refused_configuration_is_a_problem_not_an_error(project):
    path = project / "config" / "experiments" / f"{NAME}.yaml"
    path.write_text(path.read_text() + "\nepochs: 3\n")
    present = Present(project)
    assert present.params(recorded("assemble_cube", experiment=NAME)) is None
    assert "epochs" in present.problem
