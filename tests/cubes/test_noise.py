"""Which way along an axis the dynamics are more stochastic."""

from __future__ import annotations

import pytest
import xarray as xr

from layeratlas.cubes.noise import noise_rank
from layeratlas.errors import LayerAtlasError


@pytest.mark.parametrize(
    ("axis", "values", "ranks"),
    [
        ("batch_size", [10, 1280, 80], [2, 0, 1]),
        ("data_noise", [0.0, 0.7, 0.3], [0, 2, 1]),
        ("dropout", [0.28, 0.0], [1, 0]),
        ("learning_rate", [1e-4, 1e-1], [0, 1]),
    ],
)
def test_noise_rank(axis, values, ranks):
    coordinate = xr.DataArray(values, dims=axis, name=axis)
    assert noise_rank(coordinate).values.tolist() == ranks


def test_other_axes_have_no_rank():
    with pytest.raises(LayerAtlasError, match="no noise axis"):
        noise_rank(xr.DataArray([1], dims="depth", name="depth"))
