"""The layers of each network of a cube: what they are called, and where a network ends.

`layer` counts from the input, 0, in all networks alike. `layer_name` is (layer,) where all
networks have the same layers. Where they differ it is (axes that tell them apart, layer), in each
network's own words, and empty beyond its end; so the logits of a network of depth 4 are the layer
of that name, not the fifth of all. NaN under a name is a run that failed; under none, no layer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

#: Name of a layer that a network does not have.
BEYOND = ""

LOGITS = "logits"

#: Of the variable `n_layers`; chains have it as well.
N_LAYERS_ATTRIBUTES = {
    "long_name": "entries of `layer` that the run has, the first counted",
    "units": "1",
}


def layer_name(
    layouts: Sequence[Sequence[str]],
    which: np.ndarray,
    dims: Sequence[str],
    length: int,
    attributes: Mapping[str, Any] | None = None,
    dim: str = "layer",
    beyond: Any = BEYOND,
) -> xr.Variable:
    """The variable `layer_name` of runs on a grid, or another such along `dim`.

    `layouts[which[run]]` are the names of a run's layers, `which` being (`dims`), −1 for a run that
    is missing. The result has those dims along which names differ, then `layer` of `length`. A
    missing run has the names of those beside it along the other dims, where they do not differ.
    """
    kept = []
    # The last axes go first: where runs are missing, several choices of axes may do.
    for position in reversed(range(which.ndim)):
        highest = which.max(axis=position)
        same = (which == np.expand_dims(highest, position)) | (which < 0)
        if same.all():
            which = highest
        else:
            kept.append(dims[position])
    padded = [[*names, *[beyond] * (length - len(names))] for names in layouts]
    # The last row is that of −1, of cells where nothing is known.
    kind = object if isinstance(beyond, str) else None
    names = np.array([*padded, [beyond] * length], dtype=kind)[which]
    told = dict(attributes or {})
    if kept:
        remarks = (f"of each network; empty beyond its last {dim}", told.get("comment"))
        told["comment"] = "; ".join(remark for remark in remarks if remark)
    return xr.Variable((*reversed(kept), dim), names, told)


def with_own_names(node: xr.Dataset, n_layers: xr.DataArray | None = None) -> xr.Dataset:
    """A node whose `layer_name` is each network's own, as cubes of earlier versions lack it.

    These have the names of the deepest network, and `n_layers` beside them (in the node, or
    given). Any other node comes back as it is.
    """
    n_layers = node.get("n_layers", n_layers)
    if n_layers is None or "layer_name" not in node.coords:
        return node
    deepest = node.coords["layer_name"]
    if deepest.dims != ("layer",):
        return node
    counts = n_layers.fillna(0).values.astype(int)
    if set(np.unique(counts)) <= {0, deepest.size}:
        return node
    names = [str(name) for name in deepest.values]
    lengths = [int(n) for n in np.unique(counts) if n]
    ends = [names[-1:] if names[-1] == LOGITS else names[n - 1 : n] for n in lengths]
    layouts = [[*names[: n - 1], *end] for n, end in zip(lengths, ends, strict=True)]
    which = np.searchsorted(lengths, counts)
    which[counts == 0] = -1
    own = layer_name(layouts, which, tuple(map(str, n_layers.dims)), deepest.size, deepest.attrs)
    return node.drop_vars("layer_name").assign_coords(layer_name=own)


def union(layouts: Iterable[Sequence[str]]) -> list[str]:
    """All names, each after those that come before it in some network; the longest decides."""
    merged: list[str] = []
    for names in sorted(layouts, key=len, reverse=True):
        place = 0
        for name in names:
            if name in merged:
                place = max(place, merged.index(name) + 1)
            else:
                merged.insert(place, name)
                place += 1
    return merged


def by_name(array: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """The array with its `layer` labelled by name, and which networks have a layer of that name.

    NaN where they have not. For arrays whose `layer_name` has more dims than `layer`: of networks
    that differ, the layers of one name come together, the logits of all in the last entry.
    """
    names = array.coords["layer_name"]
    rows = names.transpose(..., "layer").values.reshape(-1, names.sizes["layer"])
    wanted = union(dict.fromkeys(tuple(name for name in row if name != BEYOND) for row in rows))
    found = xr.concat([(names == name).reset_coords(drop=True) for name in wanted], "name")
    there = found.any("layer").rename(name="layer").transpose(..., "layer")
    plain = array.drop_vars(("layer", "layer_name"), errors="ignore")
    together = plain.isel(layer=found.argmax("layer")).rename(name="layer").transpose(*array.dims)
    label = np.array(wanted, dtype=object)
    there = there.assign_coords(layer=label)
    return together.assign_coords(layer=label).where(there), there
