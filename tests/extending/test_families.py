"""A family of networks in one short file of a user's: its settings, its training, its refusals."""

from __future__ import annotations

import numpy as np
import pytest
import yaml
from made.trained import TINY, trained_cube

from layeratlas.config.experiment import load_experiment
from layeratlas.engine.entries import measuring_entries, training_entries
from layeratlas.errors import ConfigError

LINEAR = '''
"""Deep linear networks without biases, all maps by one law."""
import math
from layeratlas.networks.affine import Affine
from layeratlas.networks.layout import ParameterLayout, ParameterTensor
from layeratlas.networks.registry import FAMILIES, FamilyEntry
from layeratlas.networks.stack import DenseStack

class Linear(DenseStack):
    name, has_batch_norm, activation, initialization = "linear", False, "tanh", "xavier_uniform"

    def __init__(self, sizes):
        pairs = list(enumerate(zip(sizes[1:], sizes), 1))
        tensors = [ParameterTensor(f"weight_{n}", pair, "weight", n) for n, pair in pairs]
        self.parameters = ParameterLayout(tuple(tensors))
        self.statistics = ParameterLayout((ParameterTensor("none", (1,), "statistic", 0),))
        self.layer_sizes = tuple(sizes)
        self.layer_names = ("input", *(f"map_{n}" for n, _ in pairs))
        self.affines = tuple(Affine(t.name, "dense", t.name, None, t.layer) for t in tensors)

    @classmethod
    def from_settings(cls, settings, input_shape, n_outputs):
        own = settings["settings"]
        return cls([math.prod(input_shape), *[own["width"]] * own["hidden"], n_outputs])

    def ensemble(self, *made):
        return self.by_autograd(*made)

def forward(family, parameters, statistics, x, members, mode, dropout=None, tape=None):
    features, one = [x], lambda rows: rows[:, :, None]
    for affine in family.affines:
        features.append(features[-1] @ parameters[affine.weight].mT)
        if tape is not None:
            tape.note(affine.name, *features[-2:], one, one)
    return features, dict(statistics)

FAMILIES.add(FamilyEntry("linear", "extensions.linear:Linear", "extensions.linear:forward",
                         settings={"hidden": 2, "width": 8}))
'''
MODEL = {"family": "linear", "settings": {"width": 5}}


@pytest.fixture
def linear(write):
    write("extensions/linear.py", LINEAR)


def test_a_users_family_is_trained_and_measured(linear, tmp_path):
    cube = trained_cube(tmp_path, model=MODEL, grid={"learning_rate": [1e-3, 1e-2]})
    assert (cube["status"] == 0).all()
    names = cube["layers/layer_name"].values.tolist()
    assert names == ["input", "map_1", "map_2", "map_3"]
    assert np.isfinite(cube["layers/data_separation"]).all()


def test_what_uses_it_runs_its_text_and_nothing_else_does(linear):
    def run(family):
        model = {
            "family": family,
            **({} if family == "linear" else {"initialization": "mean_field"}),
        }
        return {"model": model, "training": {"optimizer": "adam", "loss": "cross_entropy"}}

    for entries in (training_entries, measuring_entries):
        assert "extensions.linear:Linear" in entries([run("linear")])
        assert "extensions.linear:forward" in entries([run("linear")])
        assert not [name for name in entries([run("mlp")]) if name.startswith("extensions")]


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ({"family": "liner"}, "model.family: unknown 'liner'; did you mean 'linear'? known: mlp, "),
        ({"family": "linear", "settings": {"widht": 3}},
         "model.settings: widht: unknown setting of family 'linear'; did you mean 'width'?"),
        ({"family": "linear", "depth": 3}, "model.depth: unknown key; known: family, settings"),
        ({"family": "linear", "settings": {"width": 2.5}}, "model.settings: width: "),
    ],
)  # fmt: skip
def test_what_it_does_not_take_is_refused(linear, tmp_path, model, told):
    (tmp_path / "x.yaml").write_text(
        yaml.safe_dump({**TINY, "grid": {"momentum": [0]}, "model": model})
    )
    with pytest.raises(ConfigError) as refused:
        load_experiment("x", "smoke", tmp_path)
    assert told in str(refused.value) and len(str(refused.value)) <= 380
