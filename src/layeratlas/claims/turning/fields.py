"""The numbers of cubes by cell, layer and seed; what one unit of each is; changes of them.

A *place* is one entry of a variable, of one cell at one layer, all its seeds together: a change of
a place adds the same to every seed, so that the mean over seeds moves and their scatter stays. Its
*unit* is the standard deviation over seeds, of runs that are ok; where there is one seed, or seeds
do not differ, it is that over the cells of the variable at this layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from layeratlas.cubes.grid import grid_axes
from layeratlas.runs.status import OK

__all__ = ["LAYERS", "SEED", "Field", "Place", "Shift", "fields_of", "loaded", "without_seed"]

SEED = "seed"
#: Dimensions along which a network has parts; not axes of the grid.
LAYERS = ("layer", "affine", "block")
#: Variables that say what was run, or when; no measurement, nothing that a change could be of.
BOOKKEEPING = frozenset({"n_layers", "epochs_run", "record_epoch", "record_step", "reached"})
#: Values of a variable above which it is not looked at: 256 MiB.
MOST_VALUES = 1 << 25
# Seeds that differ by less, relative to the spread of the variable, are equal: rounding of float32.
_ROUNDING = 1e-7

Index = tuple[int, ...]


class Shift(NamedTuple):
    """`by` is added to `field.values[key]`."""

    field: Field
    key: tuple[Any, ...]
    by: Any


@dataclass(frozen=True, eq=False)
class Field:
    """A variable of a cube; its `values` are in memory, in double precision."""

    cube: str
    node: str
    name: str
    dims: tuple[str, ...]
    values: np.ndarray = field(repr=False)
    axes: tuple[str, ...]
    labels: Mapping[str, tuple[Any, ...]] = field(repr=False)
    counts: np.ndarray = field(repr=False)  # where a value counts: finite, of a run that is ok

    @property
    def shape(self) -> Index:
        """Of places: of all dims but that of seeds."""
        return tuple(n for n, dim in zip(self.values.shape, self.dims, strict=True) if dim != SEED)

    @property
    def place_dims(self) -> tuple[str, ...]:
        return tuple(dim for dim in self.dims if dim != SEED)

    @property
    def seed_axis(self) -> int | None:
        return self.dims.index(SEED) if SEED in self.dims else None

    @cached_property
    def n(self) -> np.ndarray:
        """Values behind each place's mean."""
        return self._over_seeds(np.sum, self.counts).astype(int)

    @cached_property
    def mean(self) -> np.ndarray:
        """Mean over seeds of each place; NaN where nothing counts."""
        total = self._over_seeds(np.sum, np.where(self.counts, self.values, 0.0))
        return np.where(self.n > 0, total / np.maximum(self.n, 1), np.nan)

    @cached_property
    def deviation(self) -> np.ndarray:
        """Standard deviation over seeds (n − 1) of each place; NaN of fewer than two."""
        if self.seed_axis is None:
            return np.full(self.shape, np.nan)
        off = np.where(self.counts, self.values - np.expand_dims(self.mean, self.seed_axis), 0.0)
        squares = (off**2).sum(self.seed_axis)
        return np.where(self.n > 1, np.sqrt(squares / np.maximum(self.n - 1, 1)), np.nan)

    @cached_property
    def reach(self) -> float:
        """Range of the variable's means; 1 of a constant."""
        known = self.mean[np.isfinite(self.mean)]
        return float(np.ptp(known)) or 1.0 if known.size else 1.0

    @cached_property
    def is_by_seeds(self) -> np.ndarray:
        """Places whose unit is their own standard deviation over seeds."""
        with np.errstate(invalid="ignore"):
            return self.deviation > _ROUNDING * self.reach

    @cached_property
    def unit(self) -> np.ndarray:
        """What one unit of a change is, of each place; positive."""
        cells = tuple(k for k, dim in enumerate(self.place_dims) if dim in self.axes)
        known = np.isfinite(self.mean)
        count = np.maximum(known.sum(cells, keepdims=True), 1)
        middle = np.where(known, self.mean, 0).sum(cells, keepdims=True) / count
        squares = np.where(known, (self.mean - middle) ** 2, 0).sum(cells, keepdims=True)
        over_cells = np.broadcast_to(np.sqrt(squares / count), self.shape)
        over_cells = np.where(over_cells > _ROUNDING * self.reach, over_cells, 0.01 * self.reach)
        return np.where(self.is_by_seeds, self.deviation, over_cells)

    def shift(self, index: Index, by: float) -> Shift:
        """A change of one place, of all its seeds."""
        return Shift(self, self.key(index), by)

    def key(self, index: Index) -> tuple[Any, ...]:
        """Where the seeds of a place are in `values`."""
        if self.seed_axis is None:
            return index
        return (*index[: self.seed_axis], slice(None), *index[self.seed_axis :])

    def cell(self, index: Index) -> Index:
        """What of a place's index is its cell's."""
        return tuple(k for k, dim in zip(index, self.place_dims, strict=True) if dim in self.axes)

    def _over_seeds(self, function: Any, values: np.ndarray) -> np.ndarray:
        return np.asarray(values if self.seed_axis is None else function(values, self.seed_axis))


