"""A loss of one's own in a regression: trained, counted, refused where its gradient is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from made.trained import trained_cube

from layeratlas.engine.entries import training_entries
from layeratlas.errors import ConfigError
from layeratlas.extending import loading

REGRESSION = """\
title: A curve, by Huber's loss
dataset: {source: arrays, path: curve.npz, n_train: 40}
model: {depth: 3, width: 16, batch_norm: false, negative_slope: 0.2}
training: {loss: huber, loss_settings: {delta: 0.5}, epochs: 40, batch_size: 8}
measure: {metrics: [feature_norm]}
grid: {learning_rate: [0.01], delta: [0.5, 2.0]}
"""


@pytest.fixture
def folder(examples, monkeypatch) -> Path:
    """The examples with a curve beside them."""
    monkeypatch.chdir(examples)
    x = np.random.default_rng(0).normal(size=(60, 3))
    np.savez("curve.npz", x=x, y=np.stack([x[:, 0] * x[:, 1], x[:, 2]], 1))
    loading.load()
    return examples


def test_a_regression_by_a_loss_of_ones_own(folder):
    cube = trained_cube(folder, **yaml.safe_load(REGRESSION))
    assert cube["delta"].values.tolist() == [0.5, 2.0]
    assert (cube["evaluation/train_explained_variance"] > 0.5).all()
    assert len(np.unique(cube["evaluation/train_loss"])) == 2


def test_it_is_torchs_own(folder):
    loss = loading.resolve("extensions.huber:Huber")(0.5)
    rng = np.random.default_rng(0)
    f, y = rng.normal(size=(2, 2, 9, 3))
    z = torch.as_tensor(f).requires_grad_()
    theirs = torch.nn.functional.huber_loss(z, torch.as_tensor(y), reduction="none", delta=0.5)
    theirs.sum().backward()
    np.testing.assert_allclose(loss.value(f, y), theirs.detach().sum(-1), rtol=1e-12)
    np.testing.assert_allclose(loss.gradient(f, y), z.grad, rtol=1e-12)


def test_who_uses_it_counts_it_and_nobody_else(folder):
    training = {"optimizer": "adam", "loss": "cross_entropy"}
    run = {"model": {"family": "mlp", "initialization": "uniform_fan_in"}, "training": training}
    assert not any("huber" in entry for entry in training_entries([run]))
    training = {**training, "loss": "huber"}
    assert "extensions.huber:Huber" in training_entries([{**run, "training": training}])


def test_a_wrong_gradient_is_told_before_any_job(folder, write):
    text = (folder / "extensions" / "huber.py").read_text()
    write("extensions/halved.py", text.replace("huber", "halved").replace("Huber", "Halved")
          .replace(".clip(outputs - targets", ".clip((outputs - targets) / 2"))  # fmt: skip
    loading._loaded = None
    loading.load()
    asked = yaml.safe_load(REGRESSION)
    asked["training"]["loss"] = "halved"
    with pytest.raises(ConfigError, match=r"loss 'halved' .* gradient is not the derivative"):
        trained_cube(folder, **asked)
