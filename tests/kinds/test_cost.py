"""Multiply-adds of a network against those that torch counts in a pass."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from layeratlas.backends import get_backend
from layeratlas.kinds.cost import training_flop
from layeratlas.kinds.training import TrainingRun
from layeratlas.networks.registry import create_family
from layeratlas.tables import resolve

DATA = {"source": "digits", "n_train": 50}
NETWORKS = (
    {"family": "mlp", "depth": 1},
    {"family": "mlp", "depth": 4, "width": 7},
    {"family": "residual_mlp", "depth": 5, "width": 6},
    {"family": "block_cnn", "depth": 1, "channels": 3},
    {"family": "block_cnn", "depth": 4, "channels": 3},
)


def plain(model, **training):
    return TrainingRun.model_validate(
        {"dataset": DATA, "model": model, "training": {"epochs": 3, "batch_size": 20, **training}}
    ).canonical()


@pytest.mark.parametrize("model", NETWORKS, ids=str)
def test_a_family_multiplies_as_often_as_torch_counts(model):
    settings = plain(model)
    family = create_family(settings["model"], (1, 8, 8), 10)
    backend = get_backend("cpu", "float32", torch=True)
    theta, statistics = map(backend.from_numpy, family.initialize([1]))
    members = {name: np.zeros(1) for name in ("negative_slope", "dropout")}
    ensemble = family.ensemble(backend, theta, statistics, members, None)
    x = backend.from_numpy(np.ones((1, 64), "f4"))
    with FlopCounterMode(display=False) as counted:
        for _ in ensemble.features(x, "running_statistics"):
            pass
    # A pass of one image: two for each product.
    assert training_flop(settings) == 3 * counted.get_total_flops() * 50 * 3


@pytest.mark.parametrize(
    ("reference", "given"),
    [
        ("layeratlas.networks.zoo.vgg:VGG", {"depth": 11, "width": 0.125}),
        ("layeratlas.networks.zoo.resnet:ResNet", {"depth": 18, "width": 0.125}),
        ("layeratlas.networks.zoo.small_cnn:SmallCNN", {}),
    ],
)
def test_so_does_a_module(reference, given, tmp_path, monkeypatch):
    """Its trial counts, of convolutions with strides and shortcuts too."""
    monkeypatch.chdir(tmp_path)
    net = resolve(reference)(input_shape=(3, 32, 32), n_outputs=10, **given).eval()
    with FlopCounterMode(display=False) as counted, torch.no_grad():
        net(torch.zeros(1, 3, 32, 32))
    model = {"family": "module", "from": reference, "settings": given}
    settings = TrainingRun.model_validate(
        {"dataset": {"source": "cifar10", "n_train": 50}, "model": model,
         "training": {"epochs": 3, "batch_size": 20}}
    ).canonical()  # fmt: skip
    assert training_flop(settings) == 3 * counted.get_total_flops() * 50 * 3


def test_steps_and_images_count_and_not_how_they_are_batched():
    one = training_flop(plain(NETWORKS[1], epochs=1))
    assert training_flop(plain(NETWORKS[1], epochs=7, batch_size="full")) == 7 * one
    assert training_flop(plain(NETWORKS[1], epochs=0)) == 0


def test_of_a_family_of_unknown_sizes_nothing_is_said(monkeypatch):
    settings = plain(NETWORKS[1])
    settings["model"] = {"family": "somebodys"}
    assert training_flop(settings) is None
