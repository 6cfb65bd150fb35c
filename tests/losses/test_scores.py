"""Accuracy of classes, tokens and signs; variance explained of numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from made.kernels import SEEDS

from layeratlas.losses.cross_entropy import CrossEntropy
from layeratlas.losses.hinge import Hinge
from layeratlas.losses.mean_squared_error import MeanSquaredError
from layeratlas.losses.scores import evaluated, name_of_score, score, spread_of

CLASSES, TOKENS = np.array([0, 1, 1]), np.array([[0, 1], [1, 1], [0, 0]])


def test_what_is_evaluated_goes_by_targets_and_loss():
    numbers = np.ones((3, 2))
    assert name_of_score(CrossEntropy(), CLASSES) == "accuracy"
    assert name_of_score(CrossEntropy(), TOKENS) == "accuracy"
    assert name_of_score(MeanSquaredError(), CLASSES) == "accuracy"
    assert name_of_score(MeanSquaredError(), numbers) == "explained_variance"
    assert name_of_score(Hinge(), numbers) == "accuracy"
    assert evaluated("accuracy") == {
        "train_accuracy": "accuracy on the clean training set",
        "test_accuracy": "accuracy on the test set",
        "train_loss": "loss on the clean training set",
        "test_loss": "loss on the test set",
    }


def test_accuracy_is_the_fraction_right():
    outputs = np.array([[[2.0, 1.0], [0.0, 1.0], [3.0, 1.0]], [[0.0, 1.0]] * 3])
    np.testing.assert_allclose(score(CrossEntropy(), outputs, CLASSES, 1.0), [2 / 3, 2 / 3])
    signs = np.array([[1.0], [-1.0], [1.0]])
    np.testing.assert_allclose(score(Hinge(), outputs[..., :1] - 1, signs, 1.0), [1, 1 / 3])
    tokens = np.tile(outputs[:, :, None], (1, 1, 2, 1))
    np.testing.assert_allclose(score(CrossEntropy(), tokens, TOKENS, 1.0), [5 / 6, 3 / 6])


@given(seed=SEEDS)
def test_explained_variance_is_r_squared_and_adds_up_over_batches(seed):
    rng, loss = np.random.default_rng(seed), MeanSquaredError()
    y, f = rng.normal([0, 5, -2], size=(7, 3)), rng.normal(size=(2, 7, 3))
    spread = spread_of(y)
    found = score(loss, f, y, spread)
    total = ((y - y.mean(0)) ** 2).sum()
    np.testing.assert_allclose(found, [1 - ((one - y) ** 2).sum() / total for one in f])
    parts = [score(loss, f[:, some], y[some], spread) for some in (slice(0, 4), slice(4, 7))]
    np.testing.assert_allclose(4 / 7 * parts[0] + 3 / 7 * parts[1], found)
    np.testing.assert_allclose(score(loss, y[None], y, spread), [1])
    mean = np.broadcast_to(y.mean(0), (1, 7, 3))
    np.testing.assert_allclose(score(loss, mean, y, spread), [0], atol=1e-12)


def test_constant_targets_have_no_variance_to_explain():
    y = np.ones((4, 2))
    assert np.isnan(score(MeanSquaredError(), y[None], y, spread_of(y))).all()
