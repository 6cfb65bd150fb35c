"""What goes in comes out, and the same data give the same bytes."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import numpy as np
import xarray as xr
from hypothesis import HealthCheck, given, settings
from made.archives import datasets, naive_hash

from layeratlas.storage import (
    content_hash,
    open_datatree,
    publish,
    read_manifest,
)


def assert_same(found: xr.Dataset, expected: xr.Dataset) -> None:
    assert list(found.variables) != [] or list(expected.variables) == []
    assert set(found.coords) == set(expected.coords)
    for name, variable in expected.variables.items():
        assert found[name].dims == variable.dims
        np.testing.assert_array_equal(found[name].values, variable.values)
    assert set(found.attrs) == set(expected.attrs)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(datasets(), datasets())
def test_any_tree_comes_back_with_the_same_hash(root, child):
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing this package writes is called unstable
        path = Path(folder) / "a.zarr.zip"
        # a node must not disagree with its parents about a dim
        child = child.drop_vars("x", errors="ignore")
        child = child.rename_dims({dim: f"child_{dim}" for dim in child.dims})
        tree = xr.DataTree.from_dict({"/": root, "/one/two": child})
        manifest = publish(tree, path)
        with open_datatree(path) as found:
            assert content_hash(found).root == manifest.content_hash
            assert content_hash(tree).root == manifest.content_hash
            assert naive_hash(tree) == manifest.content_hash
            assert_same(found.to_dataset(), root)
            assert_same(found["one/two"].to_dataset(inherit=False), child)


def test_same_bytes_whatever_the_order_of_things(tmp_path):
    a = xr.Dataset(
        {"u": ("x", [1.0, np.nan]), "v": ((), 1)}, coords={"k": 1, "x": [1, 2]}, attrs={"p": 1}
    )
    a["u"].attrs = {"units": "1", "long_name": "u"}
    odd_nan = np.array([0x3FF0000000000000, 0xFFF8000000000001], "u8").view("f8")
    b = xr.Dataset({"v": ((), 1), "u": ("x", odd_nan)}, attrs={"p": np.int8(1)})
    b = b.assign_coords(x=[1, 2]).assign_coords(k=1)
    b["u"].attrs = {"long_name": "u", "units": "1"}
    b["u"].encoding = {"chunks": (1,), "_FillValue": -1.0, "dtype": "int16"}
    one = publish(a, tmp_path / "one" / "a.zarr.zip")
    two = publish(b, tmp_path / "two" / "a.zarr.zip")
    for name in ("a.zarr.zip", "a.json"):
        contents = [(tmp_path / folder / name).read_bytes() for folder in ("one", "two")]
        assert contents[0] == contents[1]
    assert one == two == read_manifest(tmp_path / "one" / "a.zarr.zip")


def test_large_variable_gives_the_same_bytes_again(tmp_path):
    values = np.random.default_rng(0).integers(0, 50, size=(900, 2000)).astype("f4")
    dataset = xr.Dataset({"v": (("a", "b"), values)})
    digests = {publish(dataset, tmp_path / f"{i}.zarr.zip").digest for i in range(4)}
    # names differ, contents do not
    assert len(digests) == 1


def test_a_subtree_keeps_what_it_inherits(tmp_path):
    tree = xr.DataTree.from_dict(
        {"/": xr.Dataset(coords={"x": [1, 2]}), "/a": xr.Dataset({"v": ("x", [3, 4])})}
    )
    publish(tree["a"], tmp_path / "a.zarr.zip")
    with open_datatree(tmp_path / "a.zarr.zip") as found:
        assert found.v.sel(x=2) == 4
