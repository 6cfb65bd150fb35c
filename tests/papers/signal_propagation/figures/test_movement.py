"""The figure of movement shows each depth."""

from __future__ import annotations

import numpy as np

from layeratlas import papers


def test_curves_end_at_their_depth(made_cubes):
    axes = papers.draw("movement", made_cubes()).axes[1]
    lines = {line.get_gid(): line.get_ydata() for line in axes.lines}
    for depth in (10, 15, 20, 30):
        np.testing.assert_allclose(
            lines[f"alignment_mnist,{depth}"], 1 + np.linspace(0.5, 0.2, depth), rtol=1e-6
        )
