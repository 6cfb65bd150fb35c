"""The JSON Schema against the loader: what one refuses of its own accord, the other refuses too."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from made.refusals import CASES, GOOD, parsed

from layeratlas.config.axes import axes
from layeratlas.config.presets import overlay
from layeratlas.config.reading import read_yaml
from layeratlas.config.schema import experiment_schema
from layeratlas.kinds import KINDS

CONFIG = Path(__file__).resolve().parents[2] / "config"
FILE = CONFIG / "experiment.schema.json"
# Rules between settings, and what a file's neighbours say, are checked on loading alone.
BETWEEN = {
    "boundary of no quantity",
    "boundary along no axis",
    "boundary between words",
    "boundary at a level that cannot be",
    "budget below the first generation",
    "grid of test samples that is not square",
    "setting along no axis",
    "unknown setting along an axis",
    "times of no bound",
    "setting along an axis that is an axis too",
    "value of an axis that has none along it",
    "more images in a view than there are",
    "view of a split that nothing trains on",
    "more images of a class in a view than some class has",
    "view of changed labels where nothing changes them",
    "view of test images with changed labels",
    "alignment of one example",
    "alignment of one example where no views are asked for",
    "kernels of a network of one map",
    "kernel that is too large to be kept whole",
    "views beside what they replace",
    "scaling of another family",
    "calibration of a family that has none",
    "scaling of a shallow network",
    "scaling under batch norm",
    "scaling with adam",
    "scaling and an initialization",
    "more calibration images than there are",
    "branch scale above 1",
    "branch scale of no rule",
    "dropout in a residual network",
    "step of a network that is not in evaluation mode",
    "more images for a step than there are",
    "not a number",
    "noise said twice",
    "more images than there are",
    "batch larger than the training set",
    "values right alone, wrong together",
    "wrong together with another preset than today's",
    "batch below 1",
    "momentum with adam",
    "momentum axis with adam",
    "weight decay of a layerwise rule",
    "setting that the optimizer does not declare",
    "constants of too few layers",
    "negative constant of a layer",
    "constants of no layer",
    "constants under which nothing moves",
    "a spike below what is small",
    "cycle of two factors",
    "cycle longer than an input",
    "balance without samples of target 1",
    "balance above one",
    "schedule without what it needs",
    "empty grid",
    "two axes for the same setting",
    "setting that one of the families lacks, varied",
    "setting that none of the families has",
    "mode that the network cannot give",
    "mode that one network of the grid cannot give",
    "record after the end",
    "records beside checkpoints",
    "checkpoint after the end",
    "checkpoint after the end of the longest run",
    "checkpoint that a run does not reach",
    "extends nothing",
    "extends itself",
}
# What is no YAML has no settings to check.
UNREADABLE = {"key twice", "not YAML"}


@pytest.fixture(scope="module")
def schema():
    schema = experiment_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def test_the_committed_schema_is_that_of_the_models():
    told = "run `python -m layeratlas.config.schema > config/experiment.schema.json`"
    assert json.loads(FILE.read_text(encoding="utf-8")) == experiment_schema(), told


def test_the_command_writes_the_committed_file():
    run = [sys.executable, "-m", "layeratlas.config.schema"]
    written = subprocess.run(run, capture_output=True, check=True).stdout
    assert written.decode() == FILE.read_text(encoding="utf-8")


def test_every_experiment_fits(schema):
    for path in sorted((CONFIG / "experiments").glob("*.yaml")):
        assert [error.message for error in schema.iter_errors(read_yaml(path))] == [], path


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.what not in UNREADABLE],
    ids=lambda case: case.what.replace(" ", "-"),
)
def test_wrong_files_do_not_fit(schema, case):
    raw = parsed(case.yaml)
    raw = raw if case.whole else overlay(parsed(GOOD), raw)
    assert schema.is_valid(raw) == (case.what in BETWEEN)


def test_the_lists_of_exceptions_name_cases():
    assert {case.what for case in CASES} >= BETWEEN | UNREADABLE


@pytest.mark.parametrize("kind", [k for k in KINDS.values() if k.has_grid], ids=lambda k: k.name)
def test_an_editor_knows_every_axis_and_setting(schema, kind):
    known = schema.schema["definitions"][kind.name]["properties"]
    assert set(known["grid"]["properties"]) == set(axes(kind))
    for section in kind.sections:
        assert known[section].get("properties") or "enum" in known[section]
    for axis in known["grid"]["properties"].values():
        assert axis["description"]


WHOLE = {"title": "A", "dataset": {"source": "digits"}, "grid": {"n_train": [64]}}


@pytest.mark.parametrize(
    "raw",
    [
        {"extends": "x", "model": {"branch_scale": "1/L"}},
        {"extends": "x", "chain": {"length": 3}, "grid": {"length": None, "friction": [0.1]}},
        {"template": True, "training": {"early_stop": None}},
        {**WHOLE, "grid": {"scaling": ["fsc"]}, "checkpoints": {"every": 2}},
        {**WHOLE, "grid": {"depth": {"from": 3, "to": 9, "step": 2}}, "seeds": [0, 4]},
        {**WHOLE, "noise": {"data_noise": 0.5}, "checkpoints": [0, "final"]},
        {"title": "A", "presets": {"paper": {"dataset": {}, "grid": {"depth": [3]}}}},
        {"title": "A", "kind": "probe", "grid": {"probe_step": [None, 0.1]}},
        {"title": "A", "kind": "fit", "fit": {"target": "x", "library": "y"}},
        {**WHOLE, "training": {"optimizer_settings": {"rho": 1}}, "grid": {"rho": [1, 2]}},
        {**WHOLE, "grid": {"training_optimizer_settings_rho": [1, None]}},
        {"extends": "x", "grid": {"rho": {"from": 1, "to": 2, "points": 3}}},
    ],
)
def test_right_files_fit(schema, raw):
    schema.validate(raw)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": None},
        {"grid": {"depth": ["3"]}},
        {"grid": {"depth": [3, 3]}},
        {"grid": {"chain": [3]}},
        {"grid": {"branch_rule": [0.1]}},
        {"grid": {"optimizer": {"from": 0, "to": 1}}},
        {"chain": {"length": 3}},
        {"kind": "probe"},
        {"kind": "simulation"},
        {"dataset": {"static_label_noise": 0.1}},
        {"presets": {"paper": {"extends": "x"}}},
        {"presets": {"huge": {}}},
        {"extends": "x", "model": {"breadth": 3}},
    ],
)
def test_other_wrong_files_do_not(schema, changes):
    assert schema.is_valid(WHOLE) and not schema.is_valid({**WHOLE, **changes})


@pytest.mark.parametrize("lacking", WHOLE)
def test_a_file_that_extends_nothing_is_whole(schema, lacking):
    part = {key: value for key, value in WHOLE.items() if key != lacking}
    assert not schema.is_valid(part)
    assert schema.is_valid({**part, "extends": "x"}) and schema.is_valid({**part, "template": True})


def test_an_axis_of_any_name_needs_free_settings(schema):
    assert not schema.is_valid({**WHOLE, "grid": {"rho": [1]}})
    assert not schema.is_valid({**WHOLE, "grid": {"rho": 1}, "extends": "x"})
