"""Predictions have a sample's outputs side by side."""

from __future__ import annotations

import numpy as np

from layeratlas.metrics.trained import predictions


def test_outputs_of_positions_stand_one_after_the_other():
    made = np.arange(24.0).reshape(2, 3, 2, 2)
    assert predictions(made).shape == (2, 3, 4)
    assert predictions(made)[1, 2].tolist() == [20, 21, 22, 23]
    assert predictions(made[..., 0]).shape == (2, 3, 2)
