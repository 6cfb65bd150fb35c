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
from layeratlas.cubes.statistics import spearman
from layeratlas.errors import LayerAtlasError
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.noise import noise_axis, noise_rank, order_by_noise
from layeratlas.papers.spring_block.published import (
    compare_with_published,
    published_panel,
    published_phase_diagram,
)

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


def test_accuracy_is_in_percent(synthetic):
    cube = synthetic.published_cube("data_noise")
    accuracy = selecting.mean_accuracy(cube)
    assert float(accuracy.min()) == pytest.approx(83.4, abs=1e-3)
    assert float(accuracy.max()) == pytest.approx(92.1, abs=1e-3)
    assert accuracy.attrs["units"] == "percent"


# --- noise -----------------------------------------------------------------------------------


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
    table = xr.DataArray(ranks, dims=axis, coords={axis: values})
    assert order_by_noise(table).values.tolist() == sorted(ranks)
    assert order_by_noise(table, noisiest_first=True).values.tolist() == sorted(ranks)[::-1]


def test_no_noise_axis_or_two_are_refused():
    for dims in (("depth",), ("dropout", "batch_size")):
        with pytest.raises(LayerAtlasError, match="one noise axis"):
            noise_axis(xr.DataArray(np.zeros((1,) * len(dims)), dims=dims))
    with pytest.raises(LayerAtlasError, match="no noise axis"):
        noise_rank(xr.DataArray([1], dims="depth", name="depth"))


# --- statistics ------------------------------------------------------------------------------


@given(hnp.arrays(np.float64, (2, 6), elements=st.integers(0, 4)))
@settings(deadline=None, max_examples=30)
def test_spearman_is_pearson_of_average_ranks(values):
    def ranks(x):
        return np.array([(x < value).sum() + ((x == value).sum() - 1) / 2 for value in x])

    a, b = (xr.DataArray(row, dims="cell") for row in values)
    if np.ptp(values[0]) == 0 or np.ptp(values[1]) == 0:
        assert np.isnan(spearman(a, b, "cell"))
    else:
        expected = np.corrcoef(ranks(values[0]), ranks(values[1]))[0, 1]
        assert float(spearman(a, b, "cell")) == pytest.approx(expected, abs=1e-9)


def test_spearman_over_two_dims_pairs_cells_by_name():
    a = xr.DataArray(np.arange(6.0).reshape(2, 3), dims=("x", "y"))
    assert float(spearman(a, a.T, ("x", "y"))) == pytest.approx(1.0)
    assert np.isnan(spearman(a.where(a != 2), a, ("x", "y")))


# --- published -------------------------------------------------------------------------------


def test_published_table_is_complete_and_known(synthetic):
    published = published_phase_diagram(synthetic.REFERENCE)
    assert dict(published.sizes) == {
        "panel": 2,
        "noise_position": 8,
        "negative_slope": 6,
        "layer": 8,
    }
    for axis in ("data_noise", "dropout"):
        panel = published_panel(published, axis)
        np.testing.assert_allclose(panel[axis], synthetic.PUBLISHED_GRID[axis])
        curves = panel["separation_normalised"]
        np.testing.assert_allclose(curves.isel(layer=0), 1)
        np.testing.assert_allclose(curves.min("layer"), 0)
    with pytest.raises(LayerAtlasError, match="no published panel"):
        published_panel(published, "batch_size")


def test_comparison_matches_cells_by_value_and_leaves_out_the_others(synthetic):
    published = published_phase_diagram(synthetic.REFERENCE)
    same = compare_with_published(synthetic.published_cube("dropout"), published)
    assert same.sizes["cell"] == 48
    difference = same["convexity_index"] - same["convexity_index_published"]
    assert float(abs(difference).max()) < 1e-5

    mine = synthetic.theory_cube("dropout", (0.28, 0.26, 0.0), (0.0, 0.5, 1.0))
    pairs = compare_with_published(mine, published)
    cells = set(zip(pairs["dropout"].values, pairs["negative_slope"].values, strict=True))
    assert cells == {(0.28, 0.0), (0.28, 1.0), (0.0, 0.0), (0.0, 1.0)}
    here = pairs.isel(cell=int(np.argmax(pairs["dropout"].values)))
    panel = published_panel(published, "dropout").sel(
        dropout=0.28, negative_slope=float(here["negative_slope"]), method="nearest"
    )
    assert float(here["test_accuracy_percent_published"]) == float(panel["test_accuracy_percent"])

    strange = synthetic.theory_cube("dropout", (0.27, 0.01), (0.1, 0.9))
    assert compare_with_published(strange, published).sizes["cell"] == 0


def test_coordinates_stored_in_single_precision_coincide(synthetic):
    cube = synthetic.published_cube("dropout")
    nodes = {
        path: node.to_dataset(inherit=False).assign_coords(
            {name: cube[name].astype("float32") for name in ("dropout", "negative_slope")}
        )
        for path, node in cube.to_dict().items()
        for node in [xr.DataTree(node)]
    }
    published = published_phase_diagram(synthetic.REFERENCE)
    pairs = compare_with_published(xr.DataTree.from_dict(nodes), published)
    assert pairs.sizes["cell"] == 48
