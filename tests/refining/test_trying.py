"""The search in memory, on quantities that are known and on chains of springs."""

from __future__ import annotations

import numpy as np
import pytest
from made.planes import PLANE, Runs, line
from made.springs_plane import (
    AT_REST,
    DIAGRAM,
    LEFT,
    beginning,
    distances,
    even,
    on_a_grid,
    turn_of,
)

from layeratlas.config.refine import SeedRange
from layeratlas.refining.stopping import NONE
from layeratlas.refining.trying import search


def made_up(runs: Runs):
    """A quantity of places as a function of points and seeds."""

    def call(points, seeds):
        places = PLANE.unit(points)
        table = runs.values(places, [[int(seed)] for seed in seeds], 10)
        return np.nanmax(table, axis=1)

    return call


FIRST = [[0.0, 0.5, 1.0, 1.5, 2.0], [1.0, 3.16228, 10.0, 31.6228, 100.0]]


def test_the_line_is_found_to_the_tolerance_with_few_runs():
    found = search(made_up(Runs()), PLANE, FIRST, tolerance=0.03, budget=150, batch=16)
    away = distances(np.concatenate(found.boundary.lines), line(801))
    assert np.sqrt((away**2).mean()) < 0.03 and found.runs <= 150
    assert found.steps[-1][1] <= 0.03 and found.steps[-1][2] <= 0.03
    assert [len(own) for own in found.seeds] == np.isfinite(found.values).sum(1).tolist()


def test_without_a_boundary_it_stops_at_once():
    def above(places):
        return 3.0 + 0.1 * places[:, 0]

    found = search(made_up(Runs(above)), PLANE, FIRST, budget=500)
    assert found.ended == NONE
    assert not found.boundary.exists and len(found.steps) == 1 and found.runs == 50


def test_a_larger_budget_goes_on_where_a_smaller_one_ended():
    runs = made_up(Runs(common=0.05, alone=0.1))
    short, long = (
        search(runs, PLANE, FIRST, tolerance=0.001, budget=budget, batch=12) for budget in (80, 100)
    )
    assert len(short.steps) < len(long.steps)
    np.testing.assert_array_equal(short.points, long.points[: len(short.points)])


def test_springs_turn_where_a_grid_of_48_by_48_says():
    """With 15 % of the grid's cells at most."""
    grid = turn_of(on_a_grid(DIAGRAM, 48, 4))
    found = search(beginning(0), DIAGRAM, even(DIAGRAM, 6), tolerance=0.015, budget=345,
                   seeds=SeedRange.of(2, 4))  # fmt: skip
    ours = np.concatenate(found.boundary.lines)
    assert found.runs <= 0.15 * 48**2
    for away in (distances(ours, grid), distances(grid, ours)):
        assert np.sqrt((away**2).mean()) <= 0.02


def held(series: int) -> bool:
    """Whether the closed form is within the band all along, of a series of seeds."""
    up = (LEFT - AT_REST.y.low) / (AT_REST.y.high - AT_REST.y.low)
    exact = np.stack([np.linspace(0, 1, 101), np.full(101, up)], axis=1)
    found = search(
        beginning(series), AT_REST, even(AT_REST, 5), tolerance=0.004, budget=100, batch=16
    )
    mean, spread = found.surface.at(exact)
    return bool((np.abs(mean) <= found.boundary.band * spread).all())


@pytest.mark.slow
def test_the_closed_form_lies_within_the_band():
    assert sum(held(series) for series in range(1, 5)) >= 3


@pytest.mark.slow
def test_the_band_holds_the_closed_form_in_95_of_100_series_of_seeds():
    """Some six minutes."""
    assert sum(held(series) for series in range(1, 101)) >= 95
