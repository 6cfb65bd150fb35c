"""Where forward and backward information are in balance: the equilibrium layer of a network.

With fc_l and bc_l, the mean cosines of inputs and of cotangents of layer l (specification §2.6),
what is left forward is g_l = 1 − fc_l, falling with l, and backward b_l = bc_l, rising. The layer
l* is where they cross, linearly interpolated. That this reproduces the published exponent 3/5 is
derived; the paper's own normalisation is not known.
"""

from __future__ import annotations

import math

import xarray as xr

from layeratlas.cubes.told import told_setting
from layeratlas.infinite_width.asymptotics import asymptote
from layeratlas.infinite_width.crossing import crossing, crossing_of
from layeratlas.infinite_width.relu import Rectifier
from layeratlas.papers.signal_propagation.profiles import INIT, VIEW, layer_count, profile

__all__ = ["asymptotic", "balance", "correlations", "empirical", "first_cosine", "mean_field"]


def correlations(cube: xr.DataTree, view: str = VIEW) -> xr.Dataset:
    """`forward` fc_l and `backward` bc_l of the networks before training, (axes…, seed, layer)."""
    return xr.Dataset(
        {
            "forward": profile(cube, "forward_correlation", view, INIT),
            "backward": profile(cube, "backward_correlation", view, INIT),
        }
    )


def balance(cube: xr.DataTree, view: str = VIEW) -> xr.Dataset:
    """`c0`, `empirical`, `mean_field` and `asymptotic` of every run, (axes…, seed), read once."""
    found = correlations(cube, view)
    layers = layer_count(found["forward"])
    c0 = found["forward"].sel(layer=1, drop=True)
    crossed = xr.apply_ufunc(
        crossing,
        1 - found["forward"],
        found["backward"],
        input_core_dims=[["layer"], ["layer"]],
    )
    of_relu = asymptote(Rectifier())
    return xr.Dataset(
        {
            "c0": c0,
            "empirical": crossed,
            "mean_field": _mean_field(cube, c0, layers),
            "asymptotic": of_relu.constant * layers.astype(float) ** of_relu.exponent,
        }
    )


def first_cosine(cube: xr.DataTree, view: str = VIEW) -> xr.DataArray:
    """c0 of every run: mean cosine of the inputs of its view, (axes…, seed)."""
    return balance(cube, view)["c0"]


def empirical(cube: xr.DataTree, view: str = VIEW) -> xr.DataArray:
    """l*_emp of every run, (axes…, seed): the crossing in the network before training.

    1 where backward information is above the forward one from the start, L where they never cross.
    """
    return balance(cube, view)["empirical"]


def mean_field(cube: xr.DataTree, view: str = VIEW) -> xr.DataArray:
    """l*_mf of every run: the crossing of the infinitely wide network that starts at its c0.

    Of perceptrons of ReLU and leaky ReLU at the edge of chaos, without batch norm; NaN of all else,
    to which the recursion does not apply (specification §3.1).
    """
    return balance(cube, view)["mean_field"]


def asymptotic(cube: xr.DataTree, view: str = VIEW) -> xr.DataArray:
    """l*_asym = (9 π²/2)^(1/5) L^(3/5) of every network: of ReLU at large L, far too deep below."""
    return balance(cube, view)["asymptotic"]


def _mean_field(cube: xr.DataTree, c0: xr.DataArray, layers: xr.DataArray) -> xr.DataArray:
    if not _has_recursion(cube):
        return c0 + math.nan
    own = "negative_slope" in c0.dims
    slope = c0["negative_slope"] if own else told_setting(cube, "model.negative_slope", default=0.0)
    found = xr.apply_ufunc(
        _crossing_from,
        c0,
        layers,
        slope,
        vectorize=True,
        output_dtypes=[float],
    )
    return found.transpose(*c0.dims)


def _crossing_from(cosine: float, layers: int, negative_slope: float) -> float:
    if not math.isfinite(cosine):
        return math.nan
    return float(crossing_of(Rectifier(float(negative_slope)), cosine, int(layers)))


def _has_recursion(cube: xr.DataTree) -> bool:
    return (
        told_setting(cube, "model.family", default="mlp") == "mlp"
        and not told_setting(cube, "model.batch_norm", default=False)
        and told_setting(cube, "model.activation", default="relu") in ("relu", "leaky_relu")
    )
