"""Blocks in C order, whatever the chunks."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from made.archives import naive_hash

from layeratlas.storage import blocks as blocks_module
from layeratlas.storage import (
    content_hash,
    open_dataset,
    publish,
)


@pytest.mark.parametrize("shape", [(7, 3, 5), (1, 9, 4), (30, 2, 2), (2, 40, 1), (11,)])
@pytest.mark.parametrize("steps", [1, 2, 3, 100])
def test_many_chunks(monkeypatch, tmp_path, shape, steps):
    """Chunk limits of a few bytes drive small arrays through the paths of large ones."""
    monkeypatch.setattr(blocks_module, "LARGEST_CHUNK", 64)
    monkeypatch.setattr(blocks_module, "USUAL_CHUNK", 32)
    dims = ("a", "b", "c")[: len(shape)]
    values = np.random.default_rng(0).normal(size=shape)
    dataset = xr.Dataset({"v": (dims, values)})
    manifest = publish(dataset, tmp_path / "one.zarr.zip")
    with open_dataset(tmp_path / "one.zarr.zip") as found:
        np.testing.assert_array_equal(found.v.values, values)
        again = publish(found, tmp_path / "two.zarr.zip")
    chunked = publish(dataset.chunk(dict.fromkeys(dims, steps)), tmp_path / "three.zarr.zip")
    assert manifest.digest == again.digest == chunked.digest
    assert naive_hash(xr.DataTree(dataset)) == manifest.content_hash


def test_chunk_shapes():
    shape_of = blocks_module.chunk_shape
    assert shape_of((), 8) == ()
    assert shape_of((0, 5), 8) == (1, 5)
    assert shape_of((1024, 1024), 4) == (1024, 1024)
    for shape in [(100, 100, 1000), (3, 5_000_000), (2, 2, 2, 700_000), (2_000_000,)]:
        chunk = shape_of(shape, 8)
        assert 2**20 <= np.prod(chunk) * 8 <= 4 * 2**20
    # a dask block is computed once, however its edges fall
    computed = []

    def note(block):
        computed.append(block.shape)
        return block

    array = xr.DataArray(np.zeros((1000, 1000)), dims=("a", "b")).chunk(a=300)
    array = array.copy(data=array.data.map_blocks(note, dtype=float, meta=np.zeros((0, 0))))
    content_hash(array.to_dataset(name="v"))
    assert len(computed) == 4
