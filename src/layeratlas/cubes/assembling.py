"""Assembling a cube: the dataset of one experiment, grid axes × seed × epoch × layer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from layeratlas import __version__
from layeratlas.config.axes import AXES
from layeratlas.errors import StoreError

MISSING = 2


def assemble(
    description: Mapping[str, Any],
    runs: Sequence[Mapping[str, Any]],
    measured: Iterable[xr.DataTree],
) -> xr.DataTree:
    """One cube from the measurements of an experiment's shards.

    `description`: name, preset, title, summary, references, noise_kind, settings, grid and
    seeds of the experiment (plain JSON). `runs`: `{"id", "coordinates"}` of every run. Each
    tree of `measured` has a `run` dimension with `run_id`; its runs are placed at their
    coordinates, and runs the experiment does not ask for are left out. Dims: grid axes in YAML
    order, `seed`, then those of the measurement. Runs found nowhere are NaN, `status` missing.
    """
    axes = {**description["grid"], "seed": description["seeds"]}
    index = {axis: {value: i for i, value in enumerate(values)} for axis, values in axes.items()}
    # Two coordinates may name one run: the rules 2/sqrt(L) and 1 are the same at depth 4.
    place: dict[str, list[tuple[int, ...]]] = {}
    for run in runs:
        spot = tuple(index[axis][run["coordinates"][axis]] for axis in axes)
        place.setdefault(run["id"], []).append(spot)
    shape = tuple(len(values) for values in axes.values())
    nodes: dict[str, xr.Dataset] = {"/": xr.Dataset()}
    n_layers = np.full(shape, np.nan, np.float32)
    for tree in measured:
        ids = tree["run_id"].values
        known = [i for i, run in enumerate(ids) for _ in place.get(run, ())]
        if not known:
            continue
        spots = tuple(np.array([spot for run in ids for spot in place.get(run, ())]).T)
        for node in tree.subtree:
            target = nodes.setdefault(node.path, xr.Dataset())
            target = _grown(target, node.to_dataset(inherit=False), tuple(axes), shape)
            for name, variable in node.data_vars.items():
                rest = tuple(slice(0, n) for n in variable.shape[1:])
                target[name].values[(*spots, *rest)] = variable.values[known]
            nodes[node.path] = target
            if "layer" in node.sizes:
                n_layers[spots] = node.sizes["layer"]
    coordinates = {axis: _coordinate(axis, values, description) for axis, values in axes.items()}
    nodes["/"] = nodes["/"].assign_coords(coordinates)
    nodes["/"].attrs = _attributes(description)
    if "depth" in axes and "/layers" in nodes and "n_layers" not in nodes["/"]:
        nodes["/layers"] = _with_n_layers(nodes["/layers"], tuple(axes), n_layers)
    return xr.DataTree.from_dict(nodes)


def _grown(
    target: xr.Dataset, source: xr.Dataset, axes: tuple[str, ...], shape: tuple[int, ...]
) -> xr.Dataset:
    """`target` with room for what `source` holds: new variables, longer layer or epoch axes."""
    longer = {
        dim: np.union1d(target[dim].values, source[dim].values)
        for dim in set(target.dims) & set(source.dims) - {"run", "batch_norm_mode"}
        if dim in target.coords and not np.array_equal(target[dim].values, source[dim].values)
    }
    if longer:
        # Shorter networks and trainings leave NaN at the layers and epochs they lack.
        deeper = source if source.sizes.get("layer", 0) > target.sizes.get("layer", 0) else target
        names = deeper.coords.get("layer_name")
        # Text of variable length, as files give it, has no value for missing to reindex with.
        target = target.drop_vars("layer_name", errors="ignore").reindex(longer)
        if names is not None:
            target = target.assign_coords(layer_name=names)
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
        empty = np.full(size, *_empty(name, variable.dtype))
        target[name] = ((*axes, *rest), empty, variable.attrs)
    return target


def _with_n_layers(layers: xr.Dataset, axes: tuple[str, ...], counts: np.ndarray) -> xr.Dataset:
    """`layers` with the length of each network beside it, where lengths differ."""
    attributes = {"long_name": "entries of `layer` the network has, its input counted"}
    layers = layers.assign(n_layers=(axes, counts, {**attributes, "units": "1"}))
    layers["layer_name"].attrs["comment"] = (
        "Of the deepest network. The last of the n_layers entries of each network is its logits."
    )
    return layers


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
        attributes = {
            "long_name": "seed of initialisation, shuffling, noise and dropout",
            "units": "1",
        }
    else:
        known = AXES[axis]
        long_name = known.long_name
        if axis.endswith("_noise") and description["noise_kind"]:
            how = {"fresh": "redrawn at every step", "static": "drawn once, stored with the data"}
            long_name = f"{long_name}, {how[description['noise_kind']]}"
        attributes = {"long_name": long_name, "units": known.units, "symbol": known.symbol}
        if known.text:
            del attributes["units"]
        if axis.endswith("_noise") and description["noise_kind"]:
            attributes["noise_kind"] = description["noise_kind"]
    # Text is stored with variable length: a grown grid may bring longer names.
    text = any(isinstance(value, str) for value in values)
    return xr.Variable((axis,), np.array(values, dtype=object if text else None), attributes)


def _attributes(description: Mapping[str, Any]) -> dict[str, Any]:
    attributes = {
        "title": description["title"],
        "summary": description["summary"],
        "Conventions": "CF-1.11, ACDD-1.3",
        "source": f"Layer Atlas {__version__}",
        "references": description["references"],
        "experiment": description["name"],
        "preset": description["preset"],
    }
    # Simulations have neither training noise nor a data set.
    if dataset := description["dataset"]:
        attributes |= {
            "noise_kind": description["noise_kind"],
            "dataset_source": dataset["source"],
            "n_train": dataset["n_train"],
            "dataset": json.dumps(dataset, sort_keys=True),
        }
    return attributes | {"settings": json.dumps(description["settings"], sort_keys=True)}
