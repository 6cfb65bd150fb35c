"""Where load curves are straight: of springs and of networks, and the closed form."""

from __future__ import annotations

import numpy as np
import pytest
from made.point_cubes import point_cube
from made.simulated import simulated_cube

from layeratlas.papers.spring_block.boundaries import convexity, straight_lines
from layeratlas.papers.spring_block.load_curves import convexity_index, load_curve

CHAIN = {"chain": {"friction_left": 0.15, "length": 7}}


@pytest.fixture(scope="module")
def chains():
    return simulated_cube("spring_phase_diagram", seeds=2, steps=400)


def test_every_run_has_the_index_of_its_own_curve(chains):
    found = convexity(chains)
    assert set(found.dims) == {"friction_right", "noise_strength", "seed"}
    at = {"friction_right": 0.1, "noise_strength": 0.3}
    curve = load_curve(chains, variable="spring_separation", over=None).sel(at)
    np.testing.assert_allclose(found.sel(at), convexity_index(curve))
    # The mean of indices is no index of the mean.
    assert not np.allclose(found.sel(at).mean("seed"), convexity_index(curve.mean("seed")), 1e-12)


def test_noisy_chains_at_rest_are_straight_where_both_frictions_are_equal():
    plane = {"noise_strength": [0.0, 0.5], "friction_right": [0.0, 0.2]}
    ((name, across, up),) = straight_lines(point_cube(plane=plane, settings=CHAIN))
    assert across.tolist() == [0.0, 0.5] and up.tolist() == [0.15, 0.15] and "μ→ = μ←" in name


def test_over_both_frictions_the_line_is_the_diagonal():
    plane = {"friction_left": [0.05, 0.3], "friction_right": [0.0, 0.2]}
    ((_, across, up),) = straight_lines(point_cube(plane=plane, settings=CHAIN))
    assert across.tolist() == up.tolist() == [0.05, 0.2]


@pytest.mark.parametrize(
    "plane",
    [
        {"noise_strength": [0.0, 0.5], "friction_right": [0.0, 0.1]},
        {"noise_strength": [0.0, 0.5], "stiffness": [0.5, 1.0]},
    ],
)
def test_where_it_is_not_in_the_plane_there_is_no_line(plane):
    assert straight_lines(point_cube(plane=plane, settings=CHAIN)) == []


def test_of_networks_it_says_nothing():
    assert straight_lines(point_cube()) == []
