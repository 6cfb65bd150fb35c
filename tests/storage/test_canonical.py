"""Plain JSON in one spelling; what it cannot hold is named."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.errors import StoreError
from layeratlas.storage import (
    publish,
)
from layeratlas.storage.canonical import (
    RESERVED_ATTRIBUTES,
    canonical_json,
    plain,
    plain_attributes,
    readable_json,
)


def nested(levels: int) -> list:
    value: list = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("dataset", "words"),
    [
        (xr.Dataset(attrs={"alpha": np.nan}), "'alpha'"),
        (xr.Dataset({"v": ((), 1, {"rate": [1.0, np.inf]})}), "'rate'"),
        (xr.Dataset(attrs={"alpha": b"x"}), "'alpha'"),
        (xr.Dataset(attrs={"alpha": "\ud800"}), "'alpha'"),
        (xr.Dataset({"v": ((), 1.0, {"_FillValue": 1.0})}), "_FillValue"),
        (xr.Dataset({"v": ("x", np.array(["a", None], dtype=object))}), "/v"),
        (xr.Dataset({"v": ("x", np.array(["\ud800"], dtype=object))}), "/v"),
        (xr.Dataset({"v": ("t", np.array(["2020-01-01"], "M8[ns]"))}), "/v"),
        (xr.Dataset({"v": ("t", np.array([1j]))}), "/v"),
        (xr.Dataset(attrs={"alpha": 2**64}), "'alpha'.* is 18446744073709551616, which 64 bits"),
        (xr.Dataset(attrs={"alpha": -(10**5000)}), "'alpha'.* which 64 bits do not hold"),
        (xr.Dataset(attrs={"alpha": nested(60)}), "nested deeper than 48 levels"),
        (xr.Dataset(attrs={"alpha": nested(3000)}), "nested deeper than 48 levels"),
        (xr.Dataset({"a b": 1}), "'a b'"),
        (xr.Dataset({"C:": 1}), "'C:'"),
        (xr.Dataset({"x" * 300: 1}), "longer than 255 bytes"),
        (xr.DataTree.from_dict({"/a\nb": xr.Dataset()}), r"group name 'a\\nb'"),
        (xr.DataTree.from_dict({"/a\\b": xr.Dataset()}), "is a path"),
        (xr.DataTree.from_dict({"/" + "g/" * 20: xr.Dataset()}), "deeper than 16 folders"),
        (xr.Dataset({"rate": 1, "Rate": 2}), "differ only in case"),
        (xr.Dataset({"v": ((), "x" * (9 << 20))}), "would unpack to|no longer than"),
        (xr.Dataset({"a/b": 1}), "'a/b'"),
        (xr.Dataset({3: ((), 1)}), "3"),
    ],
)
def test_what_cannot_be_stored_is_named(tmp_path, no_leftovers, dataset, words):
    with pytest.raises(StoreError, match=words):
        publish(dataset, tmp_path / "a.zarr.zip")
    assert list(tmp_path.iterdir()) == []


def test_names_are_checked(tmp_path, tree):
    with pytest.raises(StoreError, match=r"\.zarr\.zip"):
        publish(tree, tmp_path / "a.zip")
    with pytest.raises(StoreError, match="Dataset"):
        publish([1], tmp_path / "a.zarr.zip")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3),
)  # fmt: skip


@given(JSON)
def test_plain_values_stay_and_have_one_spelling(value):
    assert plain(value, "it") == value
    spelled = canonical_json(plain(value, "it"))
    assert json.loads(spelled) == value
    assert canonical_json(json.loads(spelled)) == spelled
    assert json.loads(readable_json(value)) == value


def test_numpy_is_made_plain():
    value = {"b": np.float32(0.5), "a": np.array([[1, 2]]), "c": (np.bool_(True), np.int8(3))}
    assert plain(value, "it") == {"a": [[1, 2]], "b": 0.5, "c": [True, 3]}
    assert list(plain(value, "it")) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"rate": [1.0, float("nan")]}, r"it\['rate'\]\[1\] is nan"),
        ({"a": {1: 2}}, r"it\['a'\] has the key 1: use strings"),
        ({"when": object()}, "is a object"),
        ({"name": "\ud800"}, "not valid Unicode"),
    ],
)
def test_what_json_cannot_hold_is_named_where_it_is(value, said):
    with pytest.raises(StoreError, match=said):
        plain(value, "it")


@pytest.mark.parametrize("name", sorted(RESERVED_ATTRIBUTES))
def test_names_with_a_meaning_of_their_own_are_refused(name):
    with pytest.raises(StoreError, match=f"attribute '{name}' of /v is reserved"):
        plain_attributes({name: 1}, "/v")
