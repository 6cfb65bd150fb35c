"""What numbers of training mean where there is nothing to compare with."""

from __future__ import annotations

import numpy as np

from layeratlas.metrics import trained
from layeratlas.signals.views import Seen, View

SEEN = Seen(View(), np.zeros((4, 2)), np.zeros(4, int))


def sums_of(w, y):
    return (
        (w * y).sum()[None],
        (w**2).sum()[None],
        (y**2).sum()[None],
        w.sum(0)[None],
        y.sum(0)[None],
    )


def test_a_map_that_began_at_zero_has_not_moved_by_any_factor():
    found = trained.parameter_movement(np.array([3.0, 3.0]), np.array([2.0, 0.0]))
    np.testing.assert_array_equal(found, [1.5, np.nan])


def test_a_residual_against_the_labels_has_cosine_minus_one():
    y = np.eye(2)[[0, 1, 1, 0]]
    w = -3 * (y - y.mean(0))
    np.testing.assert_allclose(trained.residual_label_cosine(sums_of(w, y), SEEN), -1)


def test_labels_that_are_all_alike_and_no_residual_say_nothing():
    y = np.full((4, 2), 0.1)
    w = np.random.default_rng(0).normal(size=(4, 2))
    assert np.isnan(trained.residual_label_cosine(sums_of(w, y), SEEN)).all()
    assert np.isnan(trained.residual_label_cosine(sums_of(0 * w, np.eye(4)[:, :2]), SEEN)).all()


def test_outputs_of_positions_stand_one_after_the_other():
    made = np.arange(24.0).reshape(2, 3, 2, 2)
    assert trained.predictions(made).shape == (2, 3, 4)
    assert trained.predictions(made)[1, 2].tolist() == [20, 21, 22, 23]


def test_labels_are_taken_about_their_mean_and_the_residual_is_not():
    rng = np.random.default_rng(0)
    y, w = np.eye(2)[[0, 1, 1, 1]], rng.normal(size=(4, 2)) + 1
    labels = y - y.mean(0)
    plain = (w * labels).sum() / (np.linalg.norm(w) * np.linalg.norm(labels))
    np.testing.assert_allclose(trained.residual_label_cosine(sums_of(w, y), SEEN), plain)
