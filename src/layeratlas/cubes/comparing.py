"""Did a number move? Two folders of cubes, value by value, each at its label.

Every number of the old cube is looked up in the new one at the same values of its coordinates,
wherever they stand there, and must have the same bits; two NaN are the same whatever their
payload. What carries no number (attributes, the order of a coordinate, names of layers) is listed
beside and decides nothing.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.cubes.opening import open_cube
from layeratlas.errors import LayerAtlasError

SUFFIX = ".zarr.zip"


@dataclass(frozen=True)
class Moved:
    """A variable whose numbers are not all where they were.

    `changed` of `compared` values have other bits, by at most `furthest` where both are finite;
    `example` is the label of the first. Where they cannot be compared, `problem` says why.
    """

    variable: str
    changed: int = 0
    compared: int = 0
    furthest: float = 0.0
    example: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Remark:
    """A difference that is none of numbers: `kind` is what became of `name`.

    Attributes (`group/variable@attribute`) are `added`, `removed`, `changed`; variables and groups
    `added`; coordinates `reordered`, `longer`, `shorter`, of `changed` type; layers `renamed` from
    `old` to `new`, or `unnamed` where a network has no such layer.
    """

    kind: str
    name: str
    old: Any = None
    new: Any = None


@dataclass
class CubeComparison:
    """What is different about one cube."""

    name: str
    values: int = 0
    moved: list[Moved] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


@dataclass(frozen=True)
class Comparison:
    """What is different between two folders of cubes."""

    cubes: list[CubeComparison]
    missing: list[str]
    added: list[str]

    @property
    def same_numbers(self) -> bool:
        """Whether every number of the old folder stands in the new one, at its label."""
        return not self.missing and not any(cube.moved for cube in self.cubes)


def compare_results(old: str | os.PathLike[str], new: str | os.PathLike[str]) -> Comparison:
    """Compare every cube of two results folders: `results`, `results/<preset>` or its `cubes`.

    Cubes are paired by name. LayerAtlasError for a folder without cubes.
    """
    before, after = _cubes_of(Path(old)), _cubes_of(Path(new))
    cubes = []
    for name in sorted(before.keys() & after.keys()):
        with open_cube(before[name]) as one, open_cube(after[name]) as other:
            cubes.append(compare_cubes(one, other, name))
    return Comparison(
        cubes, sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
    )


def _cubes_of(folder: Path) -> dict[str, Path]:
    """Name → file; the preset is part of the name where a folder holds several."""
    for pattern in (f"cubes/*{SUFFIX}", f"*{SUFFIX}", f"*/cubes/*{SUFFIX}"):
        found = sorted(folder.glob(pattern))
        if not found:
            continue
        several = pattern.startswith("*/")
        return {
            f"{path.parts[-3]}/{stem}" if several else stem: path
            for path in found
            for stem in (path.name.removesuffix(SUFFIX),)
        }
    raise LayerAtlasError(f"{folder} holds no cubes: give results/<preset> or its folder cubes.")


def compare_cubes(old: xr.DataTree, new: xr.DataTree, name: str = "") -> CubeComparison:
    """Compare two cubes, group by group."""
    result = CubeComparison(name)
    groups = {node.path: node for node in new.subtree}
    for node in old.subtree:
        if node.path in groups:
            _compare_groups(result, node, groups[node.path])
        else:
            result.moved += [
                Moved(_path(node.path, variable), problem="its group is missing")
                for variable in node.data_vars
            ]
    known = {node.path for node in old.subtree}
    result.remarks += [Remark("added", path.strip("/")) for path in sorted(groups.keys() - known)]
    return result


def _path(group: str, name: object) -> str:
    return f"{group}/{name}".lstrip("/")


def _compare_groups(result: CubeComparison, old: xr.DataTree, new: xr.DataTree) -> None:
    result.remarks += _attributes(old.path, old.attrs, new.attrs)
    # Coordinates that a group inherits are compared once, where they stand; but they label it.
    own = old.to_dataset(inherit=False)
    one, other = old.to_dataset(), new.to_dataset()
    labels = {str(dim): _labels(one, dim) for dim in one.sizes}
    places = {dim: _places(labels[dim], _labels(other, dim)) for dim in labels}
    for key, variable in own.variables.items():
        name, path = str(key), _path(old.path, key)
        if name not in other.variables:
            result.moved.append(Moved(path, problem="it is missing"))
            continue
        result.remarks += _attributes(path, variable.attrs, other[name].attrs)
        if name in labels:
            result.remarks += _coordinate(path, one[name], other[name], places[name])
        elif name == "layer_name":
            result.remarks += _renamed(path, one[name], other[name], places)
        else:
            result.values += variable.size
            result.moved += _moved(path, variable, other[name].variable, places, labels)
    more = new.to_dataset(inherit=False).variables.keys() - own.variables.keys()
    result.remarks += [Remark("added", _path(old.path, name)) for name in sorted(map(str, more))]


def _labels(dataset: xr.Dataset, dim: Hashable) -> list[Any]:
    """Values of a dimension's coordinate; entries without one are known by their place."""
    if dim in dataset.coords:
        return dataset[dim].values.tolist()
    return list(range(dataset.sizes.get(dim, 0)))


