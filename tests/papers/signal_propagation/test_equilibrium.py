"""Equilibrium layers of cubes with known correlations."""

from __future__ import annotations

import numpy as np
import pytest
from made.recursions import plain_relu

from layeratlas.papers.signal_propagation import equilibrium


def cube_of(made_cube, forward, backward):
    """Depth → profiles fc and bc before training, the same of every seed; later ones are wrong."""

    def held(profiles):
        return {(depth,): np.stack([np.broadcast_to(p, (3, 2, len(p))), np.zeros((3, 2, len(p))),
                                    np.zeros((3, 2, len(p)))], axis=1)
                for depth, p in profiles.items()}  # fmt: skip

    variables = {"forward_correlation": held(forward), "backward_correlation": held(backward)}
    return made_cube(variables, {"depth": sorted(forward)})


FORWARD = {3: np.array([0.2, 0.6, 0.9]), 4: np.array([0.9, 0.95, 0.97, 0.99]),
           5: np.array([0.1, 0.1, 0.1, 0.1, -0.1])}  # fmt: skip
BACKWARD = {3: np.array([0.2, 0.6, 1.0]), 4: np.array([0.5, 0.6, 0.8, 1.0]),
            5: np.array([0.0, 0.0, 0.1, 0.2, 1.0])}  # fmt: skip


def test_the_crossing_is_interpolated_and_has_its_two_ends(made_cube):
    found = equilibrium.empirical(cube_of(made_cube, FORWARD, BACKWARD))
    assert found.dims == ("depth", "seed")
    # Depth 3: 0.8 against 0.2, then 0.4 against 0.6: three quarters of a layer after the first.
    np.testing.assert_allclose(found.sel(depth=3), 1.75, rtol=1e-6)
    # Backward above forward from the start; never above it.
    np.testing.assert_array_equal(found.sel(depth=4), 1.0)
    np.testing.assert_array_equal(found.sel(depth=5), 5.0)


def test_c0_is_the_first_cosine_of_every_run(made_cube):
    c0 = equilibrium.first_cosine(cube_of(made_cube, FORWARD, BACKWARD))
    np.testing.assert_allclose(c0.sel(seed=1), [0.2, 0.9, 0.1], rtol=1e-6)


def test_a_lost_run_has_none(made_cube):
    cube = cube_of(made_cube, FORWARD, BACKWARD)
    root = cube.to_dataset()
    status = root["status"].copy(deep=True)
    status[0, 0] = 1
    cube.dataset = root.assign(status=status)
    found = equilibrium.empirical(cube)
    assert np.isnan(found.sel(depth=3, seed=1)) and found.sel(depth=3, seed=2) == pytest.approx(
        1.75
    )


def test_the_asymptotic_layer(made_cube):
    found = equilibrium.asymptotic(cube_of(made_cube, FORWARD, BACKWARD))
    assert float(found.sel(depth=4)) == pytest.approx(2.1355 * 4**0.6, rel=1e-4)


#: l*_mf of ReLU at c0 = 0.3 and of leaky ReLU at L = 20 (specification §3.1).
TABLE = {(5, 0.0): 2.6, (8, 0.0): 3.9, (10, 0.0): 4.63, (20, 0.0): 8.07, (50, 0.0): 16.20,
         (20, 0.2): 8.63, (20, 0.4): 8.72, (20, 0.6): 6.77, (20, 0.8): 1.0}  # fmt: skip


@pytest.mark.parametrize(("point", "crossing"), TABLE.items())
def test_the_infinitely_wide_network_crosses_where_the_table_says(made_hierarchy, point, crossing):
    layers, slope = point
    settings = {"model": {"family": "mlp", "batch_norm": False, "negative_slope": slope,
                          "activation": "leaky_relu"}}  # fmt: skip
    found = equilibrium.mean_field(made_hierarchy((layers,), settings=settings))
    np.testing.assert_allclose(found, crossing, atol=0.05)


@pytest.mark.parametrize(
    "model",
    [
        {"family": "mlp", "batch_norm": True},
        {"family": "mlp", "batch_norm": False, "activation": "tanh"},
        {"family": "module", "batch_norm": False},
    ],
)
def test_what_has_no_recursion_has_no_such_crossing(made_hierarchy, model):
    found = equilibrium.mean_field(made_hierarchy((10,), settings={"model": model}))
    assert found.shape == (1, 3) and np.isnan(found).all()


def test_a_slope_that_is_an_axis_is_that_of_each_network(made_cube):
    forward, backward = (np.broadcast_to(p, (3, 3, 2, 20)) for p in plain_relu(0.3, 20))
    points = [(0.0,), (0.6,)]
    cube = made_cube(
        {"forward_correlation": dict.fromkeys(points, forward),
         "backward_correlation": dict.fromkeys(points, backward)},
        {"negative_slope": [0.0, 0.6]},
        settings={"model": {"family": "mlp", "batch_norm": False, "activation": "leaky_relu"}},
    )  # fmt: skip
    found = equilibrium.mean_field(cube).isel(seed=0)
    np.testing.assert_allclose(found, [8.07, 6.77], atol=0.05)
