"""Peaks and equilibrium layers of seeds, by width."""

from __future__ import annotations

import numpy as np
import pytest
from made.aligned import width_cube

from layeratlas.papers.signal_propagation import moments, width


def test_every_seed_has_its_peak_and_its_crossing():
    peaks = width.peak_layers(width_cube())
    assert peaks.dims == ("width", "seed")
    assert peaks.values.tolist() == [[4, 6, 8], [5, 6, 7], [5, 6, 6]] or peaks.values[
        :2
    ].tolist() == [[4, 6, 8], [5, 6, 7]]
    found = width.equilibrium_layers(width_cube())
    # 1 − fc and bc are straight lines: they cross where both are equal.
    layer = np.arange(1, 11)
    forward, backward = 1 - np.linspace(0.1, 0.9, 10), np.linspace(0.05, 1, 10)
    exact = np.interp(0, backward - forward, layer)
    assert found.values[:, 1] == pytest.approx(exact, abs=1e-4)
    assert (np.diff(found.values[0]) < 0).all() or (np.diff(found.values[0]) > 0).all()


def test_runs_that_did_not_come_have_no_peak():
    cube = width_cube()
    came = cube["/"].to_dataset()["reached"].copy()
    came[0, 1, moments.labels(cube).index("mark_0.1")] = 0
    cube.dataset = cube.to_dataset().assign(reached=came)
    peaks = width.peak_layers(cube)
    assert np.isnan(peaks.values[0, 1]) and np.isfinite(peaks.values).sum() == 8
    assert width.heights(cube).values == pytest.approx(
        width.profiles_by_width(cube, "train", "mark_0.1").mean("seed").max("layer").values
    )
