"""What the figure of the disc draws."""

from __future__ import annotations

import numpy as np
from made.shifted import toy_cube

from layeratlas.papers.signal_propagation.figures.toy import baratin_toy
from layeratlas.papers.signal_propagation.toy import EXPERIMENT, toy


def test_a_row_a_moment_and_eigenfunctions_positive_inside(made_cube):
    cube = toy_cube(made_cube, (0.2, 0.4, 0.9), steps=(0, 10, 100))
    figure = baratin_toy({EXPERIMENT: cube}, {})
    found = toy(cube)
    maps = [axes for axes in figure.subfigs[0].axes if axes.images]
    # Moments 0 and the last, and where accuracy passes 75 %; output, Jacobian, two eigenfunctions.
    assert len(maps) == 3 * 4
    top = np.asarray(maps[2].images[0].get_array()).ravel()
    assert (top - top.mean()) @ found.label > 0
    np.testing.assert_allclose(np.abs(top), np.abs(found.eigenfunctions[0, 0, 0]))
    assert maps[0].get_ylabel().startswith("iteration 0\naccuracy 50")


def test_points_of_the_grid_stand_where_they_are(made_cube):
    cube = toy_cube(made_cube, (0.0, 0.0, 0.0))
    axes = baratin_toy({EXPERIMENT: cube}, {}).subfigs[0].axes[0]
    (image,) = axes.images
    # The output of the cube is x₁: it grows to the right and not upwards.
    values = np.asarray(image.get_array())
    assert image.origin == "lower" and np.ptp(values, axis=0).max() < 1e-6
    assert (np.diff(values[0]) > 0).all()
