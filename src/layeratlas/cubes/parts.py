"""Cubes that are parts of one grid, put together without reading them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import xarray as xr

from layeratlas.cubes.opening import open_cube
from layeratlas.errors import StoreError
from layeratlas.words import listed, named


def open_parts(paths: Iterable[str | os.PathLike[str]], group: str = "/") -> xr.Dataset:
    """One group of several published cubes as one lazy dataset with dask arrays.

    Each cube holds a part of a grid, told by its coordinates: cells of one experiment that were
    computed in several places or at several times, more runs than one file should hold. Variables
    are chunked as the files are, so that a reduction reads a few chunks at a time; a cell that no
    part has is NaN (of whole numbers, which then become floats), and no part may have another's.
    Attributes stay where all parts agree. Closing the dataset closes the files.

    StoreError where there is no part, one lacks the group or a coordinate, or two overlap.
    """
    with_names = {named(Path(path)): Path(path) for path in paths}
    if not with_names:
        raise StoreError("no parts to put together: give the paths of at least one cube.")
    trees: list[xr.DataTree] = []
    try:
        parts = []
        for name, path in with_names.items():
            trees.append(open_cube(path, chunks={}))
            try:
                # With the coordinates that the group inherits.
                parts.append(trees[-1][group].to_dataset())
            except KeyError:
                known = listed(node.path for node in trees[-1].subtree)
                raise StoreError(f"{name} has no group {group!r}; it has {known}.") from None
        whole = _together(parts, [*with_names])
    except BaseException:
        _close(trees)
        raise
    whole.set_close(lambda: _close(trees))
    return whole


def _close(trees: Iterable[xr.DataTree]) -> None:
    for tree in trees:
        tree.close()


def _together(parts: list[xr.Dataset], names: list[str]) -> xr.Dataset:
    first = parts[0]
    for name, part in zip(names, parts, strict=True):
        if part.sizes.keys() != first.sizes.keys() or part.keys() != first.keys():
            odd = _names(part) ^ _names(first)
            raise StoreError(
                f"{name} is no part of what {names[0]} is: they differ in {listed(sorted(odd))}."
            )
    varied = [dim for dim in first.indexes if any(not _same(part, first, dim) for part in parts)]
    if len(parts) > 1 and not varied:
        raise StoreError(f"{listed(names)} hold the same cells: each run is in one part.")
    try:
        whole = xr.combine_by_coords(
            parts, combine_attrs="drop_conflicts", join="outer", compat="equals"
        )
        assert isinstance(whole, xr.Dataset)
        return whole
    except ValueError as error:
        raise StoreError(
            f"{listed(names)} are no parts of one grid, for along {listed(map(str, varied))} they "
            f"overlap or leave gaps: {error}"
        ) from error


def _names(part: xr.Dataset) -> set[str]:
    return {*map(str, part.sizes), *map(str, part)}


def _same(part: xr.Dataset, other: xr.Dataset, dim: object) -> bool:
    return part.indexes[dim].equals(other.indexes[dim])
