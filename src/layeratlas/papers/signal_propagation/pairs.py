"""Cosines of pairs before training, beside the recursion that is started at each pair's own.

Of a network without biases (specification §3.4): the error of a layer is the mean over pairs of
|network − recursion|, backward of each output's cotangents on its own and then averaged, which
gives larger numbers than averaging the outputs first.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.cubes.told import told_setting
from layeratlas.errors import LayerAtlasError
from layeratlas.infinite_width.choosing import correlation_map
from layeratlas.infinite_width.crossing import crossing
from layeratlas.infinite_width.recursion import CorrelationMap, Correlations, correlations
from layeratlas.infinite_width.relu import edge_weight_std
from layeratlas.papers.signal_propagation.equilibrium import first_cosine
from layeratlas.papers.signal_propagation.profiles import INIT, VIEW, profile

__all__ = ["crossing_at_mean", "map_of", "mean_over_pairs", "pair_errors", "shuffled"]


def map_of(cube: xr.DataTree) -> CorrelationMap:
    """What a layer of the cube's networks does to a correlation; LayerAtlasError without one.

    Kaiming's and other laws without biases; of rectifiers, whatever the spread of weights.
    """
    slope = float(told_setting(cube, "model.negative_slope", default=0.0))
    activation = str(told_setting(cube, "model.activation", default="relu"))
    if told_setting(cube, "model.batch_norm", default=False):
        raise LayerAtlasError("model.batch_norm: networks with batch norm have no recursion here")
    return correlation_map(activation, edge_weight_std(slope), 0.0, slope)


def pair_errors(cube: xr.DataTree, view: str = VIEW, *, shuffle: bool = False) -> xr.Dataset:
    """Mean |network − recursion| over pairs, `forward` and `backward`, (axes…, seed, layer).

    Pairs with an example that has no direction are left out. With `shuffle` the recursion of a pair
    is started at another pair's cosine: the control.
    """
    own = map_of(cube)
    forward = profile(cube, "forward_cosines", view, INIT)
    backward = profile(cube, "backward_cosines", view, INIT)
    start = forward.isel(layer=0, drop=True)
    if shuffle:
        start = start.isel(pair=shuffled(start.sizes["pair"]))
    told = [
        xr.apply_ufunc(
            lambda cosine, part=part: getattr(_from(own, cosine, forward.sizes["layer"]), part),
            start,
            input_core_dims=[[]],
            output_core_dims=[["layer"]],
        )
        for part in ("forward", "backward")
    ]
    off_forward = abs(forward.drop_vars("pair", errors="ignore") - _plain(told[0]))
    off_backward = abs(backward.drop_vars("pair", errors="ignore") - _plain(told[1]))
    return xr.Dataset(
        {
            "forward": off_forward.mean("pair"),
            "backward": off_backward.mean("pair").mean("output"),
        }
    )


def mean_over_pairs(cube: xr.DataTree, view: str = VIEW) -> Correlations:
    """The recursion of every pair of the first network's inputs, averaged: (layer,) each.

    All networks of the experiment read the same images.
    """
    first = profile(cube, "forward_cosines", view, INIT)
    others = [d for d in first.dims if d not in ("pair", "layer")]
    cosine = first.isel(dict.fromkeys(others, 0)).isel(layer=0).values
    found = _from(map_of(cube), cosine[np.isfinite(cosine)], first.sizes["layer"])
    return Correlations(found.loss.mean(0), found.backward.mean(0))


def crossing_at_mean(cube: xr.DataTree, view: str = VIEW) -> float:
    """l*_mf: the crossing of the recursion that is started at the mean cosine of the data."""
    layers = profile(cube, "forward_correlation", view, INIT).sizes["layer"]
    found = _from(map_of(cube), np.asarray(float(first_cosine(cube, view).mean())), layers)
    return float(crossing(found.loss, found.backward))


def shuffled(count: int) -> np.ndarray:
    """An order of pairs, always the same."""
    return np.random.default_rng(0).permutation(count)


def _from(own: CorrelationMap, cosine: np.ndarray, layers: int) -> Correlations:
    # Cosines of single precision may be above one by a digit; NaN stays NaN.
    known = np.isfinite(cosine)
    found = correlations(own, np.where(known, np.clip(cosine.astype(float), -1, 1), 0.0), layers)
    gone = ~known[..., None]
    return Correlations(np.where(gone, np.nan, found.loss), np.where(gone, np.nan, found.backward))


def _plain(array: xr.DataArray) -> xr.DataArray:
    return array.drop_vars([name for name in ("pair", "layer") if name in array.coords])
