"""Orders of the tables: exponents of powers, and contributions by layer."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from made.turned import changed

from layeratlas.papers.feature_speed.orders import contributions, exponent_errors, exponents
from layeratlas.papers.feature_speed.theory import EXPONENTS


def grid(**functions) -> xr.DataTree:
    """A cube of probes over depth, width and seed: `name=f(L, m)` are its variables."""
    axes = {"depth": [5, 10, 20, 40], "width": [100, 200, 400], "seed": [1, 2, 3]}
    L, m, s = (xr.DataArray(v, dims=k, coords={k: v}) for k, v in axes.items())
    # The median over seeds is the given function.
    scatter = 1 + 0.3 * (s - 2)
    layer = xr.DataArray(np.arange(41), dims="layer", coords={"layer": np.arange(41)})
    own = ((layer > 0) & (layer <= L)).drop_vars("layer").assign_coords(layer=layer)
    variables = {}
    for name, f in functions.items():
        values = f(L, m) * scatter
        variables[name] = values if name == "loss_change" else values.where(own)
    root = xr.Dataset({"status": xr.zeros_like(L * m * s, dtype="int8")})
    return xr.DataTree.from_dict({"/": root, "/all": xr.Dataset(variables)})


@settings(max_examples=10)
@given(a=st.floats(-1, 1), b=st.floats(-1, 1))
def test_exponents_are_those_of_powers(a, b):
    def power(L, m):
        return 0.3 * L.astype(float) ** a * m.astype(float) ** b

    cube = grid(
        sensitivity=power,
        loss_change=lambda L, m: -2 * power(L, m),
        feature_velocity=lambda L, m: power(L, m) ** 2,
    )
    found = exponents(cube, {})
    assert set(found) == set(EXPONENTS["fsc"])
    for name, times in (("S", 1), ("loss", 1), ("speed", 2)):
        assert found[name] == pytest.approx((times * a, times * b), abs=1e-9)


def test_contributions_are_those_of_first_hidden_and_last_layers():
    cube = grid(contribution=lambda L, m: 1 / L.astype(float) + 0 * m)
    cube = changed(
        cube,
        "/all",
        "contribution",
        lambda C: C * (1 + 2 * (C["layer"] == 1) + 4 * (C["layer"] == C["depth"])),
    )
    found = contributions(cube, {"depth": 10, "width": 200})
    assert found == pytest.approx((3, 1, 5))


def test_exponents_are_taken_at_the_largest_width_and_at_depth_ten():
    """Of numbers that are a power of L at each width, of m at each depth, with other exponents."""

    def power(L, m):
        return np.exp((m / 100.0) * np.log(L) + (L / 20.0) * np.log(m))

    cube = grid(sensitivity=power, loss_change=lambda L, m: -power(L, m), feature_velocity=power)
    depths, widths = np.array([5, 10, 20, 40]), np.array([100, 200, 400])

    def slope(x, y):
        return np.polyfit(np.log(x), np.log(y), 1)[0]

    expected = slope(depths, power(depths, 400)), slope(widths, power(10, widths))
    for found in exponents(cube, {}).values():
        assert found == pytest.approx(expected)


def test_hidden_layers_are_those_between_the_first_and_the_last():
    """L C_l is l at depth 10: the median over layers 2 … 9 is 5.5."""
    cube = grid(contribution=lambda L, m: 1 / L.astype(float) + 0 * m)
    cube = changed(cube, "/all", "contribution", lambda C: C * C["layer"])
    assert contributions(cube, {"depth": 10, "width": 200}) == pytest.approx((1, 5.5, 10))


def test_errors_of_exponents_come_of_the_scatter_of_draws():
    def power(L, m):
        return L.astype(float) ** 0.5 + 0 * m

    cube = grid(sensitivity=power, loss_change=lambda L, m: -power(L, m), feature_velocity=power)
    # One factor a draw moves all depths alike: no slope feels it.
    assert exponent_errors(cube, {})["S"] == pytest.approx((0, 0), abs=1e-12)
    rng = np.random.default_rng(1)
    noisy = changed(
        cube, "/all", "sensitivity", lambda S: S * np.exp(0.1 * rng.standard_normal(S.shape))
    )
    in_depth, in_width = exponent_errors(noisy, {})["S"]
    assert 0.01 < in_depth < 0.2 and 0.01 < in_width < 0.2
    alone = xr.DataTree.from_dict(
        {path: cube[path].to_dataset().isel(seed=[0]) for path in ("/", "/all")}
    )
    assert np.isnan(exponent_errors(alone, {})["S"]).all()
