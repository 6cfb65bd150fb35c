"""A number of every layer of a network, as the paper counts layers: l = 1 … L.

L counts weight layers: 1 is the input layer, L the read-out. Convolutions are layers, pooling is
none; shortcuts and the affine pairs of batch norm, which the authors' scripts count too, are not on
the main path and are left out here (specification §1).

>>> cube = layeratlas.open_cube("results/laptop/cubes/alignment_mnist.zarr.zip")
>>> A = profile(cube, "alignment")                       # (depth, seed, layer), at the mark
>>> shape_of(A.sel(depth=20)).presence                   # of `shape`: "present"
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.cubes import selecting
from layeratlas.cubes.layers import BEYOND
from layeratlas.cubes.selecting import ascending
from layeratlas.errors import LayerAtlasError

__all__ = ["INIT", "MARK", "VIEW", "ascending", "came", "layer_count", "profile"]

#: Labels of record points in the experiments of this paper, and the view that is usually meant.
INIT, MARK, VIEW = "init", "mark_0.1", "train"
#: Where a cube counts epochs, the two moments that have a name all the same.
_EPOCHS = {INIT: 0, "final": None}
#: Affine maps that are no layer of weights: the affine pair of a batch norm.
_NO_LAYER = "scale"


def profile(cube: xr.DataTree, variable: str, view: str = VIEW, record: str = MARK) -> xr.DataArray:
    """A variable of `/affine` along the main path, (axes…, seed, layer), layer = 1 … L.

    NaN beyond a network's own depth, for runs that are not ok, and for runs that did not come to
    the record point. Of a cube that counts epochs `init` is epoch 0 and `final` the last one.
    `layer_name` says what each layer is called. LayerAtlasError where the cube has no such
    variable, view or record.
    """
    array = selecting.recorded(cube, variable)
    if "affine" not in array.dims:
        raise LayerAtlasError(f"{variable} is no number of affine maps: it is along {array.dims}")
    epoch = None
    if "epoch" in array.dims:
        if record not in _EPOCHS:
            raise LayerAtlasError(
                f"record {record!r}: the cube counts epochs; only {sorted(_EPOCHS)} are known of it"
            )
        epoch = _EPOCHS[record]
    array = selecting.final(array, record=record, view=view, epoch=epoch).load()
    array = array.sortby("affine") if "affine" in array.indexes else array
    kept = _layers(array)
    # What is kept comes first, in order; each network has its own such order.
    order = xr.apply_ufunc(
        lambda there: np.argsort(~there, axis=-1, kind="stable"),
        kept,
        input_core_dims=[["affine"]],
        output_core_dims=[["layer"]],
    )
    count = kept.sum("affine")
    names = array["affine_name"]
    along = [name for name, c in array.coords.items() if "affine" in c.dims]
    plain = array.drop_vars(along).isel(affine=order)
    own = names.drop_vars(along).isel(affine=order)
    layer = xr.DataArray(np.arange(1, order.sizes["layer"] + 1), dims="layer")
    plain = plain.assign_coords(layer=layer).where(layer <= count)
    plain = plain.assign_coords(layer_name=own.where(layer <= count, BEYOND))
    plain = plain.isel(layer=slice(int(count.max())))
    plain = plain.where(came(cube, record)).transpose(..., "seed", "layer")
    return ascending(plain).rename(variable)


def layer_count(profiles: xr.DataArray) -> xr.DataArray:
    """L of every network of a `profile`, along the axes that tell networks apart."""
    return (profiles["layer_name"] != BEYOND).sum("layer").reset_coords(drop=True)


def came(cube: xr.DataTree, record: str) -> xr.DataArray:
    """Whether each run came to the record point, (axes…, seed); true where a cube counts epochs.

    A run that stopped before has its last weights there, and did not come.
    """
    root = cube["/"].to_dataset()
    if "reached" not in root:
        return xr.ones_like(root["status"], dtype=bool)
    labels = [str(name) for name in root["label"].values]
    if record not in labels:
        raise LayerAtlasError(f"record {record!r} was not kept; kept: {labels}")
    return root["reached"].isel(record=labels.index(record), drop=True) == 1


def _layers(array: xr.DataArray) -> xr.DataArray:
    """Which affine maps are layers: on the main path, no scale, and of this network at all."""
    own = array["affine_name"] != BEYOND
    kept = own & array["main_path"].astype(bool) & (array["affine_kind"] != _NO_LAYER)
    return kept.reset_coords(drop=True)
