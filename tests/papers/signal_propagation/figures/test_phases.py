"""The figure of the three phases draws what it says."""

from __future__ import annotations

import numpy as np
import pytest
from made.initial_cubes import phase_cube

from layeratlas.papers.signal_propagation.figures.phases import phase_comparison

CROSSINGS = {0.9: 1.5, 1.32701: 11.0, 1.7320508: 28.0}


@pytest.mark.parametrize("trained", [True, False])
def test_a_column_each_and_what_did_not_train_is_not_drawn(trained):
    cube = phase_cube(CROSSINGS, trained=trained)
    figure = phase_comparison({"phase_comparison": cube}, {})
    top, bottom = figure.axes[:3], figure.axes[3:]
    for axes, (weight, at) in zip(top, CROSSINGS.items(), strict=True):
        assert f"{weight:.3f}" in axes.get_title()
        assert f"l^*={at:.1f}" in axes.get_title()
        backward = cube["affine"]["backward_correlation"].sel(weight_std=weight)
        drawn = [line.get_ydata() for line in axes.lines]
        assert any(np.shape(y) == (30,) and np.allclose(y, backward[0, 0, 0]) for y in drawn)
    for axes in bottom:
        # Alignment before and after training, and the line of the crossing.
        assert len(axes.lines) == (3 if trained else 2)
        assert axes.get_title() == f"{2 if trained else 0} of 2 came to the mark"
