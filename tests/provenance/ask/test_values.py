"""Differences between two archives, value by value, against a naive twin."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import numpy as np
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from layeratlas.provenance.ask.values import Change, compare
from layeratlas.storage import publish

NUMBERS = st.sampled_from([0.0, -0.0, 1.0, -2.5, 1e300, math.inf, -math.inf, math.nan])
SERIES = st.dictionaries(st.integers(0, 5), NUMBERS, min_size=1, max_size=5)


def differences(a: xr.Dataset, b: xr.Dataset) -> list[Change]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{name}.zarr.zip" for name in "ab"]
        for data, path in zip((a, b), paths, strict=True):
            publish(data, path)
        return list(compare(*paths))


def dataset(series: dict[int, float]) -> xr.Dataset:
    return xr.Dataset({"v": ("x", list(series.values()))}, {"x": list(series)})


@settings(max_examples=40)
@given(SERIES, SERIES)
def test_as_a_loop_over_pairs(a, b):
    found = {change.name: change for change in differences(dataset(a), dataset(b))}
    both = [(a[x], b[x]) for x in a if x in b]
    apart = [(p, q) for p, q in both if not (p == q or (math.isnan(p) and math.isnan(q)))]
    if apart:
        change = found["/v"]
        assert (change.changed, change.compared) == (len(apart), len(both))
        sizes = [d for p, q in apart if not math.isnan(d := abs(p - q))]
        assert change.max_abs == (max(sizes) if sizes else None)
    else:
        assert "/v" not in found
    if a.keys() != b.keys():
        assert sorted(found["/x"].lost) == sorted(a.keys() - b.keys())
        assert sorted(found["/x"].gained) == sorted(b.keys() - a.keys())
    elif list(a) == list(b):
        assert "/x" not in found


def test_large_integers_do_not_wrap():
    a = xr.Dataset({"n": ("i", np.array([0, 2**63 + 5], "u8"))})
    b = xr.Dataset({"n": ("i", np.array([1, 2**63 + 5], "u8"))})
    (change,) = differences(a, b)
    assert (change.changed, change.max_abs) == (1, 1.0)


def test_attributes_types_and_missing_variables():
    a = xr.Dataset({"v": ("x", [1.0], {"units": "1"}), "gone": 1}, attrs={"title": "a"})
    b = xr.Dataset({"v": ("x", np.array([1.0], "f4"), {"units": "m"})}, attrs={"title": "a"})
    assert differences(a, b) == [
        Change("variable", "/gone", "there", None),
        Change("attribute", "/v@units", "1", "m"),
        Change("variable", "/v", "float64(x)", "float32(x)"),
    ]
    assert differences(a, a) == []
