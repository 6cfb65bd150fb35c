"""The figure of signals before training draws what it says."""

from __future__ import annotations

import numpy as np
import pytest
from made.initial_cubes import initial_cube

from layeratlas.papers.signal_propagation.figures.initialisation import signal_propagation
from layeratlas.papers.signal_propagation.pairs import crossing_at_mean, mean_over_pairs


def test_networks_lie_beside_their_recursion():
    cube, *_ = initial_cube()
    figure = signal_propagation({"signal_propagation": cube}, {})
    a, b, c = figure.axes
    told = mean_over_pairs(cube)
    np.testing.assert_allclose(a.lines[0].get_ydata(), told.loss)
    np.testing.assert_allclose(a.lines[1].get_ydata(), told.backward)
    dots = cube["affine"]["forward_correlation"].sel(width=128).values[:, 0, 0].mean(0)
    assert any(np.allclose(line.get_ydata(), 1 - dots) for line in a.lines if len(line.get_ydata()))
    assert any(
        np.allclose(line.get_xdata(), crossing_at_mean(cube))
        for line in a.lines
        if line.get_xdata() is not None and len(line.get_xdata()) == 2
    )
    assert a.get_yscale() == b.get_xscale() == b.get_yscale() == "log"
    limit = c.lines[0].get_ydata()
    assert limit[-1] == pytest.approx(44.41, rel=0.01)
