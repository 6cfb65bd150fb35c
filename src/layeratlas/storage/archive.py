"""From data to a Zarr v3 hierarchy in a zip, byte for byte the same for the same data.

What would make bytes differ, and what holds it still: member dates and modes (fixed), zarr.json
formatting and attribute order (canonical JSON), encodings left over from other files (ignored),
threads inside blosc (they append blocks in the order of completion: off).
No sharding: inside one file a shard saves neither inodes nor requests.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
from layeratlas.storage.hashing import ContentHash, VariableLeaf, group_leaf
from layeratlas.storage.metadata import Array, array_metadata, compressors, group_metadata
from layeratlas.storage.names import METADATA


def write_archive(data: xr.Dataset | xr.DataTree, path: Path) -> ContentHash:
    """Create `path` from `data` and return the content hash of what was written.

    Data is read once: hash and chunks come from the same blocks, also when it is lazy.
    """
    leaves: dict[str, str] = {}
    with path.open("xb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for key, content in _members(data, leaves):
            member = zipfile.ZipInfo(key, date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system = 3  # Unix, wherever this runs
            member.external_attr = 0o100644 << 16
            archive.writestr(member, content)
        # Data lies in the order it was produced (the order it is read in); the directory of the
        # zip is sorted.
        archive.infolist().sort(key=lambda member: member.filename)
    return ContentHash.of(leaves)


def _members(data: xr.Dataset | xr.DataTree, leaves: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    for group, dataset in groups(data):
        leaves[join(group, "")] = group_leaf(group, dataset)
        yield join(group, METADATA)[1:], _group_metadata(group, dataset)
        for name, variable in variables(dataset, group):
            leaf = VariableLeaf(group, name, variable)
            for key, content in _array_members(variable, leaf):
                yield f"{leaf.path[1:]}/{key}", content
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
