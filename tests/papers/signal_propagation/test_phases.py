"""Phases by the gain, with their crossings."""

from __future__ import annotations

import numpy as np
import pytest
from made.counted import lost_at
from made.initial_cubes import phase_cube

from layeratlas.papers.signal_propagation.phases import CHAOTIC, EDGE, ORDERED, phases


def test_phases_are_told_by_the_gain_and_read_where_they_cross():
    found = phases(phase_cube({0.9: 4.0, 1.32701: 12.5, 1.7320508: 28.0}))
    assert [phase.name for phase in found] == [ORDERED, EDGE, CHAOTIC]
    for phase, at in zip(found, (4.0, 12.5, 28.0), strict=True):
        np.testing.assert_allclose(phase.empirical, [at, at], atol=1e-4)
        assert phase.layers == 30
        assert phase.told.loss[0] == pytest.approx(1 - phase.c0, abs=1e-6)
    # The recursion does not look at the networks but for where they start.
    assert found[0].mean_field < 3 < 0.2 * 30 < found[1].mean_field < 0.6 * 30
    assert found[2].mean_field > 0.8 * 30


def test_a_little_off_the_edge_is_not_the_edge():
    found = phases(phase_cube({1.30: 12.0, 1.36: 12.0}))
    assert [phase.name for phase in found] == [ORDERED, CHAOTIC]


def test_a_phase_without_a_run_is_left_out():
    cube = phase_cube({1.30: 12.0, 1.36: 12.0})
    assert [phase.weight_std for phase in phases(lost_at(cube, weight_std=0))] == [1.36]
    assert len(phases(lost_at(cube, weight_std=0, seed=0))) == 2
