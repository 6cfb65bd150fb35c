"""Feature speed along training and learning-rate transfer: reductions, figures and claims."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from layeratlas import papers
from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE
from layeratlas.errors import LayerAtlasError
from layeratlas.figures import output
from layeratlas.papers.feature_speed import reductions as fs

FROZEN = ("feature_speed_training", "feature_speed_training_resnet")
INVARIANT = tuple(f"{name}_invariant" for name in FROZEN)
METRICS = ("feature_velocity", "backward_feature_angle", "sensitivity", "contribution")
RATES = 2.0 ** np.arange(-2, 8)


# --- synthetic cubes ----------------------------------------------------------------------------
def _root(axes, status):
    return xr.Dataset({"status": (tuple(axes), status)}, coords=axes)


def speed_cube(scalings, depths=(4, 16), widths=(64, 256), seeds=3, residual=1e-14, speeds=None):
    """ḟ ~ √(L/m) under ntk and 1 elsewhere, or `speeds` by scaling; NaN beyond layer L."""
    axes = {"scaling": list(scalings), "depth": list(depths), "width": list(widths),
            "seed": list(range(1, seeds + 1))}  # fmt: skip
    epochs, layers = np.array([0, 1, 5, 40]), np.arange(max(depths) + 1)
    shape = (*(len(v) for v in axes.values()), len(epochs), 1, len(layers))
    dims = (*axes, "epoch", "batch_norm_mode", "layer")
    one = xr.DataArray(np.ones(shape), dims=dims, coords={**axes, "layer": layers})
    speed = one.copy()
    for name in scalings:
        value = one.sel(scaling=name)
        value = (value * np.sqrt(one["depth"] / one["width"]) if name == "ntk" else value) * (
            speeds or {}
        ).get(name, 1.0)
        speed.loc[{"scaling": name}] = value.transpose(*dims[1:])
    there = (one["layer"] <= one["depth"]) & (one["layer"] > 0)
    values = {"feature_velocity": speed, "feature_speed_residual": residual * one,
              "backward_feature_angle": 0.8 * one, "sensitivity": speed * 2,
              "contribution": one / one["depth"]}  # fmt: skip
    layer_set = xr.Dataset(
        {k: v.where(there).transpose(*dims).astype("f4") for k, v in values.items()}
    ).assign_coords(epoch=epochs, batch_norm_mode=["running_statistics"])
    cube = xr.DataTree.from_dict(
        {"/": _root(axes, np.zeros(shape[:4])), "/layers": layer_set.drop_vars(list(axes))}
    )
    cube.attrs = {"preset": "laptop", "n_train": 256, "dataset_source": "mnist_5k",
                  "settings": json.dumps({"training": {"learning_rate": 0.5}})}  # fmt: skip
    return cube


@pytest.fixture
def speeds():
    def make(mlp=("ntk", "mf_mup", "fsc"), **changes):
        one = {"depths": (16,), "widths": (256,)}
        return {
            FROZEN[0]: speed_cube(mlp, **changes),
            FROZEN[1]: speed_cube(("resnet_fsc",)),
            INVARIANT[0]: speed_cube(mlp, **one),
            INVARIANT[1]: speed_cube(("resnet_fsc",), **one),
        }

    return make


@pytest.fixture
def transfer():
    def make(slopes, depths=(4, 8, 16), seeds=3, start=4.0, lost=()):
        """Parabolas in log-log; the optimum is start · (L/4)^slope, a little apart by seed."""
        axes = {"scaling": list(slopes), "depth": list(depths), "learning_rate": list(RATES),
                "seed": list(range(1, seeds + 1))}  # fmt: skip
        loss = np.empty(tuple(len(v) for v in axes.values()))
        for i, slope in enumerate(slopes.values()):
            for j, depth in enumerate(depths):
                for k in range(seeds):
                    middle = start * (depth / 4) ** (slope + 0.05 * (k - (seeds - 1) / 2))
                    loss[i, j, :, k] = 1.5 * np.exp(0.1 * np.log(RATES / middle) ** 2)
        status = np.zeros(loss.shape)
        for place in lost:
            status[place] = 1
        dims = (*axes, "epoch", "batch_norm_mode")
        evaluation = xr.Dataset(
            {"train_loss": (dims, loss[..., None, None].astype("f4"))},
            coords={"epoch": [20], "batch_norm_mode": ["running_statistics"]},
        )
        cube = xr.DataTree.from_dict({"/": _root(axes, status), "/evaluation": evaluation})
        cube.attrs = {"preset": "laptop", "n_train": 256, "dataset_source": "mnist_5k",
                      "settings": json.dumps({"model": {"width": 128},
                                              "training": {"epochs": 20}})}  # fmt: skip
        return {"learning_rate_transfer": cube}

    return make


# --- reductions ---------------------------------------------------------------------------------
def test_the_optimum_is_the_vertex_of_a_parabola():
    for middle in (0.9, 3.0, 20.0):
        loss = xr.DataArray(
            np.exp(0.3 * np.log(RATES / middle) ** 2), dims="learning_rate",
            coords={"learning_rate": RATES},
        )  # fmt: skip
        assert float(fs.optimal_learning_rate(loss)) == pytest.approx(middle)
        # The order of the grid does not matter, and uneven steps do not either.
        uneven = loss.isel(learning_rate=[9, 7, 5, 4, 3, 2, 0])
        assert float(fs.optimal_learning_rate(uneven)) == pytest.approx(middle)


def test_an_optimum_at_an_end_is_none_and_beside_a_divergence_is_the_grid_s():
    def best(values):
        loss = xr.DataArray(values, dims="learning_rate", coords={"learning_rate": [1, 2, 4, 8]})
        return float(fs.optimal_learning_rate(loss))

    assert np.isnan(best([1, 2, 3, 4])) and np.isnan(best([4, 3, 2, 1]))
    assert np.isnan(best([np.nan] * 4))
    assert best([3, 2, 1, np.nan]) == 4
    assert best([3, 1, np.nan, np.nan]) == 2
    assert best([2, 1, 1, 2]) == pytest.approx(2 * 2**0.5)


def test_the_slope_is_that_of_a_power_and_missing_with_any_point():
    depth = xr.DataArray([4.0, 8.0, 16.0], dims="depth")
    power = (3 * depth**-0.7).assign_coords(depth=depth)
    assert float(fs.log_slope(power, "depth")) == pytest.approx(-0.7)
    assert np.isnan(fs.log_slope(power.where(power["depth"] > 4), "depth"))


def test_the_last_hidden_layer_depends_on_the_depth():
    layers = xr.DataArray(
        np.arange(6) + np.zeros((2, 2, 1)), dims=("width", "depth", "layer"),
        coords={"depth": [3, 5], "layer": np.arange(6)},
    )  # fmt: skip
    np.testing.assert_array_equal(fs.last_hidden(layers), [[2, 4], [2, 4]])
    with pytest.raises(LayerAtlasError, match="needs the grid axis depth"):
        fs.last_hidden(layers.isel(depth=0))


# --- figures ------------------------------------------------------------------------------------
def _lines(figure):
    return {line.get_gid(): line for axes in figure.axes for line in axes.lines if line.get_gid()}


def test_training_is_drawn_by_width_and_variant(speeds):
    figure = papers.draw("feature_speed_training", speeds())
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == [
        "frozen rates, width 64", "frozen rates, width 256", "scale-invariant rates, width 256",
    ]  # fmt: skip
    velocity = figure.axes[3]
    drawn = {line.get_gid(): line.get_ydata() for line in velocity.lines}
    np.testing.assert_allclose(drawn["ntk,16"], 0.5)
    np.testing.assert_allclose(drawn["resnet_fsc,4"], 1)
    np.testing.assert_array_equal(velocity.lines[0].get_xdata(), [1, 2, 6, 41])
    np.testing.assert_allclose(figure.axes[9].lines[0].get_ydata(), 1)  # L C
    note = next(t.get_text() for t in figure.texts if t.get_gid() == "note").replace("\n", " ")
    assert "n\u00a0=\u00a03 seeds" in note and "1e-14" in note and "preset laptop" in note


def test_transfer_is_drawn_with_its_slopes(transfer):
    slopes = {"ntk": -0.5, "mf_mup": 0.0, "fsc": 0.4}
    figure = papers.draw("learning_rate_transfer", transfer(slopes))
    assert len(figure.axes) == 4
    labels = [text.get_text() for text in figure.axes[3].get_legend().get_texts()]
    assert labels == [
        "NTK: slope −0.50 ± 0.05",
        "MF+µP: slope +0.00 ± 0.05",
        "FSC: slope +0.40 ± 0.05",
    ]
    best = _lines(figure)["best:16"].get_xdata()
    assert np.isfinite(best).all()


@pytest.mark.parametrize("slopes", [{"fsc": 0.0}, {"ntk": 0.0, "fsc": 0.1}])
def test_small_grids_are_drawn(transfer, speeds, slopes, tmp_path):
    figure = papers.draw("learning_rate_transfer", transfer(slopes, depths=(4, 8), seeds=1))
    assert len(figure.axes) == len(slopes) + 1
    small = speeds(("ntk", "fsc"), depths=(4,), widths=(32,), seeds=1)
    figure = papers.draw("feature_speed_training", small)
    output.save(figure, tmp_path / "figure")


def test_optima_at_the_end_of_the_axis_are_told(transfer):
    figure = papers.draw("learning_rate_transfer", transfer({"fsc": 0.0}, start=1000.0))
    note = next(t.get_text() for t in figure.texts if t.get_gid() == "note").replace("\n", " ")
    assert "9 of 9 optima lie at an end of the axis" in note


# --- claims -------------------------------------------------------------------------------------
def _judged(name, cubes):
    return {claim.id: claim for claim in papers.check(name, cubes)}


def test_the_formula_and_the_order_hold(speeds):
    found = _judged("feature_speed_training", speeds())
    assert found["formula"].verdict == HOLDS and found["formula"].value == pytest.approx(1e-14)
    # Layers 1 … L of every run and checkpoint.
    assert found["formula"].n == 4 * 3 * ((3 * 2 + 1 * 2) * (4 + 16) + (3 + 1) * 16)
    assert found["order"].verdict == found["order_narrow_too"].verdict == HOLDS
    assert found["order"].value == pytest.approx(0.25) and found["order"].n == 3
    assert found["order_narrow_too"].value == pytest.approx(0.5)
    assert found["order_narrow_too"].n == 4


def test_a_formula_that_fails_and_an_order_that_is_another_fail(speeds):
    assert _judged("feature_speed_training", speeds(residual=1e-9))["formula"].verdict == FAILS
    turned = _judged("feature_speed_training", speeds(speeds={"mf_mup": 0.4}))
    assert turned["order"].verdict == HOLDS and turned["order_narrow_too"].verdict == FAILS
    assert turned["order_narrow_too"].value == pytest.approx(0.5 / 0.4)
    turned = _judged("feature_speed_training", speeds(speeds={"mf_mup": 0.2}))
    assert turned["order"].verdict == FAILS and turned["order"].value == pytest.approx(0.25 / 0.2)


def test_no_order_without_ntk(speeds):
    assert _judged("feature_speed_training", speeds(("fsc",)))["order"].verdict == NOT_APPLICABLE
    narrow = _judged("feature_speed_training", speeds(depths=(16,), widths=(64,)))
    assert narrow["order"].note == "no width of at least 8 L"
    assert narrow["order_narrow_too"].verdict == HOLDS


@pytest.mark.parametrize(
    ("slope", "verdict"), [(0.0, HOLDS), (0.2, HOLDS), (-0.2, HOLDS), (0.3, FAILS), (-0.4, FAILS)]
)
def test_transfer_is_a_slope_near_zero(transfer, slope, verdict):
    found = _judged("learning_rate_transfer", transfer({"ntk": 1.0, "fsc": slope}))["transfer"]
    assert found.verdict == verdict
    assert found.value == pytest.approx(abs(slope), abs=1e-6)
    assert found.n == 9 and "ntk +1.00 ± 0.05" in found.note


def test_transfer_with_too_little_to_see(transfer):
    two = _judged("learning_rate_transfer", transfer({"fsc": 0.0}, depths=(4, 8)))["transfer"]
    assert two.verdict == NOT_APPLICABLE and two.note == "2 depths: a slope needs at least 3"
    no = _judged("learning_rate_transfer", transfer({"ntk": 0.0}))["transfer"]
    assert no.verdict == NOT_APPLICABLE
    # An optimum beyond the grid is no value, and so no success.
    beyond = _judged("learning_rate_transfer", transfer({"fsc": 0.0}, start=1000.0))["transfer"]
    assert beyond.verdict == FAILS and beyond.value is None
