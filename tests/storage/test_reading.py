"""Opening published archives."""

from __future__ import annotations

import xarray as xr

from layeratlas.storage import (
    open_dataset,
    publish,
)


def test_text_coordinates_select(tmp_path):
    dataset = xr.Dataset({"v": ("name", [1, 2])}, coords={"name": ["alpha", "beta"]})
    publish(dataset, tmp_path / "a.zarr.zip")
    with open_dataset(tmp_path / "a.zarr.zip") as found:
        assert found.v.sel(name="beta") == 2
