"""The surface through noisy runs."""

from __future__ import annotations

import numpy as np
import pytest
from made.planes import Runs, samples, wave

from layeratlas.refining.noise import Samples
from layeratlas.refining.plane import square
from layeratlas.refining.surface import Surface


@pytest.fixture(scope="module")
def surface() -> Surface:
    return Surface(samples(Runs(), steps=6))


def test_it_is_near_the_quantity_and_knows_how_near(surface):
    places = square(20)
    mean, spread = surface.at(places)
    away = np.abs(mean - wave(places))
    assert away.max() < 0.08
    assert (away <= 3 * spread).mean() > 0.97


def test_what_seeds_do_everywhere_does_not_average_out_over_points():
    """The control: noise of runs alone does."""
    places = square(4)
    alike = Surface(samples(Runs(common=0.05, alone=0.005), steps=6))
    alone = Surface(samples(Runs(common=0.0, alone=0.05), steps=6))
    assert alike.share > 0.8 > 0.4 > alone.share
    assert np.median(alike.at(places)[1]) > 0.05 / np.sqrt(10) * 0.6


def test_covariance_slope_and_mean_agree(surface):
    places = square(3)
    _, spread = surface.at(places)
    own = np.sqrt(np.diag(surface.covariance(places, places)))
    np.testing.assert_allclose(spread, max(1.0, surface.misfit) * own, rtol=1e-6)
    step = np.array([1e-3, 0.0])
    change = surface.at(places + step)[0] - surface.at(places - step)[0]
    np.testing.assert_allclose(surface.slope(places)[:, 0], change / 2e-3, atol=0.05)


def test_what_other_points_foretell_is_the_fit_without_the_point(surface):
    """The naive twin: the same kernel, the point's runs taken out."""
    found, told = surface.samples, surface.foretold()
    own = surface._runs[:, 2] == 10
    covariance = surface._kernel(surface._runs) + 1e-9 * np.eye(len(own))
    y = (found.values[found.known] - found.mean.mean()) / found.mean.std()
    cross = covariance[np.ix_(own, ~own)]
    naive = cross @ np.linalg.solve(covariance[np.ix_(~own, ~own)], y[~own])
    expected = naive.mean() * found.mean.std() + found.mean.mean()
    np.testing.assert_allclose(told[10], expected, rtol=1e-6)


def test_bits_do_not_depend_on_the_order_of_calls():
    one, other = (Surface(samples(Runs(draw=3))) for _ in range(2))
    np.testing.assert_array_equal(one.at(square(5))[0], other.at(square(5))[0])


def test_two_points_are_no_surface():
    found = samples(Runs(), steps=1)
    few = Samples.of(found.places[:2], found.values[:2])
    with pytest.raises(ValueError, match="three points"):
        Surface(few)
