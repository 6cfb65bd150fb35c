"""Claims on the depth of the peak, for and against them."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas import papers
from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE


def judged(cubes, subject="MNIST"):
    found = papers.check("equilibrium_depth_scaling", cubes)
    return {claim.id: claim for claim in found if claim.subject == subject}


def test_a_peak_far_from_the_crossing_fails(made_cubes):
    found = judged(made_cubes(alignment_mnist={"peak_at": lambda L: 0.8 * L}))
    assert found["peak_near"].verdict == found["centroid_near"].verdict == FAILS
    assert found["not_proportional"].verdict == FAILS
    assert found["slope_low"].verdict == HOLDS and found["slope_low"].value > 0.9


def test_a_peak_that_stays_is_no_scaling(made_cubes):
    found = judged(made_cubes(alignment_mnist={"peak_at": lambda L: 5}))
    assert found["rank"].verdict == found["slope_low"].verdict == FAILS
    assert found["slope_interval"].verdict == FAILS


def test_the_worst_depth_decides(made_cubes):
    found = judged(made_cubes())["peak_near"]
    assert found.n == 4 * 3 and found.note.startswith("L=10: ")
    assert found.value == pytest.approx(abs(7 - 4.63) / 2.5, abs=0.02)


def test_an_initial_peak_at_the_crossing_is_told(made_cubes):
    from layeratlas.papers.signal_propagation.depths import series

    cubes = made_cubes()
    place = dict(zip([10, 15, 20, 30], series(cubes)[1].mean_field, strict=True))
    cubes = made_cubes(alignment_mnist={"initial": 0.2, "peak_at": place.get})
    assert judged(cubes)["initial_elsewhere"].verdict == FAILS


def test_two_depths_have_no_order(made_cubes):
    found = judged(made_cubes(alignment_mnist={"depths": (10, 20)}))
    for id in ("rank", "slope_low", "slope_interval", "not_proportional"):
        assert found[id].verdict == NOT_APPLICABLE and "2 of its depths" in found[id].note
    assert found["peak_near"].verdict == HOLDS


def test_without_a_recursion_there_is_nothing_to_be_near(made_cubes):
    tanh = {"model": {"family": "mlp", "batch_norm": False, "activation": "tanh"}}
    found = judged(made_cubes(alignment_mnist={"settings": tanh}))
    assert found["peak_near"].note == "no recursion for these networks"


def test_depths_that_no_run_reached_are_told(made_cubes):
    reached = np.ones((4, 3, 2))
    reached[3, :, 1] = 0
    found = judged(made_cubes(alignment_mnist={"reached": reached}))["peak_near"]
    assert found.n == 3 * 3 and found.note.endswith("no run came there of L = 30")
