"""Numbers as a printer sets them."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from layeratlas.papers.spring_block.figures.words import (
    gaps_told,
    signed,
    source_told,
    whole,
)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [(-0.5, ".2f", "−0.50"), (0.5, "+.2f", "+0.50"), (-4e-4, "+.3f", "−0.000"), (2, ".2f", "2.00")],
)
def test_minus_signs_are_real(value, form, text):
    assert signed(value, form) == text


def test_thousands_are_apart_by_thin_spaces():
    assert whole(2560) == whole(np.int64(2560)) == "2\u2009560"
    assert whole(1_000_000) == "1\u2009000\u2009000"
    assert whole(999.0) == "999"
    assert whole(None) == "unstated"


def cube(*status, **attrs) -> xr.DataTree:
    return xr.DataTree(xr.Dataset({"status": ("seed", np.array(status, "i1"))}, attrs=attrs))


def test_gaps_are_explained_where_runs_are_lost():
    assert gaps_told(cube(0, 0), gaps="Hatched") == ""
    assert gaps_told(cube(0, 0), cube(2, 0), gaps="Hatched") == " Hatched."


def test_the_source_of_the_images_is_told():
    assert source_told(cube(0, dataset_source="digits")) == "digits"
    assert source_told(cube(0)) == "unstated data"
