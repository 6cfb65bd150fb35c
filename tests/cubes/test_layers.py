"""Names of layers against a run-by-run twin."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings

from layeratlas.cubes.layers import BEYOND, by_name, layer_name, union, with_own_names

DEPTHS = {3: ["input", "hidden_1", "hidden_2", "logits"], 2: ["input", "hidden_1", "logits"]}
LAYOUTS = (*DEPTHS.values(), ["input", "embedding", "residual_2", "logits"])


@given(
    st.tuples(*[st.integers(1, 3)] * 3).flatmap(
        lambda shape: st.tuples(
            st.just(shape),
            st.lists(
                st.integers(-1, len(LAYOUTS) - 1),
                min_size=int(np.prod(shape)),
                max_size=int(np.prod(shape)),
            ),
        )
    )
)
@settings(deadline=None)
def test_every_run_finds_its_own_names(case):
    shape, runs = case
    which = np.array(runs).reshape(shape)
    names = layer_name(LAYOUTS, which, ("depth", "family", "seed"), 5)
    assert names.dims[-1] == "layer" and names.sizes["layer"] == 5
    whole = names.set_dims(
        dict(zip(("depth", "family", "seed"), shape, strict=True)) | {"layer": 5}
    )
    for place in np.ndindex(*shape):
        if which[place] >= 0:
            own = LAYOUTS[which[place]]
            assert whole.values[place].tolist() == [*own, *[BEYOND] * (5 - len(own))]


def test_names_vary_with_those_axes_only_that_set_them():
    which = np.zeros((2, 3, 2), int)
    dims = ("depth", "dropout", "seed")
    same = layer_name(LAYOUTS, which, dims, 4, {"long_name": "name"})
    assert same.dims == ("layer",) and same.attrs == {"long_name": "name"}
    which[1] = 1
    which[0, 1:] = -1
    varied = layer_name(LAYOUTS, which, dims, 4, {"comment": "as measured"})
    assert varied.dims == ("depth", "layer")
    assert varied.values.tolist() == [DEPTHS[3], [*DEPTHS[2], BEYOND]]
    assert varied.attrs["comment"] == "of each network; empty beyond its last layer; as measured"


def old_node(names, counts) -> xr.Dataset:
    layer = np.arange(len(names))
    return xr.Dataset(
        {"n_layers": (("depth", "seed"), np.array(counts, "f4"))},
        coords={"layer": layer, "layer_name": ("layer", np.array(names, dtype=object))},
    )


def test_cubes_of_earlier_versions_get_each_networks_own_names():
    node = old_node(DEPTHS[3], [[3, np.nan], [4, 4]])
    own = with_own_names(node)["layer_name"]
    assert own.dims == ("depth", "layer")
    assert own.values.tolist() == [[*DEPTHS[2], BEYOND], DEPTHS[3]]
    # Probes have no logits, and count the layers in the root.
    probe = old_node(["input", "feature_1", "feature_2"], [[2], [3]])
    own = with_own_names(probe.drop_vars("n_layers"), probe["n_layers"])["layer_name"]
    assert own.values.tolist() == [["input", "feature_1", ""], ["input", "feature_1", "feature_2"]]


def test_cubes_of_one_length_stay_as_they_are():
    node = old_node(DEPTHS[3], [[4, np.nan], [4, 4]])
    assert with_own_names(node).identical(node)
    bare = node.drop_vars("n_layers")
    assert with_own_names(bare).identical(bare)


def test_names_are_merged_in_the_order_of_the_networks():
    assert union(DEPTHS.values()) == DEPTHS[3]
    merged = union(LAYOUTS)
    assert sorted(merged) == sorted({name for names in LAYOUTS for name in names})
    for names in LAYOUTS:
        assert [name for name in merged if name in names] == names


@pytest.mark.parametrize("order", [(3, 2), (2, 3)])
def test_layers_of_one_name_come_together(order):
    names = np.array([[*DEPTHS[d], *[BEYOND] * (3 - d)] for d in order], dtype=object)
    values = 10 * np.array(order)[:, None, None] + np.arange(4) + np.zeros((2, 2, 4))
    array = xr.DataArray(
        values,
        dims=("depth", "seed", "layer"),
        coords={
            "depth": list(order),
            "layer": np.arange(4),
            "layer_name": (("depth", "layer"), names),
        },
    )
    together, there = by_name(array)
    assert together.dims == array.dims
    assert together["layer"].values.tolist() == DEPTHS[3]
    assert together.sel(depth=3, seed=0).values.tolist() == [30, 31, 32, 33]
    np.testing.assert_array_equal(together.sel(depth=2, seed=0), [20, 21, np.nan, 22])
    assert there.sel(depth=2).values.tolist() == [True, True, False, True]
    assert there.sel(depth=3).all()
