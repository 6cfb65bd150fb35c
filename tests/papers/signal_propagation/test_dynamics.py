"""What is read of the dense log."""

from __future__ import annotations

import numpy as np
import pytest
from made.aligned import aligned_cube, dynamics_cube

from layeratlas.papers.signal_propagation import dynamics, moments

RATES = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]


@pytest.mark.parametrize(
    ("came", "shown"),
    [
        (RATES, [1e-5, 1e-3, 1e-1]),
        (RATES[1:4], [1e-4, 1e-3, 1e-2]),
        ([1e-3], [1e-5, 1e-3]),
        ([], [1e-5, 1e-3, 1e-1]),
    ],
)
def test_rates_that_came_to_the_mark_are_drawn_first(came, shown):
    cube = dynamics_cube(
        axes={"learning_rate": RATES},
        reached=lambda record, learning_rate, seed: record != "mark_0.1" or learning_rate in came,
    )
    assert dynamics.rates_shown(cube) == shown


def test_changes_are_those_since_the_record_before():
    values = {"init": 0.1, "step 5": 0.2, "step 10": 0.15, "step 20": 0.0}
    cube = aligned_cube(
        {"learning_rate": [1.0]},
        {"init": 0, "step 5": 5, "step 10": 10, "step 20": 20},
        {
            "alignment": lambda record, **at: np.full(10, values[record]),
            "alignment_growth": lambda record, **at: np.arange(10) + values[record],
            "norm_growth": lambda **at: np.ones(10),
        },
    )
    records = moments.logged(cube)
    seen = dynamics.logarithmic_change(cube, "train", records).isel(learning_rate=0, seed=0)
    assert np.isnan(seen.values[0]).all()
    assert seen.values[1] == pytest.approx(np.log(2)) and seen.values[2] == pytest.approx(
        np.log(0.75)
    )
    assert np.isnan(seen.values[3]).all()
    told = dynamics.predicted_change(cube, "train", records).isel(learning_rate=0, seed=0)
    assert told.values[1] == pytest.approx(np.arange(10) - 0.8)
