"""Numbers of every layer along training, read from a cube of this paper.

Layers are the maps of the main path that are no affine pair of a batch norm, in the order of the
pass; `layer` counts them from 0, as the paper does. A run that stopped early has its last weights
at the records after that, so that `final` is its end.

>>> cube = layeratlas.open_cube("results/laptop/cubes/nfa_chain_gd.zarr.zip")
>>> uc = curve(cube, "uc_nfc")                    # (init_gain, seed, record, layer)
>>> at(uc, "final").sel(layer=0).mean("seed")
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.cubes import selecting
from layeratlas.errors import LayerAtlasError

__all__ = ["at", "curve", "evaluated", "moments", "steps"]

#: Affine maps that are no layer of weights: the affine pair of a batch norm.
_NO_LAYER = "scale"
_TIMES = ("record", "epoch")
#: Dimensions of a matrix.
_OWN = ("input", "other_input")


def curve(cube: xr.DataTree, variable: str, view: str | None = None) -> xr.DataArray:
    """A variable of `/affine`, (axes…, seed, record, layer, …), float64.

    NaN for runs that are not ok. `record` has the labels of record points, or is `epoch`; `layer`
    has the coordinate `layer_name`. LayerAtlasError where the cube has no such variable or view.
    """
    array = selecting.recorded(cube, variable)
    if "affine" not in array.dims:
        raise LayerAtlasError(f"{variable} is no number of affine maps: it is along {array.dims}")
    array = selecting.ascending(selecting.final(array, view=view, keep_epochs=True))
    kept = array["main_path"].values.astype(bool) & (array["affine_kind"].values != _NO_LAYER)
    array = array.isel(affine=np.flatnonzero(kept)).rename(affine="layer", affine_name="layer_name")
    array = array.drop_vars(["affine_kind", "affine_layer", "main_path"])
    array = _named(array.assign_coords(layer=np.arange(array.sizes["layer"])))
    # Axes, seed, time and layer, then what is a metric's own.
    after = [dim for dim in _OWN if dim in array.dims]
    axes = [dim for dim in array.dims if dim not in ("seed", *_TIMES, "layer", *after)]
    return array.transpose(*axes, "seed", ..., "layer", *after).astype("float64").load()


def evaluated(cube: xr.DataTree, variable: str) -> xr.DataArray:
    """A score or loss of all samples along training, (axes…, seed, record), float64."""
    array = selecting.final(selecting.recorded(cube, variable), keep_epochs=True)
    array = selecting.ascending(array)
    return _named(array).astype("float64").load()


def steps(cube: xr.DataTree) -> xr.DataArray:
    """Steps of the optimiser before each record that a run came to, (axes…, seed, record).

    At `final` those that the run made; NaN at a record that it did not come to.
    """
    root = selecting.node_of(cube, "/")
    found = root["record_step"].where(root["reached"] == 1)
    each = root["record_step"] / root["record_epoch"].where(root["record_epoch"] > 0)
    ends = (root["label"] == "final") & found.isnull()
    found = found.where(~ends, root["epochs_run"] * each.max())
    return _named(selecting.ascending(selecting.only_finished(found, cube))).load()


def moments(array: xr.DataArray) -> str:
    """The dimension along which it has moments: `record` or `epoch`."""
    return next(dim for dim in _TIMES if dim in array.dims)


def at(array: xr.DataArray, moment: str) -> xr.DataArray:
    """At the moment `init` or `final`, or at a record of that label; LayerAtlasError for none."""
    dim = moments(array)
    if moment in ("init", "final") and dim == "epoch":
        return array.sel(epoch=array["epoch"].min() if moment == "init" else array["epoch"].max())
    known = [str(name) for name in array[dim].values]
    if moment not in known:
        raise LayerAtlasError(f"{dim} {moment!r} was not kept; kept: {known}")
    return array.isel({dim: known.index(moment)}, drop=True)


def _named(array: xr.DataArray) -> xr.DataArray:
    """Records by their labels."""
    if "record" not in array.dims:
        return array
    labels = np.array([str(name) for name in array["label"].values], dtype=object)
    return array.drop_vars("label").assign_coords(record=labels)
