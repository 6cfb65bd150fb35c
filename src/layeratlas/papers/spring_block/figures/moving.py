"""Load curves over time, of networks in training and of chains in motion: reading and drawing one.

Moments are epochs of the one and steps of the other, along the dimension `moment`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from layeratlas.figures import style
from layeratlas.papers.given import Cubes
from layeratlas.papers.spring_block import load_curves, regimes
from layeratlas.papers.spring_block.chain_cubes import chain_curves
from layeratlas.papers.spring_block.figures.layers import layer_colours


def networks(cubes: Cubes, **choice: Any) -> xr.DataArray:
    """D_l(t) under batch statistics, mean over seeds unless `choice` says `over=None`:
    (…, moment, layer)."""
    curves = load_curves.load_curve(
        cubes["network_trajectories"],
        batch_norm_mode=regimes.BATCH_NORM_MODE,
        keep_epochs=True,
        **choice,
    )
    return curves.rename(epoch="moment").astype(float).compute()


def chains(cubes: Cubes, **choice: Any) -> xr.DataArray:
    """y − x_l(t), mean over chains unless `choice` says `over=None`: (…, moment, layer)."""
    curves = chain_curves(cubes["spring_trajectories"], keep_epochs=True, **choice)
    return curves.rename(step="moment")


def at_cell(curves: xr.DataArray, cell: Mapping[str, float]) -> xr.DataArray:
    """(…, moment, layer) of one cell; LayerAtlasError where the grid does not have it."""
    return regimes.at_cell(curves, cell).transpose(..., "moment", "layer")


def span(curves: xr.DataArray) -> tuple[float, float]:
    """From the smallest to the largest value of all moments and layers, with room for markers."""
    finite = curves.values[np.isfinite(curves.values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    margin = 0.07 * (high - low or 1.0)
    return low - margin, high + margin


def load_curve(axes: Axes, values: np.ndarray, spread: np.ndarray | None = None) -> None:
    """The curve in red with its chord, points in the colours of their layers; `spread` as bars."""
    layers = np.arange(len(values))
    axes.plot(layers[[0, -1]], values[[0, -1]], color="0.4", lw=0.8, ls=(0, (4, 2)), zorder=1)
    axes.plot(layers, values, color=style.CURVE, lw=1.2, zorder=2, gid="load curve")
    if spread is not None and np.isfinite(spread).any():
        axes.errorbar(
            layers, values, yerr=spread, ls="none", color="0.2", elinewidth=0.8, capsize=1.5,
            zorder=2.5,
        )  # fmt: skip
    axes.scatter(layers, values, c=layer_colours(len(values)), s=14, zorder=3,
                 edgecolors="white", linewidths=0.4)  # fmt: skip
    axes.set_xticks(layers if len(layers) < 10 else layers[:: len(layers) // 5])
