"""Any selection is what numpy makes of the whole."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xarray.core.indexing import BasicIndexer

from layeratlas.errors import StoreError
from layeratlas.storage import blocks, open_dataset, publish
from layeratlas.storage.lazy import LazyArray
from layeratlas.storage.metadata import Array
from layeratlas.storage.ziparchive import ZipArchive

SHAPE = (7, 5, 4)
VALUES = np.arange(140.0).reshape(SHAPE)
TEXT = np.array([f"t{n}" for n in range(35)], "T").reshape(7, 5)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("lazy") / "a.zarr.zip"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "LARGEST_CHUNK", 400)
        patch.setattr(blocks, "USUAL_CHUNK", 330)
        data = xr.Dataset({"v": (("x", "y", "z"), VALUES), "t": (("x", "y"), TEXT), "s": ((), "α")})
        publish(data, path)
    return path


def indices(size: int):
    number = st.integers(-size, size - 1)
    # xarray itself takes a start before the first for the last, where a slice goes back.
    bound = st.none() | st.integers(-size, size + 2)
    return (
        number
        | st.builds(slice, bound, bound, st.sampled_from([None, 1, 2, 3, -1, -2]))
        | st.lists(number, max_size=6)
    )


@settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
@given(*(indices(size) for size in SHAPE))
def test_any_selection(path, x, y, z):
    with open_dataset(path) as found:
        assert found.v.encoding["preferred_chunks"] == {"x": 2, "y": 5, "z": 4}
        chosen = found.isel(x=x, y=y, z=z)
        expected = xr.Dataset({"v": (("x", "y", "z"), VALUES), "t": (("x", "y"), TEXT)})
        expected = expected.isel(x=x, y=y, z=z)
        for name in ("v", "t"):
            assert chosen[name].dims == expected[name].dims
            assert chosen[name].dtype == expected[name].dtype
            np.testing.assert_array_equal(chosen[name].values, expected[name].values)


def test_points_and_scalars(path):
    with open_dataset(path) as found:
        at = xr.DataArray([0, 6, 3], dims="point")
        np.testing.assert_array_equal(
            found.v.isel(x=at, y=at % 5).values, VALUES[[0, 6, 3], [0, 1, 3]]
        )
        assert found.s.item() == "α"
        assert found.s.dtype == np.dtypes.StringDType()
        found.v[0].load()[:] = 1.0  # what is loaded may be changed


def test_what_no_memory_holds_is_said(path):
    array = Array("v", "float64", (2**30, 2**29), (2**30, 2**28), ("x", "y"), {})
    lazy = LazyArray(ZipArchive(path), array)
    with pytest.raises(StoreError, match=r"a\.zarr\.zip: variable 'v' .* does not fit in memory"):
        lazy[BasicIndexer((slice(None), slice(None)))]


def test_a_copy_reads_the_same_file_and_no_other(path, tmp_path):
    with open_dataset(path, chunks={}) as found:
        copy = pickle.loads(pickle.dumps(found))
        np.testing.assert_array_equal(copy.v.values, VALUES)
        copy.close()
