"""How far the values of two archives are apart, variable by variable.

Hashes of the leaves say which variables differ; only those are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.errors import StoreError
from layeratlas.storage.hashing import content_hash, file_digest
from layeratlas.storage.manifest import SUFFIX, read_manifest


@dataclass(frozen=True)
class Change:
    """One difference; the fields are columns of `diff`."""

    kind: str
    name: str
    a: Any = None
    b: Any = None
    changed: int | None = None
    compared: int | None = None
    max_abs: float | None = None
    max_rel: float | None = None
    lost: list[Any] = field(default_factory=list)
    gained: list[Any] = field(default_factory=list)


def compare(a: Path, b: Path) -> Iterator[Change]:
    """Differences between two published archives, in the order of groups and variables."""
    from layeratlas.storage import open_datatree

    with open_datatree(a) as one, open_datatree(b) as two:
        left, right = _leaves(a, one), _leaves(b, two)
        names = sorted(left.keys() | right.keys())
        different = {name for name in names if left.get(name) != right.get(name)}
        # Equal numbers along a coordinate that changed are not the same values.
        different |= {name for name in names if _along(name, one, different)}
        for name in sorted(different):
            group, _, variable = name.rpartition("/")
            if name not in left or name not in right:
                kind = "variable" if variable else "group"
                was, now = ("there" if name in side else None for side in (left, right))
                yield Change(kind, name, was, now)
                continue
            first, second = one[group or "/"], two[group or "/"]
            if not variable:
                yield from _attributes(name, first.attrs, second.attrs)
                continue
            yield from _attributes(name, first[variable].attrs, second[variable].attrs)
            yield from _values(name, first.dataset, second.dataset, variable)


def _along(name: str, tree: xr.DataTree, different: set[str]) -> bool:
    """Whether a dimension coordinate of the variable, its group's or inherited, is `different`."""
    group, _, variable = name.rpartition("/")
    try:
        dims = tree[group or "/"][variable].dims if variable else ()
    except KeyError:
        return False
    parts = group.split("/")
    above = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    return any(f"{folder}/{dim}" in different for dim in dims for folder in above)


def _leaves(path: Path, tree: xr.DataTree) -> dict[str, str]:
    if path.name.endswith(SUFFIX):
        try:
            manifest = read_manifest(path)
            if manifest.digest == file_digest(path):
                return manifest.leaves
        except StoreError:
            pass  # objects have no manifest of their own
    return content_hash(tree).leaves


def _attributes(name: str, a: Mapping[Any, Any], b: Mapping[Any, Any]) -> Iterator[Change]:
    for key in sorted({*a, *b}):
        was, now = _plain(a.get(key)), _plain(b.get(key))
        if was != now:
            yield Change("attribute", f"{name.rstrip('/')}@{key}", was, now)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _values(name: str, a: xr.Dataset, b: xr.Dataset, variable: str) -> Iterator[Change]:
    one, two = a[variable], b[variable]
    if one.dims != two.dims or one.dtype != two.dtype:
        was, now = (f"{v.dtype}({', '.join(map(str, v.dims))})" for v in (one, two))
        yield Change("variable", name, was, now)
        if one.dims != two.dims:
            return
    if one.dims == (variable,):
        yield from _coordinate(name, one.values, two.values)
        return
    common = _common(one, two)
    if common is None:
        yield Change("variable", name, str(one.shape), str(two.shape))
        return
    left, right = common
    kind = "coordinate" if variable in a.coords else "variable"
    change = _distance(kind, name, left.values, right.values)
    # What was lost or gained with a coordinate is said there.
    if change.changed:
        yield change


def _coordinate(name: str, was: np.ndarray, now: np.ndarray) -> Iterator[Change]:
    """What a dimension coordinate lost and gained, or how many of its values moved."""
    lost = [_plain(value) for value in was[~np.isin(was, now)]]
    gained = [_plain(value) for value in now[~np.isin(now, was)]]
    moved = None
    if not lost and not gained and len(was) == len(now):
        moved = int(np.not_equal(was, now).sum())
    if lost or gained or moved or len(was) != len(now):
        yield Change(
            "coordinate",
            name,
            f"{len(was)} values",
            f"{len(now)} values",
            changed=moved,
            lost=lost,
            gained=gained,
        )


def _common(one: xr.DataArray, two: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray] | None:
    """Both at the coordinates that both have; None where nothing can be paired."""
    for dim in one.dims:
        if dim in one.indexes and dim in two.indexes:
            first, second = one.indexes[dim], two.indexes[dim]
            if first.equals(second):
                continue
            if not first.is_unique or not second.is_unique:
                return None
            both = first.intersection(second, sort=False)
            one, two = one.sel({dim: both}), two.sel({dim: both})
        elif one.sizes[dim] != two.sizes[dim]:
            return None
    return one, two


def _distance(kind: str, name: str, a: np.ndarray, b: np.ndarray) -> Change:
    """`changed` of `compared` values; max |a − b|; max |a − b| / max(|a|, |b|)."""
    if not (np.issubdtype(a.dtype, np.number) and np.issubdtype(b.dtype, np.number)):
        return Change(kind, name, changed=int((a != b).sum()), compared=a.size)
    # Differences of unsigned and of large integers would wrap.
    wide = np.result_type(a, b, np.float64)
    a, b = a.astype(wide), b.astype(wide)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.abs(a - b)[~same]
        relative = distance / np.maximum(np.abs(a), np.abs(b))[~same]
    known = distance[~np.isnan(distance)]
    return Change(
        kind,
        name,
        changed=int((~same).sum()),
        compared=a.size,
        max_abs=float(known.max()) if known.size else None,
        max_rel=float(np.nanmax(relative)) if known.size and not np.isnan(relative).all() else None,
    )
