"""Assembling a cube: the dataset of one experiment, grid axes × seed × epoch × layer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.cubes.attributes import cube_attributes
from layeratlas.cubes.grid import FOLLOWS, VARIES
from layeratlas.cubes.layers import BEYOND, N_LAYERS_ATTRIBUTES, layer_name
from layeratlas.cubes.records import RECORD, labelled_records, on_records
from layeratlas.errors import StoreError
from layeratlas.runs.status import MISSING

#: Coordinates that say of a layer, or an affine map, what it is in each network; what they say
#: beyond its last one.
NAMES: dict[str, Any] = {
    "layer_name": BEYOND, "affine_name": BEYOND, "affine_kind": BEYOND, "affine_layer": -1,
    "main_path": False,
}  # fmt: skip


def assemble(
    description: Mapping[str, Any],
    runs: Sequence[Mapping[str, Any]],
    measured: Iterable[xr.DataTree],
) -> xr.DataTree:
    """One cube from the measurements of an experiment's shards.

    `description`, `runs`: of the experiment, as `config.expansion.describe` gives them (plain
    JSON). Each tree of `measured` has a `run` dimension with `run_id`; its runs are placed at their
    coordinates, and runs the experiment does not ask for are left out. Dims: grid axes in the order
    of `description["grid"]`, `seed`, then those of the measurement. Numbers ascend along every
    axis; text keeps its order. Runs found nowhere are NaN, `status` missing.

    The root's attribute `axes` lists the grid axes, and each one's coordinate says what it
    `varies`; so does that of a setting along an axis, and which axis it `follows`. Nodes with
    layers name those of each network (`cubes.layers`), and `n_layers` counts them. StoreError for a
    variable without a `run` dimension, or without a value for missing.
    """
    grid = {axis: _ascending(values) for axis, values in description["grid"].items()}
    axes = {**grid, "seed": _ascending(description["seeds"])}
    index = {axis: {value: i for i, value in enumerate(values)} for axis, values in axes.items()}
    # Two coordinates may name one run: the rules 2/sqrt(L) and 1 are the same at depth 4.
    place: dict[str, list[tuple[int, ...]]] = {}
    for run in runs:
        spot = tuple(index[axis][run["coordinates"][axis]] for axis in axes)
        place.setdefault(run["id"], []).append(spot)
    shape = tuple(len(values) for values in axes.values())
    nodes: dict[str, xr.Dataset] = {"/": xr.Dataset()}
    layers: dict[tuple[str, str], _Layers] = {}
    records = description.get("records", ())
    for tree in measured:
        tree = on_records(tree, records)
        facts = tree.to_dataset()
        ids = facts["run_id"].values.tolist()
        known = [i for i, run in enumerate(ids) for _ in place.get(run, ())]
        if not known:
            continue
        spots = tuple(np.array([spot for run in ids for spot in place.get(run, ())]).T)
        for node in tree.subtree:
            source = node.to_dataset(inherit=False)
            if RECORD in source.dims:
                source = source.assign_coords({RECORD: node[RECORD]})
            for told in [name for name in NAMES if name in source.coords]:
                own = layers.setdefault((node.path, told), _Layers(shape, NAMES[told]))
                counted = facts.get("n_layers") if told == "layer_name" else None
                own.add(source[told], counted, known, spots)
                source = source.drop_vars(told)
            target = nodes.setdefault(node.path, xr.Dataset())
            target = _grown(target, source, tuple(axes), shape)
            for name, variable in node.data_vars.items():
                rest = [_positions(target, variable, str(dim)) for dim in variable.dims[1:]]
                target[name].values[_product(spots, rest)] = variable.values[known]
            nodes[node.path] = target
    for (path, told), own in layers.items():
        names = own.names(tuple(axes), nodes[path].sizes)
        nodes[path] = nodes[path].assign_coords({told: names})
        if told == "layer_name" and "n_layers" not in nodes["/"]:
            counts = (tuple(axes), own.counts, N_LAYERS_ATTRIBUTES)
            nodes[path] = nodes[path].assign(n_layers=counts)
    for path in nodes if records else ():
        nodes[path] = labelled_records(nodes[path], records)
    coordinates = {axis: _coordinate(axis, values, description) for axis, values in axes.items()}
    for name, told in description.get("along", {}).items():
        coordinates[name] = _follower(name, told, axes[told["axis"]], description)
    nodes["/"] = nodes["/"].assign_coords(coordinates)
    nodes["/"].attrs = _attributes(description)
    return xr.DataTree.from_dict(nodes)


class _Layers:
    """The layers, or affine maps, of every run in one node: `counts` on the grid, and their names.

    `beyond` is what the coordinate says beyond the last one.
    """

    def __init__(self, shape: tuple[int, ...], beyond: Any):
        self._dim, self._beyond = "", beyond
        self.counts = np.full(shape, np.nan, np.float32)
        self._which = np.full(shape, -1)
        self._layouts: dict[tuple[Any, ...], int] = {}
        self._attributes: dict[str, Any] = {}

    def add(
        self,
        names: xr.DataArray,
        counted: xr.DataArray | None,
        known: list[int],
        spots: tuple[np.ndarray, ...],
    ) -> None:
        """Runs `known` of a shard, whose longest network has `names`, at `spots` of the grid.

        `counted`: how many of them each run has, where that differs.
        """
        (self._dim,) = map(str, names.dims)
        longest = tuple(names.values.tolist())
        counts = np.full(len(known), len(longest))
        if counted is not None:
            counts = counted.values[known].astype(int)
        layouts = [longest[:count] for count in counts]
        self._which[spots] = [self._layouts.setdefault(own, len(self._layouts)) for own in layouts]
        self.counts[spots] = counts
        self._attributes = dict(names.attrs)

    def names(self, dims: tuple[str, ...], sizes: Mapping[Any, int]) -> xr.Variable:
        """The coordinate on the grid, of as many layers as the node has."""
        layouts, told, dim = list(self._layouts), self._attributes, self._dim
        return layer_name(layouts, self._which, dims, sizes[dim], told, dim, self._beyond)


def _ascending(values: Sequence[Any]) -> list[Any]:
    """Numbers ascend, so that slices by label hold what they say; text keeps its order."""
    return list(values) if any(isinstance(v, str) for v in values) else sorted(values)


def _grown(
    target: xr.Dataset, source: xr.Dataset, axes: tuple[str, ...], shape: tuple[int, ...]
) -> xr.Dataset:
    """`target` with room for what `source` holds: new variables, longer layer or epoch axes."""
    longer = {
        dim: np.union1d(target[dim].values, source[dim].values)
        for dim in set(target.dims) & set(source.dims) - {"run", "batch_norm_mode", "view"}
        if dim in target.coords and not np.array_equal(target[dim].values, source[dim].values)
    }
    if longer:
        # Shorter networks and trainings leave NaN at the layers and epochs they lack.
        target = target.reindex(longer)
    for name, coordinate in source.coords.items():
        if name not in target.coords and "run" not in coordinate.dims:
            target = target.assign_coords({name: coordinate})
    for name, variable in source.data_vars.items():
        if name in target:
            continue
        if variable.dims[:1] != ("run",):
            raise StoreError(f"variable {name!r} has no run dimension; it cannot join a cube")
        rest = variable.dims[1:]
        size = shape + tuple(target.sizes.get(dim, source.sizes[dim]) for dim in rest)
        empty = np.full(size, *_empty(str(name), variable.dtype))
        target[name] = ((*axes, *rest), empty, variable.attrs)
    return target


def _positions(target: xr.Dataset, variable: xr.DataArray, dim: str) -> np.ndarray:
    """Where a variable's entries along a dimension go: to their labels, where it has any."""
    if dim not in variable.coords or dim not in target.coords:
        return np.arange(variable.sizes[dim])
    return target.get_index(dim).get_indexer(variable.get_index(dim))


