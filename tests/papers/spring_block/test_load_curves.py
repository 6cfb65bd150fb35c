"""Reductions against naive twins and against the published table."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

from layeratlas.cubes import selecting
from layeratlas.errors import LayerAtlasError
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.published import (
    published_panel,
    published_phase_diagram,
)
from layeratlas.runs.status import DIVERGED, MISSING, OK

finite = st.floats(-50, 50, allow_nan=False, width=32)
curves = hnp.arrays(np.float64, st.integers(2, 12), elements=finite)


def layered(values) -> xr.DataArray:
    return xr.DataArray(np.asarray(values, float), dims="layer")


def naive_convexity_index(D: list[float]) -> float:
    last = len(D) - 1
    spread = max(D) - min(D)
    if not math.isfinite(spread) or spread == 0:
        return math.nan
    total = 0.0
    for l, value in enumerate(D):  # noqa: E741
        total += D[0] + (D[last] - D[0]) * l / last - value
    return total / (last + 1) / spread


def naive_loads(D: list[float]) -> list[float]:
    return [D[l - 1] - D[l] for l in range(1, len(D))]  # noqa: E741


@given(curves)
@settings(deadline=None)
def test_convexity_index_is_the_formula(values):
    expected = naive_convexity_index(values.tolist())
    assert float(load_curves.convexity_index(layered(values))) == pytest.approx(
        expected, abs=1e-9, nan_ok=True
    )


bent = curves.filter(lambda values: np.ptp(values) > 1e-3)


@given(bent, st.floats(0.1, 10), finite)
@settings(deadline=None)
def test_convexity_index_ignores_scale_and_offset(values, a, b):
    before = load_curves.convexity_index(layered(values))
    after = load_curves.convexity_index(layered(a * values + b))
    assert float(after) == pytest.approx(float(before), abs=1e-6)


@given(bent)
@settings(deadline=None)
def test_mirrored_curve_has_the_opposite_index_and_reversed_the_same(values):
    index = float(load_curves.convexity_index(layered(values)))
    assert float(load_curves.convexity_index(layered(-values))) == pytest.approx(-index, abs=1e-9)
    assert float(load_curves.convexity_index(layered(values[::-1]))) == pytest.approx(
        index, abs=1e-9
    )


@given(st.floats(-3, 3).filter(lambda kappa: abs(kappa) > 1e-3), st.floats(-2, 2))
@settings(deadline=None)
def test_constant_second_difference(kappa, slope):
    layer = np.arange(8)
    D = layered(0.5 * kappa * layer**2 + slope * layer)
    spread = float(D.max() - D.min())
    # Over eight points the mean distance from the chord is 3.5 κ.
    assert float(load_curves.convexity_index(D)) * spread == pytest.approx(3.5 * kappa, rel=1e-9)


def test_straight_constant_and_broken_curves():
    assert float(load_curves.convexity_index(layered(np.arange(8.0)))) == pytest.approx(
        0, abs=1e-15
    )
    assert np.isnan(load_curves.convexity_index(layered(np.ones(8))))
    for bad in (np.nan, np.inf):
        assert np.isnan(load_curves.convexity_index(layered([2, 1, bad, 0])))
        assert np.isnan(load_curves.load_uniformity(layered([2, 1, bad, 0])))


def test_convex_is_positive():
    assert float(load_curves.convexity_index(layered([1.0, 0.2, 0.0]))) > 0
    assert float(load_curves.convexity_index(layered([1.0, 0.8, 0.0]))) < 0


@given(curves)
@settings(deadline=None)
def test_loads_and_their_statistics(values):
    d = naive_loads(values.tolist())
    D = layered(values).assign_coords(layer=np.arange(len(values)))
    np.testing.assert_allclose(load_curves.loads(D).values, d)
    assert load_curves.loads(D)["layer"].values.tolist() == list(range(1, len(values)))
    assert float(load_curves.loads(D).sum()) == pytest.approx(values[0] - values[-1], abs=1e-6)
    assert float(load_curves.second_difference_sum(D)) == pytest.approx(d[0] - d[-1], abs=1e-9)
    spread = values.max() - values.min()
    expected = np.nan if spread == 0 else np.std(d) / spread
    assert float(load_curves.load_uniformity(D)) == pytest.approx(expected, rel=1e-9, nan_ok=True)


def test_convexity_index_stays_lazy():
    dask_array = pytest.importorskip("dask.array")
    values = np.random.default_rng(1).normal(size=(4, 8))
    lazy = xr.DataArray(dask_array.from_array(values, chunks=(2, 8)), dims=("cell", "layer"))
    result = load_curves.convexity_index(lazy)
    assert result.chunks is not None
    np.testing.assert_allclose(result, load_curves.convexity_index(lazy.compute()))


# --- cubes -----------------------------------------------------------------------------------


def test_load_curve_of_a_cube_is_the_seed_mean_without_logits(synthetic):
    cube = synthetic.published_cube("dropout", seeds=3, scatter=0.3)
    published = published_phase_diagram(synthetic.REFERENCE)
    panel = published_panel(published, "dropout")
    curve = load_curves.load_curve(cube)
    assert curve.sizes["layer"] == 8
    assert "logits" not in curve["layer_name"].values
    expected = panel["separation_normalised"].transpose(*curve.dims).sel(dropout=curve["dropout"])
    np.testing.assert_allclose(load_curves.range_normalised(curve), expected, atol=2e-5)
    single = load_curves.load_curve(cube, over=None)
    np.testing.assert_allclose(single.mean("seed"), curve, atol=1e-6)
    # the layers node alone does as well
    xr.testing.assert_allclose(load_curves.load_curve(cube["layers"].to_dataset()), curve)


def test_earlier_epochs_and_other_batch_norm_modes_on_request(synthetic):
    cube = synthetic.published_cube("dropout")
    assert (load_curves.load_curve(cube, epoch=0) == 0.5).all()
    assert (load_curves.load_curve(cube, batch_norm_mode="batch_statistics") == 0.25).all()
    with pytest.raises(LayerAtlasError, match="epoch 7"):
        load_curves.load_curve(cube, epoch=7)
    with pytest.raises(LayerAtlasError, match="batch_norm_mode 'frozen'"):
        load_curves.load_curve(cube, batch_norm_mode="frozen")
    with pytest.raises(LayerAtlasError, match="no variable 'sharpness'"):
        load_curves.load_curve(cube, variable="sharpness")


def test_unfinished_runs_are_left_out_of_means(synthetic):
    good = synthetic.theory_cube("dropout", (0.28, 0.0), (0.0, 1.0), seeds=2, scatter=0.5)
    status = good["/"].to_dataset()["status"].copy()
    status[0, 0, :] = 1
    status[1, 1, 0] = 2
    cube = good.copy()
    cube["/"].dataset = cube["/"].to_dataset().assign(status=status)
    curve = load_curves.load_curve(cube)
    single = load_curves.load_curve(good, over=None)
    assert np.isnan(curve[0, 0]).all()
    np.testing.assert_allclose(curve[1, 1], single[1, 1, 1], rtol=1e-6)
    np.testing.assert_allclose(curve[0, 1], single[0, 1].mean("seed"), rtol=1e-6)
    accuracy = selecting.mean_accuracy(cube)
    assert np.isnan(accuracy[0, 0])
    assert selecting.finished_runs(cube).values.tolist() == [[0, 2], [2, 1]]


def test_a_run_with_one_bad_layer_counts_in_no_layer(synthetic):
    cube = synthetic.theory_cube("dropout", (0.28, 0.0), (0.0, 1.0), seeds=2, scatter=0.5)
    layers = cube["layers"].to_dataset(inherit=False).copy(deep=True)
    layers["data_separation"][{"seed": 0, "layer": 3}] = -np.inf
    cube["layers"].dataset = layers
    single = load_curves.load_curve(cube, over=None)
    np.testing.assert_allclose(load_curves.load_curve(cube), single.isel(seed=1), rtol=1e-6)


# --- networks of several depths --------------------------------------------------------------


@st.composite
def ragged(draw) -> dict[int, np.ndarray]:
    """Depth L → separations of layers 0 … L, the logits last, of two seeds."""
    depths = draw(st.lists(st.integers(2, 7), min_size=2, max_size=4, unique=True))
    return {
        depth: draw(hnp.arrays(np.float64, (2, depth + 1), elements=finite)) for depth in depths
    }


def cube_of(networks: dict[int, np.ndarray], *, old: bool = False) -> xr.DataTree:
    """A cube over depth; `old`: layers named after the deepest, as earlier versions wrote it."""
    longest = max(networks) + 1
    values = np.full((len(networks), 2, longest), np.nan)
    for row, separation in zip(values, networks.values(), strict=True):
        row[:, : separation.shape[1]] = separation
    layouts = [
        [
            "input",
            *(f"hidden_{i}" for i in range(1, depth)),
            "logits",
            *[""] * (longest - depth - 1),
        ]
        for depth in networks
    ]
    deepest = layouts[int(np.argmax(list(networks)))]
    names = ("layer", deepest) if old else (("depth", "layer"), layouts)
    counts = np.repeat([[depth + 1.0] for depth in networks], 2, axis=1).astype("f4")
    layers = xr.Dataset(
        {
            "data_separation": (("depth", "seed", "layer"), values),
            "n_layers": (("depth", "seed"), counts),
        },
        coords={"layer": np.arange(longest), "layer_name": names},
    )
    root = xr.Dataset(
        {"status": (("depth", "seed"), np.full((len(networks), 2), OK, "i1"))},
        coords={"depth": list(networks), "seed": [1, 2]},
    )
    return xr.DataTree.from_dict({"/": root, "/layers": layers})


REDUCTIONS = {
    "convexity_index": naive_convexity_index,
    "second_difference_sum": lambda D: naive_loads(D)[0] - naive_loads(D)[-1],
    "load_uniformity": lambda D: np.std(naive_loads(D)) / np.ptp(D) if np.ptp(D) > 0 else math.nan,
}


@pytest.mark.parametrize("old", [False, True], ids=["own names", "names of the deepest"])
@given(networks=ragged())
@settings(deadline=None, max_examples=10)
def test_each_network_is_reduced_over_its_own_layers(old, networks):
    """Without the shallower ones' logits and without NaN, as if each were alone in its cube."""
    curves = load_curves.load_curve(cube_of(networks, old=old))
    assert curves.sizes["layer"] == max(networks)
    for depth, separation in networks.items():
        D = separation[:, :-1].mean(axis=0)
        own = curves.sel(depth=depth)
        np.testing.assert_allclose(own[:depth], D, rtol=1e-12)
        assert own[depth:].isnull().all()
        assert own["layer_name"].values[:depth].tolist()[-1] == f"hidden_{depth - 1}"
        for name, naive in REDUCTIONS.items():
            expected = pytest.approx(naive(D.tolist()), rel=1e-7, abs=1e-9, nan_ok=True)
            together = getattr(load_curves, name)(curves)
            assert set(together.dims) == {"depth"}
            assert float(together.sel(depth=depth)) == expected
            # Also of what is selected before.
            assert float(getattr(load_curves, name)(own)) == expected
        scaled = load_curves.range_normalised(curves).sel(depth=depth)
        if np.ptp(D) > 0:
            np.testing.assert_allclose(scaled[:depth], (D - D.min()) / np.ptp(D), atol=1e-9)
        loads = load_curves.loads(curves).sel(depth=depth)
        np.testing.assert_allclose(loads[: depth - 1], naive_loads(D.tolist()), atol=1e-9)
        assert loads[depth - 1 :].isnull().all()


