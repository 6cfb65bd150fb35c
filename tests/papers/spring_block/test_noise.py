"""A phase diagram has one noise axis, and is drawn along it."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from layeratlas.errors import LayerAtlasError
from layeratlas.papers.spring_block.noise import noise_axis, order_by_noise


def test_no_noise_axis_or_two_are_refused():
    for dims in (("depth",), ("dropout", "batch_size")):
        with pytest.raises(LayerAtlasError, match="one noise axis"):
            noise_axis(xr.DataArray(np.zeros((1,) * len(dims)), dims=dims))


def test_the_noise_axis_of_a_cube_or_what_is_left_of_one(synthetic):
    cube = synthetic.theory_cube("batch_size", (20, 80), (0.0, 1.0))
    for dataset in (cube, cube["layers"], cube["layers"].to_dataset(), cube["status"]):
        assert noise_axis(dataset) == "batch_size"


@pytest.mark.parametrize(
    ("axis", "values"), [("batch_size", [80, 10, 1280]), ("learning_rate", [1e-4, 1e-1, 1e-2])]
)
def test_order_by_noise_whatever_the_order_in_store(axis, values):
    table = xr.DataArray(np.arange(3), dims=axis, coords={axis: values})
    quiet_first = sorted(values, reverse=axis == "batch_size")
    for stored in (table, table.sortby(axis), table.sortby(axis, ascending=False)):
        assert order_by_noise(stored)[axis].values.tolist() == quiet_first
        turned = order_by_noise(stored, noisiest_first=True)
        assert turned[axis].values.tolist() == quiet_first[::-1]
        xr.testing.assert_equal(turned.sortby(axis), table.sortby(axis))
