"""Metadata is what zarr itself would write, and is read back as it was."""

from __future__ import annotations

import json

import numpy as np
import pytest
import zarr

from layeratlas.storage.canonical import canonical_json
from layeratlas.storage.metadata import (
    DTYPES,
    Array,
    Group,
    MetadataError,
    array_metadata,
    compressors,
    group_metadata,
    read_node,
)


@pytest.mark.parametrize("dtype", sorted(DTYPES))
@pytest.mark.parametrize("shape", [(), (7,), (0, 3), (2, 3, 4)])
def test_zarr_writes_the_same(dtype, shape):
    chunks = tuple(max(1, n) for n in shape)
    dims = tuple(f"dim_{n}" for n in range(len(shape)))
    array = Array("v", dtype, shape, chunks, dims, {"units": "1", "n": [1, 2.5, None, True]})
    written: dict = {}
    zarr.create_array(
        zarr.storage.MemoryStore(written),
        shape=shape,
        dtype=np.dtypes.StringDType() if dtype == "string" else dtype,
        chunks=chunks,
        compressors=compressors(dtype),
        filters=None,
        fill_value={"f": float("nan"), "s": "", "b": False}.get(dtype[0], 0),
        attributes=array.attributes,
        dimension_names=dims or None,
        zarr_format=3,
    )
    assert json.loads(written["zarr.json"].to_bytes()) == array_metadata(array)
    assert read_node("v", canonical_json(array_metadata(array))) == array
    # Another spelling of the same.
    assert read_node("v", json.dumps(array_metadata(array), indent=3).encode()) == array


def test_groups():
    content = canonical_json(group_metadata({"title": "a"}, ["k", "m"]))
    assert read_node("", content) == Group({"title": "a"}, ("k", "m"))
    assert read_node("", canonical_json(group_metadata({}, []))) == Group({})
    with pytest.raises(MetadataError, match="written is"):
        read_node("", canonical_json(group_metadata({}, ["m", "k"])))


def test_chunks_of_an_array():
    array = Array("a/v", "float32", (5, 4), (2, 4), ("x", "y"), {})
    assert array.counts == (3, 1)
    assert array.chunk_bytes == 32
    assert list(array.chunk_keys()) == ["a/v/c/0/0", "a/v/c/1/0", "a/v/c/2/0"]
    assert list(Array("v", "bool", (), (), (), {}).chunk_keys()) == ["v/c"]
    assert list(Array("v", "bool", (0,), (1,), ("x",), {}).chunk_keys()) == []