def test_one_depth_beside_others_keeps_its_bits():
    rng = np.random.default_rng(0)
    networks = {depth: rng.normal(size=(2, depth + 1)) for depth in (3, 12, 7)}
    together = load_curves.load_curve(cube_of(networks))
    for depth, separation in networks.items():
        alone = load_curves.load_curve(cube_of({depth: separation}))
        for name in REDUCTIONS:
            reduction = getattr(load_curves, name)
            assert reduction(together).sel(depth=depth).item() == reduction(alone).item()


def test_a_point_missing_inside_a_curve_is_no_end_of_it():
    networks = {3: np.array([[3.0, 1.0, 0.0, -9.0]] * 2), 2: np.array([[2.0, 1.0, -9.0]] * 2)}
    for bad in (0, 1, 2):
        networks[3][:, bad] = np.nan
        index = load_curves.convexity_index(load_curves.load_curve(cube_of(networks)))
        assert np.isnan(index.sel(depth=3)) and float(index.sel(depth=2)) == 0
        networks[3][:, bad] = bad
    # Of one seed only: the other one is the mean.
    networks[3][0, 1] = np.nan
    assert load_curves.load_curve(cube_of(networks)).sel(depth=3).notnull().all()


def test_failed_runs_of_the_deepest_leave_the_others_their_ends():
    networks = {2: np.array([[2.0, 1.0, -9.0]] * 2), 4: np.array([[4.0, 3, 2, 1, -9.0]] * 2)}
    cube = cube_of(networks)
    status = cube["status"].copy(data=[[OK, OK], [DIVERGED, MISSING]])
    cube.dataset = cube.to_dataset().assign(status=status)
    curves = load_curves.load_curve(cube)
    assert curves.sel(depth=4).isnull().all()
    assert curves.sel(depth=2).values[:2].tolist() == [2, 1]
    assert load_curves.convexity_index(curves).isnull().values.tolist() == [False, True]


