"""xarray opens archives by themselves, with and without this package."""

from __future__ import annotations

import pickle

import pytest
import xarray as xr
import zarr

from layeratlas.errors import StoreError
from layeratlas.storage import (
    open_dataset,
    publish,
    verify,
)


def test_wrong_group_and_closed_file(tmp_path, make_cube):
    path = tmp_path / "a.zarr.zip"
    publish(make_cube(1), path)
    with pytest.raises(StoreError, match="'/', '/layers'"):
        open_dataset(path, group="spectra")
    with open_dataset(path, group="layers") as layers:
        pass
    with pytest.raises(StoreError, match="closed"):
        layers.loss.load()


def test_xarray_opens_it_without_an_engine(tmp_path, tree):
    path = tmp_path / "a.zarr.zip"
    publish(tree, path)
    with xr.open_dataset(path, group="layers") as layers:
        assert layers.loss.variable._in_memory is False
        assert layers.loss.chunks is None
        assert layers.sel(seed=2).loss.mean() == 1
    with xr.open_dataset(str(path), group="/layers", chunks={}) as layers:
        assert layers.loss.chunks is not None
        assert layers.loss.mean().compute() == 1
        assert pickle.loads(pickle.dumps(layers)).loss.mean().compute() == 1
    with xr.open_datatree(path, chunks={}) as found:
        assert found["layers/loss"].chunks is not None
        assert list(found.children) == ["layers"]
    with xr.open_datatree(path) as found:
        xr.testing.assert_identical(found.load(), tree)
    assert list(xr.open_groups(path)) == ["/", "/layers"]


def test_xarray_opens_it_without_this_package(tmp_path, tree):
    path = tmp_path / "a.zarr.zip"
    publish(tree, path)
    found = xr.open_datatree(
        zarr.storage.ZipStore(path, mode="r"), engine="zarr", consolidated=False
    )
    xr.testing.assert_identical(found.load(), tree)
    assert verify(path) == []
