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

>>> cube = layeratlas.open_cube("results/laptop/cubes/phase_diagram_dropout.zarr.zip")
>>> convexity_index(load_curve(cube))           # (dropout, negative_slope)
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import numpy as np
import xarray as xr

from layeratlas.cubes.selecting import (
    PUBLISHED_BATCH_NORM_MODE,
    _node,
    _only_finished,
    _variable,
    final,
)


def load_curve(
    dataset: xr.DataTree | xr.Dataset,
    *,
    variable: str = "data_separation",
    epoch: float | None = None,
    step: int | None = None,
    batch_norm_mode: str = PUBLISHED_BATCH_NORM_MODE,
    keep_epochs: bool = False,
    over: Hashable | Iterable[Hashable] | None = "seed",
) -> xr.DataArray:
    """Load curve D_l, l = 0 … L', averaged over seeds *before* any normalisation.

    `dataset` is a cube or its `layers` node. The logits are dropped; the springs' counterpart of
    D_l, `variable="spring_separation"`, has none. Time is chosen as in `final`. A run counts in
    the mean only if all layers of its curve are finite, so that every point of a mean curve is a
    mean over the same runs; a cell without such a run is NaN. `over=None` keeps the runs apart.

    Returns (…, layer), without unit. Source: arXiv 2407.19353, figure "phase diagram".
    """
    layers = _node(dataset, "layers")
    curve = final(
        _variable(layers, variable),
        epoch=epoch,
        step=step,
        batch_norm_mode=batch_norm_mode,
        keep_epochs=keep_epochs,
    )
    curve = _only_finished(curve, dataset)
    if "layer_name" in curve.coords:
        names = [str(name) for name in curve["layer_name"].values]
        curve = curve.isel(layer=[i for i, name in enumerate(names) if name != "logits"])
    else:
        curve = curve.isel(layer=slice(None, -1))
    curve = curve.where(np.isfinite(curve).all("layer"))
    if over is not None:
        curve = curve.mean(over, skipna=True, keep_attrs=True)
    return curve.rename(variable)


def convexity_index(separation: xr.DataArray, dim: Hashable = "layer") -> xr.DataArray:
    """Mean signed distance of a load curve below its chord, in units of its range.

        chord_l = D_0 + (D_L' − D_0) · l / L'
        CI      = mean_l( chord_l − D_l ) / ( max_l D_l − min_l D_l )

    CI > 0 convex, CI < 0 concave, |CI| ≤ 0.02 straight for practical purposes. Invariant under
    D → aD + b with a > 0, hence computable from range-normalised published curves. NaN where the
    curve is constant or has a missing point. Dimensionless; drops `dim`; lazy on lazy input.
    """
    D = _finite(separation)
    D_0, D_last = D.isel({dim: 0}, drop=True), D.isel({dim: -1}, drop=True)
    chord = D_0 + (D_last - D_0) * _position(D, dim)
    below_chord = (chord - D).mean(dim, skipna=False)
    spread = _spread(D, dim)
    return (
        (below_chord / spread.where(spread > 0))
        .rename("convexity_index")
        .assign_attrs(long_name="convexity index of the load curve", units="1")
    )


def loads(separation: xr.DataArray, dim: Hashable = "layer") -> xr.DataArray:
    """Loads d_l = D_{l−1} − D_l, labelled by the layer l that carries them; they sum to
    D_0 − D_L'."""
    return (-separation.diff(dim, label="upper")).rename("load")


def load_uniformity(separation: xr.DataArray, dim: Hashable = "layer") -> xr.DataArray:
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


def second_difference_sum(separation: xr.DataArray, dim: Hashable = "layer") -> xr.DataArray:
    """Sum of the second differences of a load curve, c = d_1 − d_L' (the sum telescopes).

    Positive for convex curves. It sees the first and the last load only: prefer
    `convexity_index`, and use this one to compare with the authors' records.
    """
    d = loads(separation.astype("float64"), dim)
    return (d.isel({dim: 0}, drop=True) - d.isel({dim: -1}, drop=True)).rename(
        "second_difference_sum"
    )


def range_normalised(separation: xr.DataArray, dim: Hashable = "layer") -> xr.DataArray:
    """The curve rescaled to [0, 1] by its own minimum and maximum, as the figure draws it."""
    D = _finite(separation)
    spread = _spread(D, dim)
    return (D - D.min(dim, skipna=False)) / spread.where(spread > 0)


def _finite(separation: xr.DataArray) -> xr.DataArray:
    """Double precision, so that sums over layers do not add noise; infinities become NaN."""
    D = separation.astype("float64")
    return D.where(np.isfinite(D))


def _spread(D: xr.DataArray, dim: Hashable) -> xr.DataArray:
    return D.max(dim, skipna=False) - D.min(dim, skipna=False)


def _position(D: xr.DataArray, dim: Hashable) -> xr.DataArray:
    """l / L' along `dim`: the place in the curve, whatever the layers are called."""
    fraction = xr.DataArray(np.linspace(0.0, 1.0, D.sizes[dim]), dims=[dim])
    return fraction.assign_coords({dim: D[dim]}) if dim in D.coords else fraction
