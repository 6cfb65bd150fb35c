"""The figure of definitions shows each under its own colour."""

from __future__ import annotations

import numpy as np

from layeratlas import papers
from layeratlas.papers.signal_propagation.definitions import VARIABLES, variants


def test_every_variant_before_and_after(made_cubes):
    cubes = made_cubes()
    figure = papers.draw("definitions", cubes)
    for axes, record in zip(figure.axes, ("init", "mark_0.1"), strict=True):
        lines = {line.get_gid(): line.get_ydata() for line in axes.lines}
        found = variants(cubes, record=record)
        for name in VARIABLES:
            want = found[name].profiles.mean("seed")
            np.testing.assert_allclose(lines[f"{name},{record}"], want, rtol=1e-6)