def _product(spots: tuple[np.ndarray, ...], rest: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Indices of every entry of every run: runs first, then the dimensions of a measurement."""
    runs = [spot.reshape(-1, *(1,) * len(rest)) for spot in spots]
    return (*runs, *np.ix_(*rest)) if rest else tuple(runs)


def _empty(name: str, dtype: np.dtype) -> tuple[Any, Any]:
    if name == "status":
        return MISSING, dtype
    if dtype.kind == "f":
        return np.nan, dtype
    if dtype.kind in "OTU":
        return "", object
    raise StoreError(f"variable {name!r}: {dtype} has no value for missing; store it as float32")


def _coordinate(axis: str, values: Sequence[Any], description: Mapping[str, Any]) -> xr.Variable:
    if axis == "seed":
        attributes = {**description["seed"], "units": "1"}
        return xr.Variable((axis,), np.array(values), attributes)
    return _setting(axis, axis, description["axes"][axis], values, description)


def _follower(
    name: str, told: Mapping[str, Any], along: Sequence[Any], description: Mapping[str, Any]
) -> xr.Variable:
    """A setting along an axis whose values are `along`, in the cube's order."""
    axis = told["axis"]
    own = dict(zip(description["grid"][axis], told["values"], strict=True))
    variable = _setting(name, axis, told, [own[value] for value in along], description)
    variable.attrs[FOLLOWS] = axis
    return variable


def _setting(
    axis: str,
    dim: str,
    told: Mapping[str, Any],
    values: Sequence[Any],
    description: Mapping[str, Any],
) -> xr.Variable:
    attributes = {"long_name": told["long_name"], "units": told["units"], "symbol": told["symbol"]}
    if axis.endswith("_noise") and description["noise_kind"]:
        how = {"fresh": "redrawn at every step", "static": "drawn once, stored with the data"}
        attributes["long_name"] += f", {how[description['noise_kind']]}"
        attributes["noise_kind"] = description["noise_kind"]
    if told["text"]:
        del attributes["units"]
    attributes[VARIES] = " ".join(".".join(path) for path in told["paths"])
    # Text is stored with variable length: a grown grid may bring longer names.
    dtype = object if told["text"] else None
    return xr.Variable((dim,), np.array(values, dtype=dtype), attributes)


def _attributes(description: Mapping[str, Any]) -> dict[str, Any]:
    own = {"axes": " ".join(description["grid"])}
    # Simulations have neither training noise nor a data set.
    if dataset := description["dataset"]:
        own |= {
            "noise_kind": description["noise_kind"],
            "dataset_source": dataset["source"],
            "n_train": dataset["n_train"],
            "dataset": json.dumps(dataset, sort_keys=True),
        }
    return cube_attributes(description, own)
