"""The ruler opens as the springs of the cube do."""

from __future__ import annotations

import numpy as np
import pytest
from made.readable import line, note, panels

from layeratlas.cubes import selecting


def test_ruler_segments_keep_their_length_and_open_as_the_springs(draw, simulated):
    figure = draw("folding_ruler")
    cube = simulated.cube("folding_ruler")
    D = selecting.recorded(cube, "spring_separation").isel(seed=0)
    shown = panels(figure)
    assert [axes.get_title() for axes in shown[:4]] == [
        "step 100", "step 500", "step 2\u2009000", "step 10\u2009000",
    ]  # fmt: skip
    lengths = set()
    for axes, noise in ((shown[3], 0.0), (shown[7], 0.15)):
        for segment in range(1, 11):
            (x0, y0), (x1, y1) = line(axes, f"ruler:{noise:g}:10000:{segment}").get_xydata()
            here = D.sel(noise_strength=noise, step=10_000)
            opened = float(here.sel(layer=segment - 1) - here.sel(layer=segment))
            assert x1 - x0 == pytest.approx(opened, abs=1e-6)
            lengths.add(round(float(np.hypot(x1 - x0, y1 - y0)), 4))
    assert len(lengths) == 1
    assert "stand-in" in note(figure)