def _places(old: Sequence[Any], new: Sequence[Any]) -> np.ndarray:
    """Where each old label stands among the new ones; −1 for nowhere."""
    where = {label: place for place, label in enumerate(new)}
    return np.array([where.get(label, -1) for label in old], int)


def _attributes(path: str, old: Mapping[Any, Any], new: Mapping[Any, Any]) -> Iterator[Remark]:
    for key in sorted({*old, *new}, key=str):
        name = f"{path.strip('/')}@{key}"
        if key not in old:
            yield Remark("added", name, new=_plain(new[key]))
        elif key not in new:
            yield Remark("removed", name, old=_plain(old[key]))
        elif _plain(old[key]) != _plain(new[key]):
            yield Remark("changed", name, _plain(old[key]), _plain(new[key]))


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _coordinate(
    path: str, old: xr.DataArray, new: xr.DataArray, places: np.ndarray
) -> Iterator[Remark]:
    """What became of a coordinate; that labels are lost shows in the variables along it."""
    if not _same_type(old.variable, new.variable):
        yield Remark("changed", f"{path} (type)", str(old.dtype), str(new.dtype))
    found = places[places >= 0]
    if len(found) < len(old):
        yield Remark("shorter", path, len(old), len(found))
    if len(found) < len(new):
        yield Remark("longer", path, len(found), len(new))
    if (np.diff(found) < 0).any():
        yield Remark("reordered", path, _plain(old.values), _plain(new.values))


def _same_type(old: xr.Variable, new: xr.Variable) -> bool:
    # Text of variable length is an object in memory and a string type from a file.
    text = "OTU"
    return old.dtype == new.dtype or (old.dtype.kind in text and new.dtype.kind in text)


def _renamed(
    path: str, old: xr.DataArray, new: xr.DataArray, places: Mapping[str, np.ndarray]
) -> Iterator[Remark]:
    """Layers of another name, network by network, whatever dims the names have on either side."""
    before = old.isel({dim: np.flatnonzero(places[str(dim)] >= 0) for dim in old.dims}).variable
    after = new.isel({dim: places[str(dim)][places[str(dim)] >= 0] for dim in new.dims}).variable
    sizes = {**before.sizes, **after.sizes}
    pairs = zip(
        *(names.set_dims(sizes).values.ravel().tolist() for names in (before, after)), strict=True
    )
    found = Counter((was, now) for was, now in pairs if was != now)
    yield from (Remark("renamed", path, was, now) for was, now in sorted(found) if now)
    if unnamed := sum(count for (_, now), count in found.items() if not now):
        yield Remark("unnamed", path, unnamed)


def _moved(
    path: str,
    old: xr.Variable,
    new: xr.Variable,
    places: Mapping[str, np.ndarray],
    labels: Mapping[str, Sequence[Any]],
) -> Iterator[Moved]:
    """One `Moved`, or none where every value is where it was."""
    if set(old.dims) != set(new.dims):
        was, now = (", ".join(map(str, variable.dims)) for variable in (old, new))
        yield Moved(path, problem=f"its dims were ({was}) and are ({now})")
        return
    if not _same_type(old, new):
        yield Moved(path, problem=f"its type was {old.dtype} and is {new.dtype}")
        return
    dims = [str(dim) for dim in old.dims]
    kept = [np.flatnonzero(places[dim] >= 0) for dim in dims]
    there = [places[dim][here] for dim, here in zip(dims, kept, strict=True)]
    one = old.values[np.ix_(*kept)]
    other = new.transpose(*dims).values[np.ix_(*there)]
    if lost := old.size - one.size:
        yield Moved(path, lost, old.size, problem=f"{lost} values have no label any more")
    different = ~_same_bits(one, other)
    if not different.any():
        return
    first = np.argwhere(different)[0] if dims else ()
    example = ", ".join(
        f"{dim}={labels[dim][here[i]]}" for dim, here, i in zip(dims, kept, first, strict=True)
    )
    furthest = 0.0
    if one.dtype.kind in "fiub":
        with np.errstate(invalid="ignore"):
            distance = np.abs(one[different].astype(float) - other[different].astype(float))
        furthest = float(np.max(distance, initial=0.0, where=np.isfinite(distance)))
    yield Moved(path, int(different.sum()), one.size, furthest, example)


def _same_bits(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where values have the same bits, or are both NaN; −0 is not 0."""
    if one.dtype.kind != "f":
        return np.asarray(one == other)
    words = np.dtype(f"u{one.dtype.itemsize}")
    same = np.ascontiguousarray(one).view(words) == np.ascontiguousarray(other).view(words)
    return same.reshape(one.shape) | (np.isnan(one) & np.isnan(other))
