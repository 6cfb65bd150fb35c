"""Which runs would tell most."""

from __future__ import annotations

import numpy as np
import pytest
from made.planes import PLANE, Runs, line, samples

from layeratlas.config.refine import SeedRange
from layeratlas.refining.boundary import boundary
from layeratlas.refining.choosing import Known, choose
from layeratlas.refining.surface import Surface

SEEDS = SeedRange.of(2, 6)


def asked(runs: Runs, steps: int = 5, number: int = 24, each: int = 2, counts=None):
    found = samples(runs, steps, each)
    surface = Surface(found)
    points = PLANE.values(found.places)
    counts = np.full(len(points), each) if counts is None else counts
    known = Known(surface, boundary(surface, 0.0), PLANE, points, counts)
    return surface, points, choose(known, SEEDS, number)


def test_runs_go_where_the_boundary_is():
    _, _, chosen = asked(Runs(), number=30)
    places = PLANE.unit(np.array([values for _, values, _ in chosen]))
    near = np.sqrt(((places[:, None] - line(401)[None]) ** 2).sum(-1)).min(1)
    assert np.median(near) < 0.06
    assert 30 <= sum(number for *_, number in chosen) <= 31


def test_noise_asks_for_seeds_and_silence_for_points():
    _, _, loud = asked(Runs(common=0.0, alone=0.3), steps=7)
    _, _, quiet = asked(Runs(common=0.0, alone=0.0005), steps=4)
    again = [sum(n for which, _, n in chosen if which is not None) for chosen in (loud, quiet)]
    assert again[0] > again[1] == 0


def test_no_point_gets_more_seeds_than_there_are():
    _, _, chosen = asked(Runs(common=0.0, alone=0.3), number=400)
    for which, _, number in chosen:
        assert number + (0 if which is None else 2) <= SEEDS.to


def test_points_that_gave_no_number_are_asked_no_further():
    found = samples(Runs(), 5)
    counts = np.full(len(found.places), 2)
    lost = 14
    counts[lost] = 3
    _, _, chosen = asked(Runs(common=0.0, alone=0.4), steps=5, number=200, counts=counts)
    assert lost not in [which for which, *_ in chosen]


def test_new_points_are_new_and_of_the_lattice():
    _, points, chosen = asked(Runs(alone=0.001))
    known = {tuple(point) for point in points.tolist()}
    lattice = {tuple(point) for point in PLANE.values(PLANE.lattice()).tolist()}
    new = [values for which, values, _ in chosen if which is None]
    assert new and not known & set(new) and set(new) <= lattice


@pytest.mark.parametrize("draw", [0, 1])
def test_what_is_chosen_follows_from_the_values_alone(draw):
    assert asked(Runs(draw=draw))[2] == asked(Runs(draw=draw))[2]
