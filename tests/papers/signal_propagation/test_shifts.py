"""Networks by the mean cosine of their inputs: order, what missed the mark, steps of the ascent."""

from __future__ import annotations

import numpy as np
import pytest
from made.shifted import bump, shift_cube

from layeratlas.papers.signal_propagation import shifts

L = 12


@pytest.fixture
def cubes(made_cube):
    c0 = {1.0: 0.3, 2.0: 0.6}
    reached = np.ones((1, 2, 3, 3))
    # The largest shift misses the mark; runs that came there ended and have no later record.
    reached[0, 0, :, 2] = reached[0, 1, :, 1] = 0
    shifted = shift_cube(
        made_cube, {1.0: bump(L, 5, 2.0, 4.0), 2.0: bump(L, 4, 1.5, 4.0)}, c0, reached=reached
    )
    image = shift_cube(made_cube, {1.0: bump(L, 6, 3.0, 4.0)}, {1.0: 0.0})
    return {shifts.SHIFT: shifted, shifts.IMAGE: image}


def test_conditions_stand_in_the_order_of_their_cosine(cubes):
    (found,) = shifts.by_depth(cubes).values()
    assert [one.label for one in found] == ["mean image", "s = 1", "s = 2"]
    assert [one.c0 for one in found] == pytest.approx([0, 0.3, 0.6], abs=1e-6)
    assert [one.network.shape.peak for one in found] == [6, 5, 4]
    assert [one.network.shape.ascent for one in found] == pytest.approx([3, 2, 1.5], rel=1e-5)


def test_a_run_that_missed_the_mark_stands_for_its_last_epoch_and_says_so(cubes):
    (found,) = shifts.by_depth(cubes).values()
    assert [one.marked for one in found] == [True, True, False]
    assert found[2].network.shape.seeds == 3 and "3 of 3 missed the mark" in found[2].told
    assert "missed" not in found[1].told


def test_steps_of_the_ascent_are_from_each_cosine_to_the_next(cubes):
    (found,) = shifts.by_depth(cubes).values()
    assert shifts.steps(found, "network") == pytest.approx([-1, -0.5], rel=1e-5)
    every = shifts.steps(found, "network", every_seed=True)
    assert every.shape == (2, 3) and every == pytest.approx(
        np.array([[-1] * 3, [-0.5] * 3]), rel=1e-4
    )
    # The null is flat here, so that the ascent over it is the same.
    assert shifts.steps(found, "above_null") == pytest.approx([-1, -0.5], rel=1e-4)


def test_order_is_that_of_cosines_and_not_of_multiples(made_cube):
    profiles = {1.0: bump(L, 5, 2.0, 4.0), 2.0: bump(L, 4, 1.5, 4.0)}
    cubes = {
        shifts.SHIFT: shift_cube(made_cube, profiles, {1.0: 0.6, 2.0: 0.1}),
        shifts.IMAGE: shift_cube(made_cube, {1.0: bump(L, 6, 3.0, 4.0)}, {1.0: 0.3}),
    }
    (found,) = shifts.by_depth(cubes).values()
    assert [one.label for one in found] == ["s = 2", "mean image", "s = 1"]
