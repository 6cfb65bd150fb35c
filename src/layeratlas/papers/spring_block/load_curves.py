"""Reductions of cubes that figures, claims and a person in a notebook share.

Every function takes and returns labelled arrays; none takes an axis number. Symbols follow
Shi, Pan and Dokmanić, *Spring-block theory of feature learning in deep neural networks*
(arXiv 2407.19353):

    D_l    data separation after layer l; smaller is better separated; l = 0 is the input
    d_l    load of layer l, d_l = D_{l-1} − D_l
    L'     last layer of the load curve; the logits are no part of it, so L' = 7 in the paper
    v, c   standard deviation of the loads; first load minus last
    CI     convexity index of the load curve D_0 … D_L'

A curve below its chord is convex (CI > 0): shallow layers carry the load. A curve above it is
concave (CI < 0): deep layers carry it.

Networks of one cube may differ in depth: each has its own L', and a reduction sees its own layers
only. A point missing *inside* a curve is NaN, and so is what is computed from it.

>>> cube = layeratlas.open_cube("results/laptop/cubes/phase_diagram_dropout.zarr.zip")
>>> convexity_index(load_curve(cube))           # (dropout, negative_slope)
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import wraps
from typing import Protocol

import numpy as np
import xarray as xr

from layeratlas.cubes.layers import BEYOND, LOGITS
from layeratlas.cubes.selecting import (
    PUBLISHED_BATCH_NORM_MODE,
    final,
    node_of,
    only_finished,
    variable_of,
)
from layeratlas.cubes.statistics import mean_over
from layeratlas.errors import LayerAtlasError

#: Coordinate of curves of several lengths: L' of each. Curves of one length do without.
LAST_LAYER = "last_layer"


def load_curve(
    dataset: xr.DataTree | xr.Dataset,
    *,
    variable: str = "data_separation",
    epoch: float | None = None,
    step: int | None = None,
    batch_norm_mode: str = PUBLISHED_BATCH_NORM_MODE,
    keep_epochs: bool = False,
    over: str | Iterable[str] | None = "seed",
) -> xr.DataArray:
    """Load curve D_l, l = 0 … L', averaged over seeds *before* any normalisation.

    `dataset` is a cube or its `layers` node. Each network's own logits are dropped; the springs'
    counterpart of D_l, `variable="spring_separation"`, has none. Time is chosen as in `final`. A
    run counts in the mean only if all layers of its curve are finite, so that every point of a
    mean curve is a mean over the same runs (`runs_behind` counts them); a cell without such a run
    is NaN. `over=None` keeps the runs apart.

    Returns (…, layer), without unit. Where networks differ in depth, curves end in NaN and the
    coordinate `last_layer` holds the L' of each; every reduction below minds it. LayerAtlasError
    where `over` would average curves of different lengths. Source: arXiv 2407.19353, figure
    "phase diagram".
    """
    layers = node_of(dataset, "layers")
    curve = final(
        variable_of(layers, variable),
        epoch=epoch,
        step=step,
        batch_norm_mode=batch_norm_mode,
        keep_epochs=keep_epochs,
    )
    curve = only_finished(curve, dataset)
    curve, own = _without_logits(curve)
    known = xr.DataArray(np.isfinite(curve))
    curve = curve.where(known.all("layer") if own is None else (known | ~own).all("layer"))
    if over is not None:
        dims = [over] if isinstance(over, str) else list(over)
        mixed = [] if own is None else [str(dim) for dim in curve[LAST_LAYER].dims if dim in dims]
        if mixed:
            raise LayerAtlasError(
                f"curves of different lengths have no mean over {', '.join(mixed)}: select a value"
            )
        curve = mean_over(curve, dims)
    return (curve if own is None else curve.where(own)).rename(variable)


def runs_behind(dataset: xr.DataTree | xr.Dataset, dim: str = "seed", **choice) -> xr.DataArray:
    """How many runs along `dim` each mean of `load_curve`, of the same `choice`, counts."""
    return whole_runs(load_curve(dataset, over=None, **choice), dim)


def whole_runs(runs: xr.DataArray, dim: str = "seed") -> xr.DataArray:
    """How many along `dim` of the curves of `load_curve(…, over=None)` are there."""
    # A curve that is not whole is NaN in all its points.
    return xr.DataArray(np.isfinite(runs)).any("layer").sum(dim).rename("runs_behind")


def _without_logits(curve: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray | None]:
    """The curve up to the largest L', and, with `last_layer`, where each has its own if L' differs.

    What a shorter one has beyond its L', its logits first, is still in it.
    """
    names = curve.coords.get("layer_name")
    if names is None:
        return curve.isel(layer=slice(None, -1)), None
    own = (names != BEYOND) & (names != LOGITS)
    if names.dims == ("layer",):
        return curve.isel(layer=np.flatnonzero(own)), None
    lengths = own.sum("layer").reset_coords(drop=True)
    longest = np.arange(int(lengths.max()))
    curve = curve.assign_coords(layer_name=names.where(own, BEYOND)).isel(layer=longest)
    if int(lengths.min()) == len(longest):
        return curve, None
    told = {"long_name": "last layer of the load curve, L'", "units": "1"}
    curve = curve.assign_coords({LAST_LAYER: (lengths - 1).assign_attrs(told)})
    return curve, own.isel(layer=longest).reset_coords(drop=True)


class Reduction(Protocol):
    """Of load curves along `dim`."""

    def __call__(self, separation: xr.DataArray, /, dim: str = "layer") -> xr.DataArray: ...


def _of_each_length(reduction: Reduction) -> Reduction:
    """The reduction of every curve along its own layers only, where lengths differ."""

    @wraps(reduction)
    def of_each(separation: xr.DataArray, dim: str = "layer") -> xr.DataArray:
        if LAST_LAYER not in separation.coords:
            return reduction(separation, dim)
        last = separation[LAST_LAYER].reset_coords(drop=True)
        curves = separation.drop_vars(LAST_LAYER)
        # −1, a cell of which nothing is known, is left with the NaN of the shortest.
        first, *longer = np.unique(last.clip(min=0)).tolist()
        result = reduction(curves.isel({dim: slice(first + 1)}), dim)
        for end in longer:
            own = reduction(curves.isel({dim: slice(end + 1)}), dim)
            result = own.where(last == end, result)
        return result

    return of_each


@_of_each_length
def convexity_index(separation: xr.DataArray, dim: str = "layer") -> xr.DataArray:
    """Mean signed distance of a load curve below its chord, in units of its range.

        chord_l = D_0 + (D_L' − D_0) · l / L'
        CI      = mean_l( chord_l − D_l ) / ( max_l D_l − min_l D_l )

    CI > 0 convex, CI < 0 concave, |CI| ≤ 0.02 straight for practical purposes. Invariant under
    D → aD + b with a > 0, hence computable from range-normalised published curves. NaN where the
    curve is constant or has a missing point. Dimensionless; drops `dim`; lazy on lazy input.
    """
    # Claims ask for it thousands of times: names are handled once, not at each operation.
    found = xr.apply_ufunc(
        _convexity_index, separation, input_core_dims=[[dim]], dask="allowed", keep_attrs=True
    )
    return found.rename("convexity_index").assign_attrs(
        long_name="convexity index of the load curve", units="1"
    )


def _convexity_index(separation):
    """Along the last axis."""
    D = separation.astype("float64")
    D = np.where(np.isfinite(D), D, np.nan)
    first, last = D[..., :1], D[..., -1:]
    # In curves of several lengths this sees one length at a time, and L' is that length's.
    chord = first + (last - first) * np.linspace(0.0, 1.0, D.shape[-1])
    spread = D.max(-1) - D.min(-1)
    return (chord - D).mean(-1) / np.where(spread > 0, spread, np.nan)


def loads(separation: xr.DataArray, dim: str = "layer") -> xr.DataArray:
    """Loads d_l = D_{l−1} − D_l, labelled by the layer l that carries them; they sum to
    D_0 − D_L'."""
    return (-separation.diff(dim, label="upper")).rename("load")


@_of_each_length
def load_uniformity(separation: xr.DataArray, dim: str = "layer") -> xr.DataArray:
    """Population standard deviation v of the loads of the range-normalised curve.

        v = std_l( d_l ) / ( max_l D_l − min_l D_l )

    0 when every layer carries the same load; larger is *less* uniform. NaN where the curve is
    constant or has a missing point.
    """
    D = _finite(separation)
    spread = _spread(D, dim)
    return (
        (loads(D, dim).std(dim, ddof=0, skipna=False) / spread.where(spread > 0))
        .rename("load_uniformity")
        .assign_attrs(long_name="standard deviation of the normalised loads", units="1")
    )


@_of_each_length
def second_difference_sum(separation: xr.DataArray, dim: str = "layer") -> xr.DataArray:
    """Sum of the second differences of a load curve, c = d_1 − d_L' (the sum telescopes).

    Positive for convex curves. It sees the first and the last load only: prefer
    `convexity_index`, and use this one to compare with the authors' records.
    """
    d = loads(separation.astype("float64"), dim)
    return (d.isel({dim: 0}, drop=True) - d.isel({dim: -1}, drop=True)).rename(
        "second_difference_sum"
    )


def range_normalised(separation: xr.DataArray, dim: str = "layer") -> xr.DataArray:
    """The curve rescaled to [0, 1] by its own minimum and maximum, as the figure draws it."""
    D = _finite(separation)
    spread = _spread(D, dim)
    return (D - _lowest(D, dim)) / spread.where(spread > 0)


def _finite(separation: xr.DataArray) -> xr.DataArray:
    """Double precision, so that sums over layers do not add noise; infinities become NaN."""
    D = separation.astype("float64")
    return D.where(np.isfinite(D))


@_of_each_length
def _lowest(D: xr.DataArray, dim: str = "layer") -> xr.DataArray:
    return D.min(dim, skipna=False)


@_of_each_length
def _spread(D: xr.DataArray, dim: str = "layer") -> xr.DataArray:
    return D.max(dim, skipna=False) - D.min(dim, skipna=False)
