"""Trajectories of networks and springs, read back from their lines."""

from __future__ import annotations

import numpy as np
import pytest
from made.readable import labels, line, note

from layeratlas.errors import LayerAtlasError
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.figures import moving
from layeratlas.papers.spring_block.regimes import BATCH_NORM_MODE, REGIMES


def test_trajectories_show_batch_statistics_layer_by_layer(draw, simulated):
    figure = draw("trajectories")
    panels = {axes.get_title("left"): axes for axes in figure.axes if axes.get_title("left")}
    assert sorted(panels) == [f"{letter}{side}" for letter in "abcd" for side in "12"]
    cube = simulated.network_trajectories()
    D = load_curves.load_curve(cube, batch_norm_mode=BATCH_NORM_MODE, keep_epochs=True)
    b1 = D.sel(negative_slope=0.0, dropout=0.28)
    for layer in range(8):
        epochs, values = line(panels["b1"], f"layer:{layer}").get_xydata().T
        np.testing.assert_array_equal(epochs, np.arange(31))
        np.testing.assert_allclose(values, b1.sel(layer=layer), rtol=1e-6)
    (band,) = (c for c in panels["b2"].collections if c.get_gid() == "spread:3")
    chains = moving.chains(
        {"spring_trajectories": simulated.cube("spring_trajectories")}, over=None
    )
    runs = moving.at_cell(chains, REGIMES[1].chain).isel(layer=3)
    up, middle = band.get_paths()[0].vertices[:, 1], runs.mean("seed")
    assert up.max() == pytest.approx(float((middle + runs.std("seed", ddof=1)).max()), rel=1e-6)
    steps, wall = line(panels["c2"], "layer:0").get_xydata().T
    assert steps[-1] == 10_000
    assert (wall == 1).all()
    assert "batch statistics" in note(figure)
    assert "n = 2 seeds (networks) or n = 20 realisations (springs)" in note(figure)
    assert "± standard deviation over seeds" in note(figure)
    assert labels(panels["a1"].xaxis)[0] == "0"


def test_a_missing_regime_is_told(draw, simulated):
    cube = simulated.cube("spring_trajectories", seeds=2, grid={
        "friction_right": (0.10, 0.05), "noise_strength": (0.0, 0.3),
    })  # fmt: skip
    with pytest.raises(LayerAtlasError, match=r"friction_right 0.02; the grid has"):
        draw("trajectories", spring_trajectories=cube)
