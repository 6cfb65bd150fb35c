"""Reductions of probes: the last hidden feature, slopes, settings, the order of axes."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from made.turned import backwards

from layeratlas.errors import LayerAtlasError
from layeratlas.papers.feature_speed import reductions as fs


def test_last_hidden_picks_each_networks_own_layer(probed):
    cube = probed.cube("bfa_depth")
    angle = fs.quantity(cube, "backward_feature_angle")
    last = fs.last_hidden(angle)
    for depth in angle["depth"].values:
        want = angle.sel(depth=depth, layer=depth - 1)
        np.testing.assert_array_equal(last.sel(depth=depth).values, want.values)


def test_the_last_hidden_layer_depends_on_the_depth():
    layers = xr.DataArray(
        np.arange(6) + np.zeros((2, 2, 1)), dims=("width", "depth", "layer"),
        coords={"depth": [3, 5], "layer": np.arange(6)},
    )  # fmt: skip
    np.testing.assert_array_equal(fs.last_hidden(layers), [[2, 4], [2, 4]])
    with pytest.raises(LayerAtlasError, match="needs the grid axis depth"):
        fs.last_hidden(layers.isel(depth=0))


def test_the_slope_is_that_of_a_power_and_missing_with_any_point():
    depth = xr.DataArray([4.0, 8.0, 16.0], dims="depth")
    power = (3 * depth**-0.7).assign_coords(depth=depth)
    assert float(fs.log_slope(power, "depth")) == pytest.approx(-0.7)
    assert np.isnan(fs.log_slope(power.where(power["depth"] > 4), "depth"))


def test_log_slopes():
    x = np.array([1.0, 2.0, 5.0, 9.0])
    y = xr.DataArray([3 * x**-0.5, x**2, [np.nan, -1, 0, 4]], dims=("row", "x"), coords={"x": x})
    np.testing.assert_allclose(fs.log_slope(y, "x"), [-0.5, 2.0, np.nan])


def test_the_name_of_the_last_hidden_layer_is_dropped_whatever_it_depends_on(probed):
    """Where depths mix, a cube names each network's own layers."""
    angle = fs.quantity(probed.cube("bfa_depth"), "backward_feature_angle")
    names = np.array([[f"{layer} of {depth}" for layer in angle["layer"].values]
                      for depth in angle["depth"].values])  # fmt: skip
    named = angle.assign_coords(layer_name=(("depth", "layer"), names))
    xr.testing.assert_identical(fs.last_hidden(named), fs.last_hidden(angle))


def test_a_quantity_is_of_the_derivative_that_is_asked_for():
    """Wherever in the cube it stands."""
    values = xr.DataArray(
        [[1.0, 2.0], [3.0, 4.0]], dims=("seed", "derivative"),
        coords={"derivative": ["finite_step", "exact"]},
    )  # fmt: skip
    root = xr.Dataset({"status": ("seed", np.zeros(2, "i1"))})
    cube = xr.DataTree.from_dict({"/": root, "/network": xr.Dataset({"loss_change": values})})
    assert fs.quantity(cube, "loss_change").values.tolist() == [2, 4]
    assert fs.quantity(cube, "loss_change", "finite_step").values.tolist() == [1, 3]


def test_numbers_come_in_ascending_order(probed):
    cube = probed.cube("bfa_branch_scale")
    turned = backwards(cube)
    for one in (cube, turned):
        assert fs.axis(one, "depth") == sorted(fs.axis(one, "depth"))
    for of in (
        lambda c: fs.quantity(c, "backward_feature_angle"), fs.depths, fs.branch_scales,
    ):  # fmt: skip
        xr.testing.assert_identical(of(turned), of(cube))
    names = ["2/sqrt(L)", "1/L"]
    text = xr.DataArray([[1, 2], [3, 4]], dims=("rule", "x"), coords={"rule": names, "x": [5, 3]})
    ordered = fs.ascending(text)
    assert list(ordered["rule"].values) == names
    np.testing.assert_array_equal(ordered, [[2, 1], [4, 3]])


def test_what_a_cube_does_not_tell_is_refused(probed):
    cube = probed.cube("bfa_layer")
    assert fs.setting(cube, "model.family") == "residual_mlp"
    with pytest.raises(LayerAtlasError, match=r"does not tell its setting model\.dept"):
        fs.setting(cube, "model.dept")
    exact = probed.cube("bfa_conditioning")
    with pytest.raises(LayerAtlasError, match="derivative 'finite_step' was not recorded"):
        fs.quantity(exact, "backward_feature_angle", "finite_step")


def test_branch_scales_are_resolved_at_their_depth(probed):
    cube = probed.cube("bfa_depth")
    betas = fs.branch_scales(cube)
    for depth in fs.axis(cube, "depth"):
        assert betas.sel(branch_rule="2/sqrt(L)", depth=depth) == pytest.approx(2 / depth**0.5)
    assert (fs.branch_scales(probed.cube("hp_mlp")) == 1).all()


def test_the_closed_form_at_branch_scale_one_is_the_mlps():
    np.testing.assert_allclose(fs.cos_theory(1, 9), fs.cos_theory(1 - 1e-14, 9), rtol=1e-6)


@given(power=st.floats(-2, 2), factor=st.floats(0.1, 10), seed=st.integers(0, 99))
def test_the_slope_at_large_c_is_that_within_its_range(power, factor, seed):
    beta = np.geomspace(0.01, 1, 30)
    values = factor * beta**power
    outside = (20 * beta < fs.LARGE_C[0]) | (20 * beta > fs.LARGE_C[1])
    values[outside] = np.random.default_rng(seed).uniform(1, 2, outside.sum())
    cos = xr.DataArray(
        values[None, :, None], dims=("depth", "branch_scale", "seed"),
        coords={"depth": [400], "branch_scale": beta},
    )  # fmt: skip
    assert fs.large_c_slope(cos, 400) == pytest.approx(power, abs=1e-9)
