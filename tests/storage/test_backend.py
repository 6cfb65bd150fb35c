"""xarray opens archives by themselves, with and without this package."""

from __future__ import annotations

import pickle

import pytest
import xarray as xr
import zarr
from made.crafted import members_of, write_members

from layeratlas.errors import StoreError
from layeratlas.storage import (
    open_dataset,
    publish,
    verify,
)
from layeratlas.storage.backend import ZarrZipBackend


def test_wrong_group_and_closed_file(tmp_path, make_cube):
    path = tmp_path / "a.zarr.zip"
    publish(make_cube(1), path)
    with pytest.raises(StoreError, match="no group '/spectra': there are /, /layers"):
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


def test_plain_xarray_opens_a_copy_as_browsers_name_it(tmp_path, tree):
    publish(tree, tmp_path / "a.zarr.zip")
    copy = tmp_path / "a.zarr (1).zip"
    copy.write_bytes((tmp_path / "a.zarr.zip").read_bytes())
    with xr.open_datatree(copy) as found:
        xr.testing.assert_identical(found.load(), tree)
    # Others' zips are left to others; xarray then names the engines that there are.
    write_members(tmp_path / "b.zip", {"readme.txt": b"hello"})
    (tmp_path / "c.zip").write_bytes(b"PK")
    for other in ("b.zip", "c.zip", "missing.zip", "http://127.0.0.1:1/a.zip"):
        assert not ZarrZipBackend().guess_can_open(other if ":" in other else tmp_path / other)
    with pytest.raises(ValueError, match="engine"):
        xr.open_datatree(tmp_path / "b.zip")


def test_a_group_is_the_root_of_what_lies_below_it(tmp_path):
    inner = xr.Dataset({"v": ("x", [1, 2])})
    data = xr.DataTree.from_dict({"/": xr.Dataset(), "/a": xr.Dataset({"u": 3}), "/a/b": inner})
    publish(data, tmp_path / "a.zarr.zip")
    with xr.open_datatree(tmp_path / "a.zarr.zip", group="a") as found:
        assert found.u == 3
        assert found["b/v"].values.tolist() == [1, 2]
    assert list(xr.open_groups(tmp_path / "a.zarr.zip", group="a")) == ["/", "/b"]


def test_what_is_not_asked_for_stays_away(tmp_path, tree):
    path = tmp_path / "a.zarr.zip"
    publish(tree, path)
    with xr.open_dataset(path, group="layers", drop_variables="loss") as layers:
        assert set(layers.variables) == {"layer_name", "mark"}
    with xr.open_dataset(path, group="layers", drop_variables=["mark"]) as layers:
        assert set(layers.variables) == {"layer_name", "loss"}
    with xr.open_dataset(path, group="layers", decode_coords=False) as layers:
        assert "layer_name" in layers.data_vars


def test_times_are_decoded_where_that_is_asked(tmp_path):
    path = tmp_path / "a.zarr.zip"
    publish(xr.Dataset({"t": ("x", [1, 2], {"units": "days since 2020-01-01"})}), path)
    with xr.open_dataset(path) as found:
        assert found.t.values.tolist() == [1, 2]
    with xr.open_dataset(path, decode_times=True) as found:
        assert str(found.t.values[0]).startswith("2020-01-02")
    publish(xr.Dataset({"t": ("x", [1, 2], {"units": "days since nowhere"})}), path)
    with pytest.raises(StoreError, match="has no data set for"):
        xr.open_dataset(path, decode_times=True)


def test_groups_that_disagree_about_a_coordinate(tmp_path):
    """Each is right by itself; a tree of both there is not."""
    path = tmp_path / "a.zarr.zip"
    root = xr.Dataset({"u": ("seed", [1, 2])}, coords={"seed": [0, 1]})
    publish(xr.DataTree.from_dict({"/": root, "/a": xr.Dataset({"v": ("seed", [3, 4])})}), path)
    members = members_of(path)
    publish(xr.Dataset(coords={"seed": [7, 8]}), tmp_path / "b.zarr.zip")
    other = members_of(tmp_path / "b.zarr.zip")
    seed = {f"a/{key}": content for key, content in other.items() if key.startswith("seed/")}
    write_members(path, members | seed)
    with pytest.raises(StoreError, match="disagrees with the one around it"):
        xr.open_datatree(path)
    with xr.open_dataset(path, group="a") as found:
        assert found.seed.values.tolist() == [7, 8]


def test_xarray_opens_it_without_this_package(tmp_path, tree):
    path = tmp_path / "a.zarr.zip"
    publish(tree, path)
    found = xr.open_datatree(
        zarr.storage.ZipStore(path, mode="r"), engine="zarr", consolidated=False
    )
    xr.testing.assert_identical(found.load(), tree)
    assert verify(path) == []
