"""Easy and difficult examples along training."""

from __future__ import annotations

import numpy as np
import pytest
from made.shifted import difficulty_cube

from layeratlas.papers.signal_propagation.difficulty import CLEAN, DIFFICULT, along

EASY, HARD, TRUE = (
    [0.02, 0.1, 0.2, 0.2, 0.2],
    [0.02, 0.02, 0.05, 0.1, 0.3],
    [0.02, 0.1, 0.1, 0.1, 0],
)


def test_numbers_of_every_view_in_the_order_of_iterations(made_cube):
    found = along(difficulty_cube(made_cube, EASY, HARD, TRUE))
    assert found.steps.tolist() == [0, 10, 20, 40, 80]
    assert found.first_half.tolist() == [False, True, True, True, False]
    np.testing.assert_allclose(found.ahead(), np.subtract(EASY, HARD), rtol=1e-5)
    np.testing.assert_allclose(found.ahead(CLEAN, DIFFICULT), np.subtract(TRUE, HARD), rtol=1e-5)
    assert found.null["train"] == pytest.approx(0.01) and found.train.shape == (3, 5)


def test_records_that_a_cube_stores_in_another_order_are_sorted_by_iteration(made_cube):
    order = [0, 80, 20, 10, 40]
    picked = [[0, 10, 20, 40, 80].index(step) for step in order]
    values = [np.array(v)[picked] for v in (EASY, HARD, TRUE)]
    found = along(difficulty_cube(made_cube, *values, steps=order))
    assert found.steps.tolist() == [0, 10, 20, 40, 80]
    np.testing.assert_allclose(found.ahead(), np.subtract(EASY, HARD), rtol=1e-5)
