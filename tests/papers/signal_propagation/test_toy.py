"""Functions on the grid over the disc's square, and what the top eigenfunction turns to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made.shifted import toy_cube

from layeratlas.datasets.generators.disc import grid
from layeratlas.papers.signal_propagation.toy import correlation, linear_part, toy


def test_what_the_top_eigenfunction_turns_to_whatever_its_sign(made_cube):
    found = toy(toy_cube(made_cube, (0.1, 0.5, 0.9)))
    assert found.side == 6 and found.steps.tolist() == [0, 10, 100]
    np.testing.assert_allclose(found.taught, [[0.1, 0.5, 0.9]] * 2, atol=1e-6)
    np.testing.assert_allclose(
        found.untaught, [(1 - np.square([0.1, 0.5, 0.9])) ** 0.5] * 2, atol=1e-6
    )


def test_moments_are_the_ends_and_where_accuracy_first_passes_a_level(made_cube):
    found = toy(toy_cube(made_cube, (0, 0.1, 0.2, 0.3, 0.4), steps=(0, 10, 20, 30, 40)))
    # Accuracies are 0.5, 0.625, 0.75, 0.875, 1.
    assert found.moments() == [0, 2, 4]


@given(seed=st.integers(0, 100), n=st.integers(4, 30))
def test_correlations_and_linear_parts_are_the_naive_ones(seed, n):
    rng = np.random.default_rng(seed)
    e, y, x = rng.normal(size=n), rng.normal(size=n), rng.normal(size=(n, 2))
    assert correlation(e, y) == pytest.approx(abs(np.corrcoef(e, y)[0, 1]))
    design = np.column_stack([np.ones(n), x])
    fitted = design @ np.linalg.lstsq(design, e, rcond=None)[0]
    share = 1 - ((e - fitted) ** 2).sum() / ((e - e.mean()) ** 2).sum()
    assert linear_part(e, x) == pytest.approx(max(share, 0) ** 0.5, abs=1e-7)


def test_a_plane_is_all_linear_and_a_disc_is_not():
    points = grid(20)
    assert linear_part(3 * points[:, 0] - points[:, 1] + 2, points) == pytest.approx(1)
    assert linear_part((points**2).sum(1), points) == pytest.approx(0, abs=1e-9)
