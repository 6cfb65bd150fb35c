"""Curves of chains ascend, and settings are those that were simulated."""

from __future__ import annotations

import numpy as np
from made.synthetic import turned

from layeratlas.papers.spring_block.chain_cubes import chain_curves, chain_runs, chain_settings


def test_settings_are_those_of_the_experiment(simulated):
    cube = simulated.cube("folding_ruler", friction_right=0.01)
    assert chain_settings(cube)["friction_right"] == 0.01
    assert chain_settings(cube)["order"] == "first"


def test_curves_are_means_over_chains_in_ascending_order(simulated):
    cube = simulated.cube("spring_phase_diagram")
    mean, each = chain_curves(cube), chain_curves(cube, over=None)
    for curves in (mean, each):
        assert curves.dtype == np.float64
        assert curves.chunks is None
        for axis in ("friction_right", "noise_strength"):
            assert (np.diff(curves[axis]) > 0).all()
    np.testing.assert_allclose(each.mean("seed"), mean, atol=1e-6)
    assert chain_curves(turned(cube)).identical(mean)
    # The wall stands.
    assert (each.isel(layer=0) == chain_settings(cube)["target"]).all()


def test_velocities_are_those_of_the_second_order(simulated):
    cube = simulated.cube("second_order_chain_common")
    v = chain_curves(cube, "spring_velocity", over=None, keep_epochs=True)
    assert "step" in v.dims
    assert (v.isel(step=0) == 0).all()
    assert (v.isel(layer=0) == 0).all()
    assert float(abs(v).max()) > 0


def test_chains_behind_a_curve_are_counted_in_its_order(simulated):
    cube = simulated.cube("spring_phase_diagram")
    lost = cube.copy()
    status = cube.to_dataset()["status"].copy(deep=True)
    status[{"friction_right": 0, "noise_strength": 0, "seed": slice(3)}] = 1
    lost.dataset = cube.to_dataset().assign(status=status)
    runs, curves = chain_runs(lost), chain_curves(lost)
    assert runs.dims == curves.dims[:-1]
    at = {name: cube[name].values[0] for name in ("friction_right", "noise_strength")}
    assert int(runs.sel(at)) == 17
    assert int(runs.sum()) == 20 * runs.size - 3
