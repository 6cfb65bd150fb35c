"""What the paper's tables state, measured: orders in depth and width, and contributions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.papers.feature_speed.reductions import last_hidden, log_slope, quantity

__all__ = ["contributions", "exponent_errors", "exponents"]


def exponents(cube: xr.DataTree, at: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Measured exponents in (L at the largest width, m at depth 10) of the medians over draws.

    Keys as in `theory.EXPONENTS`: sensitivity, loss decay, speed of the last hidden feature.
    """
    found = {}
    for name, values in _quantities(cube, at).items():
        in_depth, in_width = _slopes(values.median("seed"))
        found[name] = (float(in_depth), float(in_width))
    return found


def exponent_errors(
    cube: xr.DataTree, at: Mapping[str, Any], *, resamples: int = 200
) -> dict[str, tuple[float, float]]:
    """Standard errors of `exponents`, by the bootstrap over draws; NaN of a single draw."""
    found = {}
    for name, values in _quantities(cube, at).items():
        n = values.sizes["seed"]
        chosen = np.random.default_rng(0).integers(n, size=(resamples, n))
        drawn = values.isel(seed=xr.DataArray(chosen, dims=("resample", "draw")))
        in_depth, in_width = (s.std("resample", ddof=1) for s in _slopes(drawn.median("draw")))
        found[name] = (float(in_depth), float(in_width)) if n > 1 else (np.nan, np.nan)
    return found


def _quantities(cube: xr.DataTree, at: Mapping[str, Any]) -> dict[str, xr.DataArray]:
    quantities = {
        "S": last_hidden(quantity(cube, "sensitivity")),
        "loss": -quantity(cube, "loss_change"),
        "speed": last_hidden(quantity(cube, "feature_velocity")),
    }
    return {name: values.sel(at) for name, values in quantities.items()}


def _slopes(median: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    widest = median.sel(width=median["width"].max())
    return log_slope(widest, "depth"), log_slope(median.sel(depth=10), "width")


def contributions(cube: xr.DataTree, at: Mapping[str, Any]) -> tuple[float, float, float]:
    """Median over draws of L C_l of the input, the hidden (median over layers), the output.

    C_l = η_l |G_l|², in units of the loss per unit of step; `at` selects one point of the grid.
    """
    C = quantity(cube, "contribution").sel(at)
    depth = int(at["depth"]) if "depth" in at else C.sizes["layer"] - 1
    C = depth * C
    first, last = C.sel(layer=1), C.sel(layer=depth)
    hidden = C.sel(layer=slice(2, depth - 1)).median("layer")
    return float(first.median("seed")), float(hidden.median("seed")), float(last.median("seed"))
