"""Series over depth, exponents and distances."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.papers.signal_propagation.depths import far, series, slope


def test_a_series_leaves_out_what_did_not_come_and_says_so(made_cubes):
    reached = np.ones((4, 3, 2))
    reached[3, :, 1] = 0
    reached[2, 0, 1] = 0
    found = series(made_cubes(alignment_mnist={"reached": reached}))
    assert [one.task for one in found] == ["Fashion-MNIST", "MNIST", "CIFAR-10"]
    assert found[1].depths.tolist() == [10, 15, 20] and list(found[1].absent) == [30]
    assert [n.shape.seeds for n in found[1].networks] == [3, 3, 2]
    assert found[0].of("peak").shape == found[0].mean_field.shape == (4,)
    cubes = made_cubes()
    del cubes["alignment_cifar10"]
    assert [one.experiment for one in series(cubes)] == [*cubes][:2]


def test_an_exponent_and_its_interval():
    x = np.array([10.0, 20, 40, 80])
    exact = slope(x, 3 * x**0.6)
    assert exact.value == pytest.approx(0.6) and exact.low == pytest.approx(0.6)
    rough = slope(x, 3 * x**0.6 * np.exp([0.1, -0.1, -0.1, 0.1]))
    assert rough.low < rough.value < rough.high and rough.points == 4
    # Residuals sum to 0.04 squared and are no slope; of log x the squares sum to 5 (ln 2)².
    error = (0.04 / 2 / (5 * np.log(2) ** 2)) ** 0.5
    assert (rough.high - rough.low) / 2 == pytest.approx(4.3027 * error, rel=1e-4)
    assert np.isnan(slope(x[:2], x[:2]).value)
    assert np.isnan(slope(np.ones(4), x).value)


def test_what_is_allowed_is_at_least_two_layers():
    off = far(np.array([6.0, 20.0]), np.array([4.0, 10.0]), np.array([5.0, 100.0]), 0.25)
    assert off.tolist() == [1.0, 0.4]
