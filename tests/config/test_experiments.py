"""Configuration: what is read, in which order it merges, and every refusal in words.

`docs/configuration.md` shows these refusals and every key. After a change run
`python tests/test_config.py`, which writes its tables again.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel

from layeratlas.config.axes import AXES
from layeratlas.config.expansion import expand
from layeratlas.config.experiments import (
    _KEYS,
    PRESETS,
    MeasureSettings,
    WorkflowConfig,
    _overlay,
    experiment_names,
    load_experiment,
    load_workflow_config,
    read_yaml,
)
from layeratlas.datasets.recipe import DatasetRecipe
from layeratlas.engine.settings import EarlyStop, ScalingSettings, TrainingSettings
from layeratlas.errors import ConfigError
from layeratlas.kinds.fit import FitSettings
from layeratlas.kinds.probe import ProbedMLP, ProbedResNet, ProbeScaling, ProbeSettings
from layeratlas.kinds.simulation import FirstOrderChain, SecondOrderChain
from layeratlas.kinds.training import NoiseSettings, TrainingRun
from layeratlas.networks.settings import ModelSettings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "configuration.md"
GOOD = """
title: A small grid
dataset: {source: digits, n_train: 64}
model: {depth: 3, width: 8}
training: {epochs: 5, batch_size: 32}
grid: {dropout: [0, 0.1]}
"""


class Case(NamedTuple):
    """A wrong experiment: YAML laid over `GOOD`, or the whole file, and the error it gets."""

    what: str
    yaml: str
    error: str
    whole: bool = False


CASES = [
    Case("unknown key", "titel: A grid", "titel: unknown key; did you mean 'title'? known: …"),
    Case(
        "unknown key inside",
        "training: {epoch: 5}",
        "training.epoch: unknown key; did you mean 'epochs'? known: …",
    ),
    Case(
        "unknown key, two levels down",
        "training: {early_stop: {loss_bellow: 0.1}}",
        "training.early_stop.loss_bellow: unknown key; did you mean 'loss_below'? known: …",
    ),
    Case(
        "unknown preset in the file",
        "presets: {laptob: {seeds: 2}}",
        "presets.laptob: unknown key; did you mean 'laptop'? known: …",
    ),
    Case(
        "unknown key in a preset",
        "presets: {paper: {sedes: 2}}",
        "presets.paper.sedes: unknown key; did you mean 'seeds'? known: …",
    ),
    Case(
        "wrong in another preset than today's",
        "presets: {paper: {seeds: 0}}",
        "(preset paper): seeds: expected at least 1, got 0",
    ),
    Case("text for a mapping", "model: deep", "model: expected a mapping, got 'deep'"),
    Case(
        "number written as text",
        "model: {depth: '3'}",
        "model.depth: input should be a valid integer; got '3'",
    ),
    Case(
        "fraction for a count",
        "model: {depth: 3.5}",
        "model.depth: input should be a valid integer; got 3.5",
    ),
    Case(
        "true for a number",
        "model: {dropout: true}",
        "model.dropout: input should be a valid number; got True",
    ),
    Case(
        "unknown scaling",
        "scaling: {name: fcs}",
        "scaling.name: input should be 'ntk', 'mf_mup', 'fsc', 'mup', 'resnet_fsc', 'default', "
        "'kaiming' or 'fsc_auto'; got 'fcs'",
    ),
    Case(
        "scaling of another family",
        "{scaling: {name: resnet_fsc}, model: {batch_norm: false}, training: {optimizer: sgd}}",
        "scaling.name: scaling 'resnet_fsc' is not defined for architecture 'mlp'; use one of ntk, "
        "mf_mup, fsc, mup, default, kaiming",
    ),
    Case(
        "calibration of a family that has none",
        "title: A\ndataset: {source: digits, n_train: 64}\nmodel: {family: cnn}\n"
        "scaling: {name: fsc_auto}\ngrid: {dropout: [0]}",
        "scaling.name 'fsc_auto' is not defined for model.family 'cnn'; use one of default, "
        "kaiming",
        whole=True,
    ),
    Case(
        "scaling of a shallow network",
        "{scaling: {name: fsc}, model: {depth: 2}}",
        "model.depth 2 is too small for a scaling, which tells input, hidden and output matrices "
        "apart; use at least 3",
    ),
    Case(
        "scaling under batch norm",
        "{scaling: {name: fsc}, training: {optimizer: sgd}}",
        "model.batch_norm true undoes the scaling 'fsc' of the weights; use false, or one of the "
        "scalings default, kaiming",
    ),
    Case(
        "scaling with adam",
        "{scaling: {name: fsc}, model: {batch_norm: false}}",
        "training.optimizer 'adam' does not go with scaling 'fsc', whose learning rates are for "
        "gradient descent; use 'sgd' or 'scale_invariant_sgd'",
    ),
    Case(
        "scaling and an initialization",
        "{scaling: {name: kaiming}, model: {initialization: kaiming_normal}}",
        "model.initialization 'kaiming_normal' has no effect beside a scaling, which draws the "
        "weights itself; leave it out",
    ),
    Case(
        "more calibration images than there are",
        "{scaling: {name: fsc_auto, calibration_images: 65}, model: {batch_norm: false}, "
        "training: {optimizer: sgd}}",
        "scaling.calibration_images 65 is more than dataset.n_train 64; use at most 64",
    ),
    Case(
        "branch scale above 1",
        "model: {family: resnet, branch_scale: 1.5}",
        "model: branch_scale must lie in [0, 1], not 1.5",
    ),
    Case(
        "branch scale of no rule",
        "model: {family: resnet, branch_scale: 1/m}",
        "model: branch_scale must be a number or a rule such as '1/L', '0.5/sqrt(L)' or '1', not "
        "'1/m'",
    ),
    Case(
        "dropout in a residual network",
        "model: {family: resnet, dropout: 0.1}",
        "model: dropout is not offered by family 'resnet'; leave it out or give 0; got dropout 0.1",
    ),
    Case(
        "step of a network that is not in evaluation mode",
        "measure: {metrics: [sensitivity], batch_norm_modes: [batch_statistics]}",
        "measure.metrics[0]: 'sensitivity' is of a network in evaluation mode; add "
        "'running_statistics' to measure.batch_norm_modes",
    ),
    Case(
        "more images for a step than there are",
        "measure: {step_images: 65}",
        "measure.step_images: 65 is more than dataset.n_train 64; use at most 64, or null for all",
    ),
    Case(
        "number for true or false",
        "model: {batch_norm: 1}",
        "model.batch_norm: input should be a valid boolean; got 1",
    ),
    Case(
        "infinite number",
        "training: {eps: .inf}",
        "training.eps: expected a finite number, got inf",
    ),
    Case(
        "not a number",
        "training: {learning_rate: .nan}",
        "training.learning_rate: expected a finite number, got nan",
    ),
    Case(
        "noise above 1",
        "noise: {label_noise: 1.5}",
        "noise.label_noise: input should be less than or equal to 1; got 1.5",
    ),
    Case(
        "noise below 0, on an axis",
        "grid: {data_noise: [0, -0.1]}",
        "grid.data_noise[1]: input should be greater than or equal to 0; got -0.1",
    ),
    Case(
        "noise said twice",
        "noise: {data_noise: 0.1, label_noise: 0.2}",
        "noise.data_noise sets label_noise and input_noise at once; give either it or them",
    ),
    Case(
        "static noise under `dataset`",
        "dataset: {static_label_noise: 0.3}",
        "dataset.static_label_noise 0.3: static noise is asked for under `noise`, e.g. "
        "{kind: static, label_noise: 0.3}",
    ),
    Case(
        "unknown data set",
        "dataset: {source: digit}",
        "dataset.source: there is no data set called 'digit'. Did you mean 'digits'? Data sets: …",
    ),
    Case(
        "more images than there are",
        "dataset: {n_train: 5000}",
        "dataset: n_train = 5000 is more than digits has: 1797 images in all. "
        "Use n_train of at most 1797",
    ),
    Case(
        "batch larger than the training set",
        "training: {batch_size: 65}",
        "training.batch_size 65 is larger than the training set (dataset.n_train 64); "
        "use at most 64, or 'full'",
    ),
    Case(
        "values right alone, wrong together",
        "{training: {batch_size: full}, grid: {n_train: [64, 16], batch_size: [32]}}",
        "grid at dropout=0.0, n_train=16, batch_size=32: training.batch_size 32 is larger than the "
        "training set (dataset.n_train 16); use at most 16, or 'full'",
    ),
    Case(
        "batch of no number",
        "training: {batch_size: half}",
        "training.batch_size: input should be a valid integer or 'full'; got 'half'",
    ),
    Case(
        "batch below 1",
        "training: {batch_size: -3}",
        "training: batch_size must be at least 1, or 'full'; got batch_size -3",
    ),
    Case(
        "momentum with adam",
        "training: {momentum: 0.9}",
        "training: momentum belongs to optimizer 'sgd'; 'adam' takes beta1 and beta2; "
        "got momentum 0.9",
    ),
    Case(
        "momentum axis with adam",
        "grid: {momentum: [0, 0.9]}",
        "grid.momentum[1]: momentum belongs to optimizer 'sgd'; 'adam' takes beta1 and beta2; "
        "got 0.9",
    ),
    Case(
        "empty grid",
        "grid: {dropout: null}",
        "grid: empty; give at least one axis with values",
    ),
    Case("grid that is a list", "grid: [dropout]", "grid: expected a mapping from axis to …"),
    Case(
        "empty axis",
        "grid: {dropout: []}",
        "grid.dropout: expected a list of at least one value, got []",
    ),
    Case(
        "axis that is no list",
        "grid: {dropout: 0.1}",
        "grid.dropout: expected a list of at least one value, got 0.1",
    ),
    Case(
        "value twice on an axis",
        "grid: {dropout: [0, 0.1, 1e-1]}",
        "grid.dropout[2]: the value 0.1 appears twice; keep one",
    ),
    Case(
        "unknown axis",
        "grid: {learning_rates: [0.1]}",
        "grid.learning_rates: unknown axis; did you mean 'learning_rate'? known: …",
    ),
    Case(
        "seeds as an axis",
        "grid: {seed: [1, 2]}",
        "grid.seed: seeds have a key of their own, `seeds`",
    ),
    Case(
        "two axes for the same setting",
        "grid: {data_noise: [0, 0.1], label_noise: [0, 0.2]}",
        "grid: axes 'data_noise' and 'label_noise' both set noise.label_noise; keep one",
    ),
    Case(
        "number as text on an axis",
        "grid: {dropout: ['0.1']}",
        "grid.dropout[0]: expected a number, got '0.1'",
    ),
    Case(
        "'full' on an axis",
        "grid: {batch_size: [full]}",
        "grid.batch_size[0]: expected a number, got 'full'; write the number of images",
    ),
    Case(
        "true on an axis",
        "grid: {negative_slope: [true]}",
        "grid.negative_slope[0]: input should be a valid number; got True",
    ),
    Case(
        "unknown metric",
        "measure: {metrics: [data_seperation]}",
        "measure.metrics[0]: unknown metric 'data_seperation'; did you mean 'data_separation'? "
        "known: …",
    ),
    Case(
        "one metric, no list",
        "measure: {metrics: data_separation}",
        "measure.metrics: input should be a list; got 'data_separation'",
    ),
    Case(
        "unknown batch-norm mode",
        "measure: {batch_norm_modes: [running]}",
        "measure.batch_norm_modes.0: input should be 'running_statistics' or 'batch_statistics'; "
        "got 'running'",
    ),
    Case(
        "mode that the network cannot give",
        "{model: {batch_norm: false}, measure: {batch_norm_modes: [batch_statistics]}}",
        "measure.batch_norm_modes: 'batch_statistics' needs model.batch_norm: true",
    ),
    Case(
        "checkpoint after the end",
        "checkpoints: [0, 6]",
        "checkpoints[1]: expected an epoch from 0 to training.epochs (5) or 'final', got 6",
    ),
    Case("seed twice", "seeds: [1, 2, 1]", "seeds[2]: the seed 1 appears twice; keep one"),
    Case("negative seed", "seeds: [-1]", "seeds[0]: expected an integer ≥ 0, got -1"),
    Case("no seeds", "seeds: 0", "seeds: expected at least 1, got 0"),
    Case(
        "number of seeds as text",
        "seeds: '3'",
        "seeds: expected a number of seeds or a list of them, got '3'",
    ),
    Case("empty shards", "shard_size: 0", "shard_size: expected an integer of at least 1, got 0"),
    Case(
        "unknown precision",
        "dtype: float16",
        "dtype: input should be 'float32' or 'float64'; got 'float16'",
    ),
    Case("no title", "title: ''", "title: give the experiment a title (text), got ''"),
    Case("template of no sort", "template: 'no'", "template: expected true or false, got 'no'"),
    Case("extends nothing", "extends: nothing", "extends: there is no experiment 'nothing' in …"),
    Case("extends itself", "extends: x", "extends: 'x' extends itself in a circle"),
    Case(
        "extends a path",
        "extends: ../x",
        "extends: expected an experiment's name, got '../x'",
    ),
    Case(
        "key twice",
        "title: A\ntitle: B",
        "not valid YAML: line 2: the key 'title' appears twice; keep one",
        whole=True,
    ),
    Case(
        "not YAML",
        "grid: {dropout: [0, 0.1}",
        "not valid YAML: while parsing a flow sequence …",
        whole=True,
    ),
    Case("empty file", "", "expected a mapping of settings, got NoneType", whole=True),
    Case(
        "no data set",
        "title: A\ngrid: {dropout: [0]}",
        "dataset: missing; e.g. {source: mnist_5k, n_train: 2560}",
        whole=True,
    ),
]


def _write(folder: Path, case: Case) -> Path:
    path = folder / "x.yaml"
    text = case.yaml
    if not case.whole:
        text = yaml.safe_dump(_overlay(yaml.safe_load(GOOD), yaml.safe_load(text)), sort_keys=False)
    path.write_text(text, encoding="utf-8")
    return path


def _refusal(case: Case, folder: Path) -> str:
    """The whole message of the refusal."""
    _write(folder, case)
    with pytest.raises(ConfigError) as caught:
        load_experiment("x", "laptop", folder)
    return str(caught.value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what.replace(" ", "-"))
def test_wrong_experiments_are_refused_in_one_sentence(case, tmp_path):
    message = _refusal(case, tmp_path)
    assert "\n" not in message
    assert message.startswith(f"{tmp_path / 'x.yaml'}")
    told, _, rest = case.error.partition("…")
    assert told in message, message
    assert rest == "" and (message.endswith(told) or "…" in case.error), message


PROBE = """
title: A probe
kind: probe
model: {family: resnet, depth: 6, width: 8}
grid: {depth: [4, 6]}
"""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"model": {"branch_scale": 1.5}}, "branch_scale must lie in [0, 1], not 1.5"),
        ({"model": {"branch_scale": -0.1}}, "branch_scale must lie in [0, 1], not -0.1"),
        ({"model": {"branch_scale": "1/l"}},
         "branch_scale must be a number or a rule such as '1/L', '0.5/sqrt(L)' or '1', not '1/l'"),
        ({"model": {"branch_scale": "3/sqrt(L)"}},
         "branch_scale must lie in [0, 1], not 3/sqrt(L) (1.22474 at depth 6)"),
        ({"grid": {"branch_rule": ["1/L", "3/L"], "depth": [5, 2]}},
         "grid.depth[1]: input should be greater than or equal to 3; got 2"),
        ({"grid": {"branch_rule": ["1/L", 0.5]}}, "grid.branch_rule[1]: expected text, got 0.5"),
        ({"grid": {"branch_scale": ["1/L"]}}, "grid.branch_scale[0]: expected a number, got '1/L'"),
        ({"grid": {"branch_scale": [0.1], "branch_rule": ["1/L"]}},
         "grid: axes 'branch_rule' and 'branch_scale' both set model.branch_scale; keep one"),
        ({"model": {"depth": 2}}, "model.depth: input should be greater than or equal to 3; got 2"),
        ({"scaling": {"name": "fsc"}},
         "scaling 'fsc' is not defined for architecture 'resnet'; use one of resnet_fsc, default, "
         "kaiming"),
        ({"scaling": {"name": "resnet_fsc"}, "grid": {"branch_scale": [0.5, 1.0], "depth": [40]}},
         "scaling 'resnet_fsc' holds for branch_scale of order 1/sqrt(depth); 1 at depth 40 is"),
        ({"scaling": {"name": "fcs"}}, "scaling.name: input should be 'ntk', 'mf_mup'"),
        ({"grid": {"scaling": ["resnet_fsc", "fcs"]}}, "grid.scaling[1]: input should be 'ntk'"),
        ({"probe": {"learning_rates": "scaling"}},
         "probe.learning_rates 'scaling' needs scaling.name, e.g. 'fsc'; or 'balanced'"),
        ({"probe": {"step": 0.0}}, "probe.step: input should be greater than 0; got 0.0"),
        ({"training": {"epochs": 3}}, "training: not a setting of an experiment of kind 'probe'"),
        ({"model": {"dropout": 0.1}}, "model.dropout: unknown key; known: branch_scale, depth"),
        ({"grid": {"dropout": [0.1]}}, "grid.dropout[0]: unknown key"),
        ({"grid": {"depth": {"from": 3, "to": 9, "points": 2, "spacing": "even"}}},
         "grid.depth.spacing: expected linear or log"),
        ({"grid": {"depth": {"from": 9, "to": 3}}}, "grid.depth: expected from < to, got 9 and 3"),
        ({"grid": {"depth": {"from": 3, "to": 9.5}}}, "grid.depth: expected whole numbers"),
        ({"grid": {"depth": {"from": 3, "upto": 9}}}, "grid.depth: upto: unknown key"),
        ({"grid": {"branch_scale": {"from": 0, "to": 1, "points": 3, "spacing": "log"}}},
         "grid.branch_scale.from: logarithmic spacing needs a positive number, got 0"),
        ({"grid": {"branch_scale": {"from": 0.1, "to": 1, "points": 1}}},
         "grid.branch_scale.points: expected an integer of at least 2, got 1"),
    ],
)  # fmt: skip
def test_wrong_probes_are_refused(changes, told, tmp_path):
    raw = yaml.safe_load(PROBE)
    for section, values in changes.items():
        raw[section] = values if section == "grid" else {**raw.get(section, {}), **values}
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(raw))
    with pytest.raises(ConfigError) as caught:
        load_experiment("x", "laptop", tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'x.yaml'}")
    assert told in message
    assert "\n" not in message


def test_spaced_values(tmp_path):
    raw = yaml.safe_load(PROBE)
    raw["grid"] = {
        "depth": {"from": 3, "to": 12, "step": 4},
        "branch_scale": {"from": 1e-3, "to": 1, "points": 4, "spacing": "log"},
        "negative_slope": {"from": 0, "to": 1, "points": 5},
    }
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(raw))
    assert load_experiment("x", "laptop", tmp_path).grid == {
        "depth": (3, 7, 11),
        "branch_scale": (0.001, 0.01, 0.1, 1.0),
        "negative_slope": (0.0, 0.25, 0.5, 0.75, 1.0),
    }


def test_there_are_enough_cases():
    assert len({case.what for case in CASES}) == len(CASES) >= 25


@pytest.mark.parametrize("name", ["../x", "x/y", "X", "1x", "x.y", "", "x\n", "-x"])
def test_an_experiment_is_a_name_and_no_path(name, tmp_path):
    (tmp_path / "sub").mkdir()
    _write(tmp_path, Case("", "{}", ""))
    with pytest.raises(ConfigError, match="is no experiment's name"):
        load_experiment(name, "smoke", tmp_path / "sub")


@pytest.mark.parametrize("name", ["My Grid.yaml", "2nd.yaml", "a-b.yaml", "a.b.yaml", "x.yml"])
def test_badly_named_files_are_refused(name, tmp_path):
    (tmp_path / name).write_text(GOOD)
    with pytest.raises(ConfigError, match=re.escape(str(tmp_path / name))):
        experiment_names(tmp_path)


def test_unknown_presets_and_files_are_refused(tmp_path):
    _write(tmp_path, Case("", "{}", ""))
    with pytest.raises(ConfigError, match="unknown 'smokey'; known: smoke, laptop, paper"):
        load_experiment("x", "smokey", tmp_path)
    with pytest.raises(ConfigError, match="there is no such file"):
        load_experiment("y", "smoke", tmp_path)
    (tmp_path / "z.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"z\.yaml: cannot be read: "):
        load_experiment("z", "smoke", tmp_path)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"presett": "smoke"}, "presett: unknown key; did you mean 'preset'?"),
        ({"preset": "huge"}, "preset: input should be 'smoke', 'laptop' or 'paper'; got 'huge'"),
        ({"device": "gpu"}, "device: input should be 'auto', 'cpu' or 'cuda'; got 'gpu'"),
        ({"save_every": 0}, "save_every: input should be greater than 0; got 0"),
        ({"save_every": True}, "save_every: input should be a valid number; got True"),
        ({"save_every": float("nan")}, "save_every: input should be "),
        ({"download": "perhaps"}, "download: input should be a valid boolean"),
        ({"data_dir": 7}, "data_dir: input should be a valid string; got 7"),
    ],
)
def test_config_yaml_is_refused_in_words(given, told):
    with pytest.raises(ConfigError) as caught:
        load_workflow_config(given, "config/config.yaml")
    assert str(caught.value).startswith("config/config.yaml: ")
    assert told in str(caught.value)


def test_config_yaml_takes_what_a_command_line_gives():
    given = load_workflow_config({"download": "false", "verbose": "no", "save_every": 5}, "x")
    assert (given.download, given.verbose, given.save_every) == (False, False, 5.0)


# --- reading and merging ------------------------------------------------------------------------
def test_extends_and_then_the_preset(tmp_path):
    (tmp_path / "base.yaml").write_text(
        "template: true\n" + GOOD + "presets: {paper: {seeds: 4, training: {epochs: 7}}}\n"
    )
    (tmp_path / "x.yaml").write_text(
        "extends: base\ntitle: Mine\nmodel: {width: 9}\ngrid: {dropout: null, depth: [2, 3]}\n"
        "seeds: 2\npresets: {paper: {model: {width: 10}}}\n"
    )
    assert experiment_names(tmp_path) == ("x",)
    laptop = load_experiment("x", "laptop", tmp_path)
    paper = load_experiment("x", "paper", tmp_path)
    assert laptop.title == "Mine"
    # Mappings merge, other values replace, null takes an axis away.
    assert laptop.settings["model"] == {"depth": 3, "width": 9}
    assert laptop.grid == {"depth": (2, 3)}
    assert laptop.seeds == (1, 2)
    # The preset comes last, the parent's part of it included.
    assert paper.settings["model"]["width"] == 10
    assert paper.settings["training"] == {"epochs": 7, "batch_size": 32}
    assert paper.seeds == (1, 2, 3, 4)
    assert paper.checkpoints == (7,)


def test_yaml_is_read_as_people_write_it(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("a: 1e-3\nb: 2E+1\nc: &c {x: 1}\nd: {<<: *c, y: 2}\n")
    assert read_yaml(path) == {"a": 1e-3, "b": 20.0, "c": {"x": 1}, "d": {"x": 1, "y": 2}}


def test_a_value_need_not_go_with_a_setting_that_another_axis_replaces(tmp_path):
    # 16 images are fewer than the fixed batch of 32, but no run of the grid has that batch.
    _write(tmp_path, Case("", "grid: {n_train: [64, 16], batch_size: [8, 16]}", ""))
    assert load_experiment("x", "smoke", tmp_path).grid["n_train"] == (64, 16)


def test_every_experiment_of_the_repository_loads():
    folder = ROOT / "config" / "experiments"
    for name in experiment_names(folder):
        for preset in PRESETS:
            assert load_experiment(name, preset, folder).preset == preset


# --- the document -------------------------------------------------------------------------------
_MEANINGS = {
    "model.family": "kind of network",
    "noise.kind": "`fresh` is redrawn at every step, `static` drawn once and stored",
    "training.optimizer": "Adam, gradient descent with momentum, or gradient descent with "
    "layerwise rates 1/(L ∣G_l∣²) of each step",
    "training.learning_rate": "step size",
    "training.epochs": "passes over the training set",
    "training.loss": "what is minimised",
    "measure.metrics": "names of metrics",
    "measure.batch_norm_modes": "statistics that batch norm uses when measuring",
    "preset": "size of every experiment",
    "device": "`auto` takes the GPU where there is one",
    "dtype": "precision of training",
}


def _type(annotation: Any) -> str:
    if annotation is type(None):
        return "null"
    if get_origin(annotation) is tuple:
        return f"list of {_type(get_args(annotation)[0])}"
    if arguments := get_args(annotation):
        return ", ".join(f"`{a}`" if isinstance(a, str) else _type(a) for a in arguments)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "mapping"
    return {int: "integer", float: "number", str: "text", bool: "true or false"}[annotation]


def _plain(value: Any) -> str:
    if isinstance(value, BaseModel):
        return "see below"
    if isinstance(value, tuple):
        return f"`[{', '.join(value)}]`"
    return "`" + yaml.safe_dump(value).split("\n")[0] + "`"


def _rows(prefix: str, model: type[BaseModel], skip: tuple[str, ...] = ()) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name in skip:
            continue
        key = f"{prefix}{name}"
        default = (
            "required"
            if field.is_required()
            else _plain(field.get_default(call_default_factory=True))
        )
        meaning = (field.description or _MEANINGS[key]).replace("|", "∣")
        limits = [
            f"{sign} {getattr(m, attribute):g}"
            for m in field.metadata
            for attribute, sign in (("gt", ">"), ("ge", "≥"), ("lt", "<"), ("le", "≤"))
            if getattr(m, attribute, None) is not None and getattr(m, attribute) < 2**62
        ]
        kind = ", ".join([_type(field.annotation), *limits])
        yield f"| `{key}` | {kind} | {default} | {meaning.rstrip('.')} |"


def _settings_table() -> str:
    families = [get_args(tagged)[0] for tagged in get_args(get_args(ModelSettings)[0])]
    rows = [
        *_rows("dataset.", DatasetRecipe, ("static_label_noise", "static_input_noise")),
        *(
            row.replace("| `model.", f"| {family.model_fields['family'].default}: `model.")
            for family in families
            for row in _rows("model.", family)
        ),
        *_rows("noise.", NoiseSettings),
        *_rows("training.", TrainingSettings),
        *_rows("training.early_stop.", EarlyStop),
        *_rows("scaling.", ScalingSettings),
        *_rows("", TrainingRun, ("dataset", "model", "noise", "training", "scaling", "seed")),
        *_rows("measure.", MeasureSettings),
    ]
    return "\n".join(["| key | type | default | meaning |", "|---|---|---|---|", *rows])


def _chain_table() -> str:
    rows = [
        row.replace("| `chain.", f"| {chain.model_fields['order'].default} order: `chain.")
        for chain in (FirstOrderChain, SecondOrderChain)
        for row in _rows("chain.", chain)
    ]
    rows += _rows("fit.", FitSettings)
    return "\n".join(["| key | type | default | meaning |", "|---|---|---|---|", *rows])


def _probe_table() -> str:
    rows = [
        *(
            row.replace("| `model.", f"| {family.model_fields['family'].default}: `model.")
            for family in (ProbedMLP, ProbedResNet)
            for row in _rows("model.", family)
        ),
        *_rows("scaling.", ProbeScaling),
        *_rows("probe.", ProbeSettings),
    ]
    return "\n".join(["| key | type | default | meaning |", "|---|---|---|---|", *rows])


def _axes_table() -> str:
    rows = [
        f"| `{name}` | {', '.join('`' + '.'.join(path) + '`' for path in axis.paths)} "
        f"| {axis.long_name} |"
        for name, axis in AXES.items()
    ]
    return "\n".join(["| axis | sets | meaning |", "|---|---|---|", *rows])


def _workflow_table() -> str:
    rows = _rows("", WorkflowConfig)
    return "\n".join(["| key | type | default | meaning |", "|---|---|---|---|", *rows])


def _errors_table() -> str:
    def cell(text: str) -> str:
        return "`" + text.replace("\n", "` `").replace("|", "∣") + "`" if text else "(nothing)"

    rows = [f"| {c.what} | {cell(c.yaml)} | {c.error.replace('|', '∣')} |" for c in CASES]
    return "\n".join(["| what is wrong | written | error |", "|---|---|---|", *rows])


_TABLES = {
    "settings": _settings_table,
    "chains and fits": _chain_table,
    "probes": _probe_table,
    "axes": _axes_table,
    "config.yaml": _workflow_table,
    "errors": _errors_table,
}


def _with_tables(text: str) -> str:
    for name, table in _TABLES.items():
        start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(start)
        text = f"{before}{start}\n\n{table()}\n\n{end}{rest.partition(end)[2]}"
    return text


def test_the_document_shows_every_key_and_every_refusal():
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == _with_tables(text), "run `python tests/test_config.py`"
    for key in _KEYS:
        assert f"`{key}`" in text or f"`{key}." in text, key


def test_the_documented_example_is_a_grid(tmp_path):
    text = DOCUMENT.read_text(encoding="utf-8")
    example = re.search(r"```yaml\n# config/experiments/(\w+)\.yaml\n(.*?)```", text, re.S)
    (tmp_path / f"{example[1]}.yaml").write_text(example[2])
    for preset in PRESETS:
        runs = expand(load_experiment(example[1], preset, tmp_path))
        assert set(runs[0].coordinates) == {"momentum", "negative_slope", "seed"}
    assert f"figures/maps/{example[1]}/data_separation.pdf" in text
    assert f"results/laptop/cubes/{example[1]}.zarr.zip" in text


if __name__ == "__main__":
    DOCUMENT.write_text(_with_tables(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            print(_refusal(case, Path(folder)).replace(folder, ""), file=sys.stderr)
