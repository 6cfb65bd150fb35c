"""A cube is opened from its published file, and nothing else is."""

from __future__ import annotations

import pytest
import xarray as xr

from layeratlas.cubes.opening import open_cube
from layeratlas.errors import StoreError
from layeratlas.storage import publish


def test_a_cube_is_opened_lazily_and_keeps_the_version_it_was_opened_on(tmp_path):
    path = tmp_path / "x.zarr.zip"
    publish(xr.DataTree(xr.Dataset({"loss": ("seed", [1.0, 2.0])})), path)
    with open_cube(path) as cube:
        publish(xr.DataTree(xr.Dataset({"loss": ("seed", [3.0, 4.0])})), path)
        assert not cube["loss"].variable._in_memory
        assert cube["loss"].values.tolist() == [1, 2]
    with open_cube(str(path)) as cube:
        assert cube["loss"].values.tolist() == [3, 4]


def test_other_files_are_no_cubes(tmp_path):
    with pytest.raises(StoreError, match=r"is not a cube: give the published file.*engine="):
        open_cube(tmp_path / "x.nc")
    with pytest.raises(StoreError):
        open_cube(tmp_path / "missing.zarr.zip")
    (tmp_path / "broken.zarr.zip").write_bytes(b"PK")
    with pytest.raises(StoreError):
        open_cube(tmp_path / "broken.zarr.zip")


def test_what_the_error_says_opens_a_copy_under_another_name(tmp_path):
    publish(xr.DataTree(xr.Dataset({"loss": ("seed", [1.0, 2.0])})), tmp_path / "x.zarr.zip")
    copy = tmp_path / "x.cube"
    (tmp_path / "x.zarr.zip").rename(copy)
    with pytest.raises(StoreError, match=r'open_datatree\(path, engine="layeratlas"\)'):
        open_cube(copy)
    with xr.open_datatree(copy, engine="layeratlas") as cube:
        assert cube["loss"].values.tolist() == [1, 2]
