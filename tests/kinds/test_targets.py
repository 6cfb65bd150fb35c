"""Losses and metrics that do not fit the targets are refused; what fits is trained and measured."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from made import zoo
from made.trained import trained_cube

from layeratlas.errors import ConfigError
from layeratlas.kinds.targets import recorded_scores

REGRESSION = {"source": "arrays", "path": "curve.npz", "n_train": 40}
TEXT = {"source": "text", "path": "fox.txt", "context": 8, "n_train": 32, "n_test": 8}
GPT = {"family": "module", "from": "gpt.py:GPT", "settings": {"dim": 8}}
NORMS = {"metrics": ["feature_norm", "hessian_trace"]}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with a regression, signs, a text and a network for it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAYERATLAS_BASE", str(tmp_path))
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 5))
    np.savez("curve.npz", x=x, y=np.stack([x[:, 0] * x[:, 1], x[:, 2]], 1))
    np.savez("signs.npz", x=x, y=np.sign(x[:, :1]))
    (tmp_path / "fox.txt").write_text("the quick brown fox jumps over the lazy dog. " * 20)
    (tmp_path / "gpt.py").write_text(Path(zoo.__file__).read_text())
    return tmp_path


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"dataset": REGRESSION, "measure": NORMS},
            "training.loss 'cross_entropy' is of classes or tokens, and dataset.source 'arrays' "
            "has vectors for targets; use 'mean_squared_error', 'half_squared_error'",
        ),
        (
            {"dataset": TEXT, "model": GPT, "training": {"loss": "hinge"}, "measure": NORMS},
            "training.loss 'hinge' is of classes or vectors, and dataset.source 'text' has tokens "
            "for targets; use 'cross_entropy'",
        ),
        (
            {
                "dataset": REGRESSION,
                "training": {"loss": "half_squared_error", "encoding": "centred_one_hot"},
            },
            "training.encoding 'centred_one_hot' is of classes, and dataset.source 'arrays' has",
        ),
        (
            {"training": {"loss": "hinge", "encoding": "centred_one_hot"}},
            "encoding 'centred_one_hot' belongs to loss 'mean_squared_error', 'half_squared_error'",
        ),
        (
            {"dataset": REGRESSION, "training": {"loss": "mean_squared_error"}},
            "measure.metrics[0]: 'data_separation' is of classes, and dataset.source 'arrays' has "
            "vectors for targets; use e.g. 'hessian_top_eigenvalue'",
        ),
        (
            {
                "training": {"loss": "hinge", "optimizer": "sgd"},
                "scaling": {"name": "fsc_auto", "calibration_images": 8},
            },
            "scaling.name 'fsc_auto' is not defined for training.loss 'hinge'; use cross_entropy",
        ),
    ],
)
def test_what_does_not_fit_is_refused(folder, changes, told):
    with pytest.raises(ConfigError) as refused:
        trained_cube(folder, grid={"learning_rate": [0.01]}, **changes)
    assert told in str(refused.value)
    assert len(str(refused.value).removeprefix(str(folder))) <= 380


def test_a_regression_of_several_outputs(folder):
    training = {"loss": "mean_squared_error", "epochs": 40, "batch_size": 8}
    grid = {"learning_rate": [0.01], "loss": ["mean_squared_error", "half_squared_error"]}
    cube = trained_cube(folder, dataset=REGRESSION, training=training, measure=NORMS, grid=grid)
    evaluation = cube["evaluation"].to_dataset().squeeze()
    assert set(evaluation.data_vars) == {
        f"{split}_{what}" for split in ("train", "test") for what in ("explained_variance", "loss")
    }
    assert (evaluation["train_explained_variance"] > 0.5).all()
    y = np.load("curve.npz")["y"]
    mean, half = evaluation["test_loss"].values
    assert mean == pytest.approx(
        (1 - evaluation["test_explained_variance"].values[0]) * y.var(), rel=0.5
    )
    assert half < 4 * mean
    assert np.isfinite(cube["layers/feature_norm"].values).all()
    assert np.isfinite(cube["network/hessian_trace"].values).all()


@pytest.mark.parametrize("loss", ["logistic", "hinge"])
def test_signs_have_an_accuracy(folder, loss):
    dataset = {**REGRESSION, "path": "signs.npz"}
    training = {"loss": loss, "epochs": 30, "batch_size": 8}
    cube = trained_cube(
        folder, dataset=dataset, training=training, measure=NORMS, grid={"learning_rate": [0.01]}
    )
    assert cube["evaluation/train_accuracy"].item() > 0.9
    assert "train_explained_variance" not in cube["evaluation"]


def test_classes_learn_by_every_loss(folder):
    losses = ["cross_entropy", "mean_squared_error", "half_squared_error", "logistic", "hinge"]
    model = {"depth": 2, "width": 32, "batch_norm": False}
    training = {"epochs": 60, "batch_size": 8, "learning_rate": 0.01}
    cube = trained_cube(folder, model=model, training=training, grid={"loss": losses})
    assert (cube["evaluation/train_accuracy"] > 0.6).all(), cube["evaluation/train_accuracy"].values


def test_next_tokens_are_learned_position_by_position(folder):
    training = {"epochs": 6, "batch_size": 8}
    measure = {"metrics": ["feature_norm"]}
    cube = trained_cube(
        folder, dataset=TEXT, model=GPT, training=training, measure=measure,
        grid={"learning_rate": [0.02]}, checkpoints=[0, 6],
    )  # fmt: skip
    evaluation = cube["evaluation"].to_dataset().squeeze()
    before, after = evaluation["train_loss"].values
    assert after < before
    assert 0 < evaluation["test_accuracy"].values[1] < 1


@pytest.mark.parametrize(
    ("source", "scores"),
    [("digits", {"accuracy"}), ("chain_monomial", {"accuracy", "explained_variance"})],
)
def test_what_is_scored_follows_the_targets(source, scores):
    recorded = recorded_scores(json.dumps({"source": source, "n_train": 10}))
    assert set(recorded) == {f"{s}_{what}" for s in ("train", "test") for what in {*scores, "loss"}}