def test_curves_of_different_lengths_have_no_mean():
    networks = {2: np.zeros((2, 3)), 4: np.zeros((2, 5))}
    with pytest.raises(LayerAtlasError, match="no mean over depth"):
        load_curves.load_curve(cube_of(networks), over=["seed", "depth"])


def test_networks_of_equal_length_and_other_names_lose_their_logits():
    cube = cube_of({3: np.array([[3.0, 1.0, 0.0, -9.0]] * 2)})
    names = [["input", "hidden_1", "hidden_2", "logits"], ["input", "embedding", "x", "logits"]]
    nodes = {}
    for node in cube.subtree:
        both = xr.concat(
            [node.to_dataset(inherit=False).drop_vars("layer_name", errors="ignore")] * 2, "family"
        )
        nodes[node.path] = both
    nodes["/layers"] = nodes["/layers"].assign_coords(layer_name=(("family", "layer"), names))
    curves = load_curves.load_curve(xr.DataTree.from_dict(nodes))
    assert curves.sizes["layer"] == 3 and load_curves.LAST_LAYER not in curves.coords
    assert curves["layer_name"].values.tolist() == [row[:3] for row in names]


def test_runs_behind_a_mean_have_whole_curves(synthetic):
    """A run that is ok but has a hole in its curve is not behind the mean, nor is a lost one."""
    cubes = synthetic.theory_cubes(synthetic.LAPTOP_GRID, synthetic.LAPTOP_SLOPES, seeds=3)
    cube = cubes["phase_diagram_dropout"]
    assert (load_curves.runs_behind(cube) == 3).all()
    layers = cube["layers"].to_dataset(inherit=False)
    holed = layers["data_separation"].copy(deep=True)
    first = {dim: 0 for dim in holed.dims if dim not in ("seed", "layer", "epoch")}
    holed[{**first, "seed": 1, "epoch": -1, "layer": 2}] = np.nan
    cube["layers"].dataset = layers.assign(data_separation=holed)
    status = cube.to_dataset()["status"].copy(deep=True)
    status[1, 0, 2] = 1
    cube.dataset = cube.to_dataset().assign(status=status)
    behind = load_curves.runs_behind(cube)
    assert sorted(behind.values.ravel().tolist())[:3] == [2, 2, 3]
    mean = load_curves.load_curve(cube)
    assert mean.attrs["comment"] == "mean over 2 to 3 of 3 values"
