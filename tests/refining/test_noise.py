"""How much runs differ, from few seeds each."""

from __future__ import annotations

import numpy as np
import pytest
from made.planes import Runs

from layeratlas.refining.noise import Samples, Spread
from layeratlas.refining.plane import square


def test_points_without_a_number_are_left_out():
    values = np.array([[1.0, 3.0], [np.nan, np.nan], [np.nan, 5.0]])
    found = Samples.of(square(1)[:3], values)
    assert found.kept.tolist() == [0, 2] and found.count.tolist() == [2, 1]
    assert found.mean.tolist() == [2.0, 5.0] and found.freedom == 1 and found.seeds == 2


def test_the_variance_of_runs_is_found_and_changes_over_the_plane():
    places = square(9)
    rng = np.random.default_rng(0)
    deviation = 0.1 + 0.9 * places[:, :1]
    found = Samples.of(places, deviation * rng.normal(size=(len(places), 4)))
    at = np.array([[0.1, 0.5], [0.9, 0.5]])
    np.testing.assert_allclose(found.spread.at(at) ** 0.5, [0.19, 0.91], rtol=0.2)


@pytest.mark.parametrize("each", [1, 2])
def test_seeds_that_make_no_difference_have_no_variance(each):
    places = square(3)
    seeds = [list(range(each))] * len(places)
    found = Samples.of(places, Runs(common=0, alone=0).values(places, seeds, 4))
    assert not found.spread.at(places).any() and not found.error.any()


def test_without_two_seeds_anywhere_nothing_is_known():
    spread = Spread(square(1), np.zeros(4), np.zeros(4, int))
    assert not spread.at(square(2)).any()
