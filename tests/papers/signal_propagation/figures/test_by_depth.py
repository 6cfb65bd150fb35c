"""The map over depth shows the numbers of the cubes."""

from __future__ import annotations

import numpy as np

from layeratlas import papers
from layeratlas.papers.signal_propagation.depths import series


def test_each_layer_is_a_cell_of_its_band(made_cubes):
    cubes = made_cubes()
    axes = papers.draw("alignment_by_depth", cubes).axes[0]
    one = series(cubes)[0]
    (cells,) = (c for c in axes.collections if c.get_array() is not None)
    values = cells.get_array()
    assert len(values) == 10 + 15 + 20 + 30
    want = one.networks[1].profiles.mean("seed").values
    np.testing.assert_allclose(values[10:25], want / want.max(), rtol=1e-6)
    box = cells.get_paths()[10].get_extents()
    np.testing.assert_allclose([box.x0, box.x1, box.y0, box.y1], [0, 1 / 15, 0.55, 1.45])
    lines = {line.get_gid(): line.get_xdata() for line in axes.lines}
    np.testing.assert_allclose(lines["peak"], (one.of("peak") - 0.5) / one.depths)
    np.testing.assert_allclose(lines["centroid"], (one.of("centroid") - 0.5) / one.depths)
    # A peak lies in the brightest cell of its band.
    assert values[10 + int(lines["peak"][1] * 15)] == 1
