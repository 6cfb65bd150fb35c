"""Layouts are the same whatever the order of dimensions and coordinates."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.errors import LayerAtlasError
from layeratlas.papers.spring_block.layout import diagram, dropout_row
from layeratlas.papers.spring_block.noise import noise_rank

SLOPES = [0.0, 0.4, 1.0]
NOISE = {"batch_size": [20, 80, 320, 1280], "dropout": [0.0, 0.08, 0.16, 0.28]}


def table(noise: str) -> xr.DataArray:
    """(noise, slope, seed, layer), each value its own."""
    shape = (4, 3, 2, 5)
    return xr.DataArray(
        np.arange(float(np.prod(shape))).reshape(shape),
        dims=(noise, "negative_slope", "seed", "layer"),
        coords={noise: NOISE[noise], "negative_slope": SLOPES, "seed": [1, 2]},
    )


@given(
    noise=st.sampled_from(sorted(NOISE)),
    columns=st.permutations(range(4)),
    rows=st.permutations(range(3)),
    noisiest_first=st.booleans(),
    lazy=st.booleans(),
)
def test_a_diagram_is_laid_out_by_values(noise, columns, rows, noisiest_first, lazy):
    array = table(noise).isel({noise: list(columns), "negative_slope": list(rows)})
    if lazy:
        array = array.chunk()
    laid = diagram(array, noisiest_first=noisiest_first)
    assert laid.dims == (noise, "negative_slope", "seed", "layer")
    assert laid.chunks is None
    ranks = noise_rank(laid[noise]).values
    assert list(ranks) == ([3, 2, 1, 0] if noisiest_first else [0, 1, 2, 3])
    assert list(laid["negative_slope"].values) == SLOPES
    # Values stay at their labels.
    xr.testing.assert_equal(laid.sortby(noise), table(noise))


@given(order=st.permutations(range(4)))
def test_a_row_ascends(order):
    array = table("dropout").isel(negative_slope=0, drop=True).isel(dropout=list(order))
    row = dropout_row(array.astype("f4").transpose("seed", "layer", "dropout"))
    assert row.dims == ("dropout", "seed", "layer")
    assert row.dtype == np.float64
    xr.testing.assert_equal(row, table("dropout").isel(negative_slope=0, drop=True))


def test_a_longer_axis_is_refused_and_a_single_value_left_out():
    wide = table("dropout").expand_dims(width=[50, 100])
    with pytest.raises(LayerAtlasError, match=r"phase diagram .* one value of \['width'\]"):
        diagram(wide)
    xr.testing.assert_equal(diagram(wide.isel(width=[0])), table("dropout"))
    with pytest.raises(LayerAtlasError, match=r"grid axis dropout; .* \['negative_slope'\]"):
        dropout_row(table("dropout"))
    with pytest.raises(LayerAtlasError, match="needs the grid axes negative_slope and one of"):
        diagram(table("dropout").isel(negative_slope=0, drop=True))
