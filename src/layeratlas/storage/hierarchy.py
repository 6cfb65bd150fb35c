"""The groups and variables of an archive, whole: nothing missing, nothing spare, nothing too large.

A reader of zarr takes a chunk that is missing for fill values, and passes over what belongs to
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import chain

from layeratlas.bounded.documents import parse_json
from layeratlas.errors import UnreadableError
from layeratlas.storage.blocks import STRING, itemsize
from layeratlas.storage.canonical import canonical_json
from layeratlas.storage.chunks import FRAME_BYTES, LONGEST_TEXT
from layeratlas.storage.consolidated import KEY, consolidated
from layeratlas.storage.metadata import Array, Group, MetadataError, read_node
from layeratlas.storage.names import METADATA, variable_problem
from layeratlas.words import quoted

LARGEST_INDEX = 8 << 20
"""Bytes of all dimension coordinates, at most: they are read when a file is opened."""
_MOST_NODES, _MOST_GROUPS = 4096, 256
_MOST_METADATA, _MOST_OF_A_NODE = 4 << 20, 1 << 20  # bytes
LARGEST_ROOT = _MOST_OF_A_NODE
"""Bytes of the root's metadata: those of all nodes are in it where they are no more."""


class HierarchyError(ValueError):
    """The members are no hierarchy of ours; in words, why."""


def read_hierarchy(sizes: Mapping[str, int], contents: Mapping[str, bytes]) -> dict[str, Group]:
    """Groups by path ("/layers"), "/" first.

    `sizes` are the bytes of all members; of `contents` those called zarr.json are read.
    HierarchyError where a member says what the writer never does, is missing or is spare.
    """
    keys = [key for key in sizes if key.rpartition("/")[2] == METADATA]
    if METADATA not in keys:
        raise HierarchyError("is a zip archive without zarr.json: not a Zarr v3 hierarchy")
    lengths = [sizes[key] for key in keys]
    if len(keys) > _MOST_NODES or sum(lengths) > _MOST_METADATA or max(lengths) > _MOST_OF_A_NODE:
        raise HierarchyError(
            f"has more metadata than is read: {_MOST_NODES} groups and variables, "
            f"{_MOST_METADATA} bytes together, {_MOST_OF_A_NODE} bytes each"
        )
    groups: dict[str, Group] = {}
    arrays: dict[str, Array] = {}
    for key in keys:
        node = key.removesuffix(METADATA).rstrip("/")
        try:
            found = read_node(node, contents[key])
        except UnreadableError as error:
            raise HierarchyError(f"member {quoted(key)} {error.reason}") from None
        except MetadataError as error:
            raise HierarchyError(f"member {quoted(key)} {error}") from None
        if isinstance(found, Group):
            groups[node] = found
        else:
            arrays[node] = found
    if len(groups) > _MOST_GROUPS:
        raise HierarchyError(f"has {len(groups)} groups; at most {_MOST_GROUPS} are read")
    _check_consolidated(keys, contents)
    _place(groups, arrays)
    _check_members(sizes, len(keys), arrays)
    _check_dims(groups)
    _check_coordinates(groups)
    return {f"/{node}": groups[node] for node in sorted(groups)}


def _check_consolidated(keys: list[str], contents: Mapping[str, bytes]) -> None:
    """What the root says of other nodes, if it does, is what they say of themselves."""
    root = parse_json(contents[METADATA], METADATA)
    if KEY in root:
        expected = consolidated(root, {key: contents[key] for key in keys if key != METADATA})
        if canonical_json(root[KEY]) != canonical_json(expected[KEY]):
            raise HierarchyError(
                f"member {quoted(METADATA)} has {KEY} that are not those of its groups and "
                "variables"
            )


def _place(groups: dict[str, Group], arrays: dict[str, Array]) -> None:
    """Arrays into their groups."""
    for node in [*groups, *arrays]:
        around, _, name = node.rpartition("/")
        if node and around not in groups:
            raise HierarchyError(f"the group around {quoted(node)} is missing")
        if array := arrays.get(node):
            if problem := variable_problem(name):
                raise HierarchyError(f"the name of variable {quoted(node)} {problem}")
            groups[around].arrays[name] = array


def _check_members(sizes: Mapping[str, int], nodes: int, arrays: dict[str, Array]) -> None:
    """Every chunk is there, no longer than it may be, and every member belongs to a node."""
    known = nodes
    for array in arrays.values():
        count = math.prod(array.counts)
        # Before any list of them is made: a shape may ask for more than can be counted.
        if count > len(sizes):
            raise HierarchyError(
                f"variable {quoted(array.path)} has {count} chunks, most of which are missing"
            )
        longest = FRAME_BYTES + (LONGEST_TEXT if array.dtype == STRING else array.chunk_bytes)
        for key in array.chunk_keys():
            if key not in sizes:
                raise HierarchyError(f"chunk {quoted(key)} is missing")
            if sizes[key] > longest:
                raise HierarchyError(
                    f"chunk {quoted(key)} has {sizes[key]} bytes; no longer than {longest} is right"
                )
        known += count
    if known != len(sizes):
        expected = set(chain.from_iterable(array.chunk_keys() for array in arrays.values()))
        spare = next(
            key for key in sizes if key not in expected and key.rpartition("/")[2] != METADATA
        )
        raise HierarchyError(
            f"{len(sizes) - known} members belong to nothing, such as {quoted(spare)}"
        )


def _check_dims(groups: dict[str, Group]) -> None:
    """A dim has one size in a group and all below it, and no scalar is called like it."""
    sizes: dict[str, dict[str, int]] = {}
    for node in sorted(groups):
        sizes[node] = dict(sizes[node.rpartition("/")[0]]) if node else {}
        arrays = groups[node].arrays
        for array in arrays.values():
            for dim, size in zip(array.dims, array.shape, strict=True):
                if sizes[node].setdefault(dim, size) != size:
                    raise HierarchyError(
                        f"variable {quoted(array.path)} has size {size} along {quoted(dim)}, "
                        f"others have {sizes[node][dim]}"
                    )
                if dim in arrays and not arrays[dim].dims:
                    raise HierarchyError(
                        f"{quoted(dim)} is a dim of {quoted(array.path)} and a scalar beside it"
                    )


def _check_coordinates(groups: dict[str, Group]) -> None:
    """Coordinates are variables, and those that are read on opening are of a size to be read."""
    index_bytes = 0
    for node, group in groups.items():
        for name in group.coordinates:
            if name not in group.arrays or group.arrays[name].dims == (name,):
                raise HierarchyError(
                    f"member {quoted(f'{node}/{METADATA}'.lstrip('/'))} has {quoted(name)} among "
                    "its coordinates, which names no variable there, or a dim"
                )
        for name, array in group.arrays.items():
            if array.dims == (name,):
                index_bytes += math.prod(array.shape) * itemsize(array.dtype)
    if index_bytes > LARGEST_INDEX:
        raise HierarchyError(
            f"has {index_bytes} bytes of dimension coordinates; at most {LARGEST_INDEX} are read, "
            "for they are read when a file is opened"
        )
