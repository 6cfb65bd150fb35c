"""From data to a Zarr v3 hierarchy in a zip, byte for byte the same for the same data.

What would make bytes differ, and what holds it still: member dates and modes (fixed), zarr.json
formatting and attribute order (canonical JSON), encodings left over from other files (ignored),
threads inside blosc (they append blocks in the order of completion: off).
No sharding: inside one file a shard saves neither inodes nor requests.

What is read first lies last, before the directory of the zip: the root's metadata with those of all
nodes, and before them the dimension coordinates. So who opens a file on a web server asks for its
end, and has all that xarray shows before any data are asked for.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import xarray as xr

from layeratlas.storage.blocks import (
    STRING,
    blocks,
    chunk_shape,
    groups,
    itemsize,
    join,
    variables,
)
from layeratlas.storage.canonical import canonical_json, plain_attributes
from layeratlas.storage.consolidated import consolidated
from layeratlas.storage.hashing import ContentHash, VariableLeaf, group_leaf
from layeratlas.storage.hierarchy import LARGEST_INDEX, LARGEST_ROOT
from layeratlas.storage.metadata import Array, array_metadata, compressors, group_metadata
from layeratlas.storage.names import METADATA


class _Member(NamedTuple):
    kind: Literal["data", "metadata", "coordinate"]
    key: str
    content: bytes


def write_archive(data: xr.Dataset | xr.DataTree, path: Path) -> ContentHash:
    """Create `path` from `data` and return the content hash of what was written.

    Data is read once: hash and chunks come from the same blocks, also when it is lazy.
    """
    leaves: dict[str, str] = {}
    with path.open("xb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for key, content in _in_order(_members(data, leaves)):
            member = zipfile.ZipInfo(key, date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system = 3  # Unix, wherever this runs
            member.external_attr = 0o100644 << 16
            archive.writestr(member, content)
        # Data lies in the order it was produced (the order it is read in); the directory of the
        # zip is sorted.
        archive.infolist().sort(key=lambda member: member.filename)
    return ContentHash.of(leaves)


def _in_order(members: Iterable[_Member]) -> Iterator[tuple[str, bytes]]:
    """Data as they come; then metadata, dimension coordinates, and the root's metadata.

    What comes later is held until then. It is no more than a few MiB, or nobody would read it
    (`layeratlas.storage.hierarchy`): coordinates beyond that are not held.
    """
    documents: dict[str, bytes] = {}
    coordinates: dict[str, bytes] = {}
    held = 0
    for kind, key, content in members:
        if kind == "metadata":
            documents[key] = content
        elif kind == "coordinate" and held + len(content) <= LARGEST_INDEX:
            coordinates[key] = content
            held += len(content)
        else:
            yield key, content
    root = documents.pop(METADATA)
    yield from documents.items()
    yield from coordinates.items()
    whole = canonical_json(consolidated(json.loads(root), documents))
    yield METADATA, whole if len(whole) <= LARGEST_ROOT else root


def _members(data: xr.Dataset | xr.DataTree, leaves: dict[str, str]) -> Iterator[_Member]:
    for group, dataset in groups(data):
        leaves[join(group, "")] = group_leaf(group, dataset)
        yield _Member("metadata", join(group, METADATA)[1:], _group_metadata(group, dataset))
        for name, variable in variables(dataset, group):
            leaf = VariableLeaf(group, name, variable)
            values: Literal["data", "coordinate"]
            values = "coordinate" if variable.dims == (name,) else "data"
            for key, content in _array_members(variable, leaf):
                kind = "metadata" if key == METADATA else values
                yield _Member(kind, f"{leaf.path[1:]}/{key}", content)
            leaves[leaf.path] = leaf.hexdigest()


def _group_metadata(group: str, dataset: xr.Dataset) -> bytes:
    attributes = plain_attributes(dataset.attrs, f"group {group!r}")
    extra = sorted(str(name) for name, coord in dataset.coords.items() if coord.dims != (name,))
    return canonical_json(group_metadata(attributes, extra))


def _array_members(variable: xr.Variable, leaf: VariableLeaf) -> Iterator[tuple[str, bytes]]:
    import zarr  # 0.2 s: not for those who only hash or read

    chunks = chunk_shape(variable.shape, itemsize(leaf.dtype))
    dims = tuple(str(dim) for dim in variable.dims)
    found = Array(leaf.path[1:], leaf.dtype, variable.shape, chunks, dims, leaf.attributes)
    metadata = array_metadata(found)
    written: dict[str, zarr.core.buffer.Buffer] = {}
    array = zarr.create_array(
        zarr.storage.MemoryStore(written),
        shape=variable.shape,
        dtype=np.dtypes.StringDType() if leaf.dtype == STRING else leaf.dtype,
        chunks=chunks,
        compressors=compressors(leaf.dtype),
        filters=None,
        fill_value=float("nan") if metadata["fill_value"] == "NaN" else metadata["fill_value"],
        zarr_format=3,
        config={"write_empty_chunks": True},
    )
    yield METADATA, canonical_json(metadata)
    for region, values in blocks(variable, leaf.path):
        leaf.update(values)
        with _single_threaded_blosc():
            array[region or ...] = (
                values.astype(np.dtypes.StringDType()) if leaf.dtype == STRING else values
            )
        for key in sorted(written):
            if key != METADATA:
                yield key, written.pop(key).to_bytes()


@contextmanager
def _single_threaded_blosc() -> Iterator[None]:
    from numcodecs import blosc

    before = blosc.use_threads
    blosc.use_threads = False
    try:
        yield
    finally:
        blosc.use_threads = before
