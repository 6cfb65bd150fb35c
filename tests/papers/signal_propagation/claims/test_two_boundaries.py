"""What is claimed of two boundaries can fail."""

from __future__ import annotations

import numpy as np
from made.planes import Runs
from made.point_cubes import point_cube

from layeratlas.papers.signal_propagation.claims.two_boundaries import two_boundaries


def judged(one: Runs, other: Runs):
    cubes = {"boundary_dropout": point_cube(one), "boundary_alignment": point_cube(other)}
    return {(claim.id, claim.subject): claim for claim in two_boundaries(cubes, {})}


def shifted(places):
    return places[:, 1] - 0.5 + 0.2 * np.cos(3 * places[:, 0])


def above(places):
    return 1.0 + 0.2 * places[:, 0]


def chance(places):
    """Nothing that a neighbour foretells."""
    seeds = np.rint(1e6 * places).astype(int).tolist()
    return np.array([np.random.default_rng(seed).normal() for seed in seeds])


def test_two_lines_that_are_elsewhere_hold_and_shuffled_values_foretell_nothing():
    claims = judged(Runs(), Runs(shifted, draw=1))
    assert {claim.verdict for claim in claims.values()} == {"holds"}
    assert claims["distinct", "both"].n == 124


def test_the_same_line_twice_is_not_distinct():
    claims = judged(Runs(), Runs(draw=1))
    assert claims["distinct", "both"].verdict == "fails"


def test_values_without_order_are_not_foretold():
    claims = judged(Runs(chance), Runs())
    assert claims["foretold", "load curve"].verdict == "fails"


def test_where_there_is_no_boundary_nothing_is_claimed():
    claims = judged(Runs(), Runs(above))
    gone = [c for (_, subject), c in claims.items() if subject != "load curve"]
    assert {claim.verdict for claim in gone} == {"not applicable"}
