"""Chunks are what zarr packs; what none is gives one error: tests/storage/test_crafted.py."""

from __future__ import annotations

import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layeratlas.storage.chunks import ChunkError, decode
from layeratlas.storage.metadata import Array, compressors


def pack(values: np.ndarray, dtype: str) -> tuple[bytes, Array]:
    """The one chunk of `values` by zarr itself."""
    written: dict = {}
    array = zarr.create_array(
        zarr.storage.MemoryStore(written),
        shape=values.shape,
        dtype=values.dtype,
        chunks=values.shape,
        compressors=compressors(dtype),
        zarr_format=3,
        config={"write_empty_chunks": True},
    )
    array[...] = values
    (content,) = [v.to_bytes() for key, v in written.items() if key != "zarr.json"]
    dims = tuple("xyz"[: values.ndim])
    return content, Array("v", dtype, values.shape, values.shape, dims, {})


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["bool", "int8", "uint64", "float16", "float32", "float64"]).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, max_side=5))
    )
)
def test_numbers_come_back_bit_by_bit(values):
    found = decode(*pack(values, values.dtype.name))
    assert found.dtype == values.dtype
    assert found.tobytes() == values.tobytes()
    assert found.flags.writeable


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=9))
def test_text_comes_back(texts):
    values = np.array(texts, np.dtypes.StringDType())
    found = decode(*pack(values, "string"))
    assert found.dtype == values.dtype
    assert found.tolist() == texts


def test_no_flipped_bit_is_unpacked():
    content, array = pack(np.arange(40.0), "float64")
    for bit in range(8 * len(content)):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ChunkError):
            decode(bytes(damaged), array)
