"""What the paper's tables state, measured: orders in depth and width, and contributions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from layeratlas.papers.feature_speed.reductions import last_hidden, log_slope, quantity

__all__ = ["contributions", "exponents"]


def exponents(cube: xr.DataTree, at: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Measured exponents in (L at the largest width, m at depth 10) of the medians over draws.

    Keys as in `theory.EXPONENTS`: sensitivity, loss decay, speed of the last hidden feature.
    """
    quantities = {
        "S": last_hidden(quantity(cube, "sensitivity")),
        "loss": -quantity(cube, "loss_change"),
        "speed": last_hidden(quantity(cube, "feature_velocity")),
    }
    found = {}
    for name, values in quantities.items():
        median = values.sel(at).median("seed")
        widest = median.sel(width=median["width"].max())
        found[name] = (
            float(log_slope(widest, "depth")),
            float(log_slope(median.sel(depth=10), "width")),
        )
    return found


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
