"""Where forward and backward information are in balance: the equilibrium layer of a network.

With fc_l and bc_l, the mean cosines of inputs and of cotangents of layer l (specification §2.6),
what is left forward is g_l = 1 − fc_l, falling with l, and backward b_l = bc_l, rising. The layer
l* is where they cross, linearly interpolated. That this reproduces the published exponent 3/5 is
derived; the paper's own normalisation is not known.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.cubes.told import told_setting
from layeratlas.errors import LayerAtlasError
from layeratlas.papers.signal_propagation.profiles import INIT, VIEW, layer_count, profile

__all__ = ["asymptotic", "correlations", "empirical", "first_cosine", "mean_field"]

#: (9 π²/2)^(1/5), about 2.1355.
_CONSTANT = (4.5 * math.pi**2) ** 0.2


def correlations(cube: xr.DataTree, view: str = VIEW) -> xr.Dataset:
    """`forward` fc_l and `backward` bc_l of the networks before training, (axes…, seed, layer)."""
    return xr.Dataset(
        {
            "forward": profile(cube, "forward_correlation", view, INIT),
            "backward": profile(cube, "backward_correlation", view, INIT),
        }
    )


def first_cosine(cube: xr.DataTree, view: str = VIEW) -> xr.DataArray:
    """c0 of every run: mean cosine of the inputs of its view, (axes…, seed)."""
    return correlations(cube, view)["forward"].sel(layer=1, drop=True).rename("c0")


def empirical(cube: xr.DataTree, view: str = VIEW) -> xr.DataArray:
    """l*_emp of every run, (axes…, seed): the crossing in the network before training.

    1 where backward information is above the forward one from the start, L where they never cross.
    """
    found = correlations(cube, view)
    crossed = xr.apply_ufunc(
        _crossing,
        1 - found["forward"],
        found["backward"],
        input_core_dims=[["layer"], ["layer"]],
        vectorize=True,
        output_dtypes=[float],
    )
    return crossed.rename("equilibrium_layer")


def mean_field(cube: xr.DataTree, view: str = VIEW) -> xr.DataArray:
    """l*_mf of every run: the crossing of the infinitely wide network that starts at its c0.

    Of perceptrons of ReLU and leaky ReLU at the edge of chaos, without batch norm; NaN of all else,
    to which the recursion does not apply (specification §3.1).
    """
    c0 = first_cosine(cube, view)
    layers = layer_count(profile(cube, "forward_correlation", view, INIT))
    if not _has_recursion(cube):
        return (c0 + math.nan).rename("equilibrium_layer")
    slope = (
        c0["negative_slope"]
        if "negative_slope" in c0.dims
        else _setting(cube, "negative_slope", 0.0)
    )
    found = xr.apply_ufunc(relu_crossing, c0, layers, slope, vectorize=True, output_dtypes=[float])
    return found.transpose(*c0.dims).rename("equilibrium_layer")


def relu_crossing(c0: float, layers: int, negative_slope: float) -> float:
    """The crossing of an infinitely wide network of (leaky) ReLU; NaN from c0 = NaN."""
    if not math.isfinite(c0):
        return math.nan
    part = (1 - negative_slope) ** 2 / (1 + negative_slope**2) / math.pi
    gap, forward, factor = max(1 - c0, 0.0), [], []
    for _ in range(int(layers)):
        theta = 2 * math.asin(math.sqrt(min(gap / 2, 1.0)))
        forward.append(gap)
        factor.append(1 - part * theta)
        gap -= part * (math.sin(theta) - theta * math.cos(theta))
    backward = np.append(np.cumprod(factor[:-1][::-1])[::-1], 1.0)
    return _crossing(np.array(forward), backward)


def _has_recursion(cube: xr.DataTree) -> bool:
    return (
        _setting(cube, "family", "mlp") == "mlp"
        and not _setting(cube, "batch_norm", False)
        and _setting(cube, "activation", "relu") in ("relu", "leaky_relu")
    )


def _setting(cube: xr.DataTree, name: str, default: Any) -> Any:
    try:
        return told_setting(cube, f"model.{name}")
    except LayerAtlasError:
        return default


def asymptotic(cube: xr.DataTree, view: str = VIEW) -> xr.DataArray:
    """l*_asym = (9 π²/2)^(1/5) L^(3/5) of every network: of ReLU at large L, far too deep below."""
    layers = layer_count(profile(cube, "forward_correlation", view, INIT))
    return _CONSTANT * layers.astype(float) ** 0.6


def _crossing(forward: np.ndarray, backward: np.ndarray) -> float:
    known = np.isfinite(forward) & np.isfinite(backward)
    if not known.any():
        return math.nan
    apart = (backward - forward)[known]
    if apart[0] > 0:
        return 1.0
    above = np.flatnonzero(apart > 0)
    if not above.size:
        return float(apart.size)
    k = int(above[0])
    return float(k + apart[k - 1] / (apart[k - 1] - apart[k]))
