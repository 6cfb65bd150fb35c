"""Where forward and backward information are in balance: the equilibrium layer of a network.

With fc_l and bc_l, the mean cosines of inputs and of cotangents of layer l (specification §2.6),
what is left forward is g_l = 1 − fc_l, falling with l, and backward b_l = bc_l, rising. The layer
l* is where they cross, linearly interpolated. That this reproduces the published exponent 3/5 is
derived; the paper's own normalisation is not known.
"""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from layeratlas.papers.signal_propagation.profiles import INIT, VIEW, layer_count, profile

__all__ = ["asymptotic", "correlations", "empirical", "first_cosine"]

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