@dataclass(frozen=True)
class Place:
    """One entry of a field, with all its seeds."""

    field: Field
    index: Index

    @property
    def unit(self) -> float:
        return float(self.field.unit[self.index])

    @property
    def most(self) -> float:
        """Units that reach twice as far as the variable ranges: nothing larger is tried."""
        return 2 * self.field.reach / self.unit

    @property
    def labels(self) -> dict[str, Any]:
        """Its coordinates by name."""
        return {
            dim: self.field.labels[dim][k]
            for dim, k in zip(self.field.place_dims, self.index, strict=True)
        }

    def moved(self, units: float) -> Shift:
        return self.field.shift(self.index, units * self.unit)


def loaded(cubes: Mapping[str, xr.DataTree]) -> dict[str, xr.DataTree]:
    """Copies in memory whose floating-point numbers are double, so that any change of them counts.

    What is larger than `MOST_VALUES` stays as it is.
    """
    found = {}
    for name, cube in cubes.items():
        nodes = {}
        for node in cube.subtree:
            dataset = node.to_dataset(inherit=False)
            new = {
                str(key): (v.dims, v.values.astype("float64"), v.attrs)
                for key, v in dataset.data_vars.items()
                if v.dtype.kind == "f" and v.size <= MOST_VALUES
            }
            nodes[node.path] = dataset.assign(new)
        found[name] = xr.DataTree.from_dict(nodes, name=cube.name)
    return found


def fields_of(cubes: Mapping[str, xr.DataTree]) -> list[Field]:
    """Every measured variable of cubes that `loaded` gave, sharing memory with them."""
    return [
        _field(name, cube, node, str(key))
        for name, cube in cubes.items()
        for node in cube.subtree
        for key, variable in node.data_vars.items()
        if key not in BOOKKEEPING
        and variable.dtype.kind == "f"
        and 0 < variable.size <= MOST_VALUES
    ]


def _field(name: str, cube: xr.DataTree, node: xr.DataTree, key: str) -> Field:
    variable = node.to_dataset()[key]
    dims = tuple(map(str, variable.dims))
    values = variable.variable.data
    counts = np.isfinite(values)
    root = cube.to_dataset()
    if "status" in root and set(root["status"].dims) <= set(dims):
        ok = (root["status"].variable == OK).set_dims(variable.sizes).transpose(*dims)
        counts = counts & ok.values
    labels = {dim: _labels(variable, dim) for dim in dims}
    axes = tuple(axis for axis in grid_axes(cube) if axis in dims)
    return Field(name, node.path, key, dims, values, axes, labels, counts)


def _labels(variable: xr.DataArray, dim: str) -> tuple[Any, ...]:
    """What positions along a dim are called: by its coordinate, by one of words, or by number."""
    if dim in variable.coords:
        return tuple(variable[dim].values.tolist())
    words = [c for c in variable.coords.values() if c.dims == (dim,) and c.dtype.kind in "OUST"]
    return tuple(words[0].values.tolist()) if words else tuple(range(variable.sizes[dim]))


def without_seed(cubes: Mapping[str, xr.DataTree], seed: Any) -> dict[str, xr.DataTree]:
    """The cubes without one seed, of every cube that has it and others besides."""
    found = {}
    for name, cube in cubes.items():
        seeds = cube.to_dataset()[SEED].values.tolist() if SEED in cube.to_dataset().coords else []
        kept = [k for k, one in enumerate(seeds) if one != seed]
        if 0 < len(kept) < len(seeds):
            cube = cube.isel({SEED: kept}, missing_dims="ignore")
        found[name] = cube
    return found


def seeds_of(cubes: Mapping[str, xr.DataTree]) -> list[Any]:
    """Seeds of any of the cubes, in their order."""
    found: dict[Any, None] = {}
    for cube in cubes.values():
        root = cube.to_dataset()
        if SEED in root.coords:
            found |= dict.fromkeys(root[SEED].values.tolist())
    return list(found)
