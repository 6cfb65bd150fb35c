"""A network's cube fitted with the cube of a library of chains."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from made.chains import EPOCHS, FRICTION, NOISE, STEPS, chains
from made.synthetic import turned

from layeratlas.papers.spring_block.fits import fit_cube

DESCRIPTION = {
    "name": "spring_fit_trajectories", "preset": "smoke", "title": "t", "summary": "",
    "references": "",
    "settings": {"fit": {"target": "nets", "library": "chains", "quantity": "trajectory"}},
}  # fmt: skip


def chain_cube(separation, steps) -> xr.DataTree:
    """A library's cube from y − x_l, `(friction, noise, seed, step, layer)`."""
    chain = {
        "order": "first", "length": 7, "stiffness": 1, "target": 1, "step_size": 0.01,
        "steps": 8000, "friction_left": 0.15,
    }  # fmt: skip
    return xr.DataTree.from_dict(
        {
            "/": xr.Dataset(attrs={"settings": json.dumps({"chain": chain})}),
            "/layers": xr.Dataset(
                {
                    "spring_separation": (
                        ("seed", "friction_right", "noise_strength", "step", "layer"),
                        np.moveaxis(separation, 2, 0).astype("f4"),
                    )
                },
                coords={"friction_right": FRICTION, "noise_strength": NOISE, "step": steps},
            ),
        }
    )


@pytest.fixture(scope="module")
def network(simulated):
    """Networks that are chains in two regimes, and made up in the two others."""
    network = simulated.network_trajectories(seeds=2, epochs=40).copy(deep=True)
    values = network["layers"]["data_separation"]
    for regime, (friction, noise) in {(0, 0): (0.08, 0.0), (0, 1): (0.04, 0.1)}.items():
        for seed in range(2):
            chain = chains([friction], [noise], [80 + seed], 50 * EPOCHS)[0, 0, 0]
            values.values[(*regime, seed)][:, 1, :8] = 5 * chain - 3
    values.values[1, 1, 0, 7, 1, 4] = np.nan
    return network


@pytest.fixture(scope="module")
def fitted(network, separation):
    return fit_cube(network, chain_cube(separation, STEPS), DESCRIPTION)


def test_a_cube_is_fitted_run_by_run_and_cell_by_cell(fitted):
    cells, runs = fitted["cells"].to_dataset(), fitted["runs"].to_dataset()
    assert cells["steps_per_epoch_fit"].dims == ("negative_slope", "dropout")
    assert runs["steps_per_epoch_fit"].dims == ("negative_slope", "dropout", "seed")
    for dropout, friction, noise in ((0, 0.08, 0.0), (0.28, 0.04, 0.1)):
        here = cells.sel(negative_slope=0, dropout=dropout)
        assert here["residual"] < 2 * here["tolerance"]
        assert here["friction_right_fit"] == pytest.approx(friction, abs=0.02)
        assert here["noise_strength_low"] <= noise <= here["noise_strength_high"]
        assert here["steps_per_epoch_fit"] == pytest.approx(50, rel=0.3)
    # A lost run is NaN; its cell is fitted from the other, whose fit is then the cell's.
    assert np.isnan(runs["residual"][1, 1, 0])
    assert runs["friction_right_fit"][1, 1, 1] == cells["friction_right_fit"][1, 1]
    # One seed has no spread.
    assert np.isnan(cells["friction_right_seed_std"][1, 1])
    both = runs["friction_right_fit"][0, 0].values
    assert cells["friction_right_seed_std"][0, 0] == pytest.approx(abs(both[0] - both[1]) / 2**0.5)


def test_the_fitted_trajectories_are_kept(fitted):
    tracks, cells = fitted["trajectories"].to_dataset(), fitted["cells"].to_dataset()
    ends = fitted["load_curve_chain"].to_dataset()
    for name, residual in (("chain", cells["residual"]), ("load_curve_chain", ends["residual"])):
        apart = np.sqrt(((tracks[name] - tracks["network"]) ** 2).mean(("epoch", "layer")))
        np.testing.assert_allclose(apart, residual, rtol=1e-4)
    # The last epoch alone can choose no better chain for the whole.
    assert (ends["residual"] >= cells["residual"]).all()


def network_cube(curves):
    """A network cube whose load curves are given, `(negative_slope, dropout, seed, layer)`."""
    layers = np.concatenate([curves, np.zeros((*curves.shape[:-1], 1))], axis=-1)
    names = ["input", *(f"hidden_{i}" for i in range(1, 8)), "logits"]
    axes = ("negative_slope", "dropout", "seed")
    root = xr.Dataset(
        {"status": (axes, np.zeros(curves.shape[:3], np.int8))},
        coords={
            "negative_slope": [0.0, 1.0], "dropout": [0.0, 0.2],
            "seed": np.arange(curves.shape[2]),
        },
        attrs={"dataset_source": "made up"},
    )  # fmt: skip
    node = xr.Dataset(
        {
            "data_separation": (
                (*axes, "epoch", "batch_norm_mode", "layer"),
                layers[:, :, :, None, None],
            )
        },
        coords={
            "epoch": [1], "batch_norm_mode": ["running_statistics"], "layer": np.arange(9),
            "layer_name": ("layer", names),
        },
    )  # fmt: skip
    return xr.DataTree.from_dict({"/": root, "/layers": node})


LOAD_CURVES = {
    "name": "f", "preset": "smoke", "title": "t", "summary": "", "references": "",
    "settings": {"fit": {"target": "nets", "library": "chains"}},
}  # fmt: skip


@pytest.fixture(scope="module")
def fresh():
    """Load curves of chains of seeds that the library has not seen, one of them lost."""
    curves = chains(FRICTION[[3, 1]], NOISE[[0, 3]], range(50, 54))[..., -1, :]
    curves[1, 1, 0] = np.nan
    return curves


@pytest.fixture(scope="module")
def fitted_curves(fresh, separation):
    tree = chain_cube(separation[..., -1:, :], STEPS[-1:])
    return fit_cube(network_cube(fresh), tree, LOAD_CURVES)


def test_tolerances_and_spreads_are_those_of_the_runs(fresh, fitted_curves):
    """In a loop over cells: scatter of rescaled curves, sample deviation of the runs' fits."""
    cells, runs = (fitted_curves[node].to_dataset() for node in ("cells", "runs"))
    for cell in np.ndindex(2, 2):
        known = [c for c in fresh[cell] if np.isfinite(c).all()]
        scaled = np.array([(c - c.min()) / (c.max() - c.min()) for c in known])
        scatter = np.sqrt(np.mean([(c - scaled.mean(axis=0)) ** 2 for c in scaled]))
        tolerance = max(scatter, fitted_curves.attrs["library_scatter"])
        np.testing.assert_allclose(cells["tolerance"][cell], tolerance, rtol=1e-4)
        for name in ("friction_right", "noise_strength"):
            each = runs[f"{name}_fit"].values[cell]
            each = each[np.isfinite(each)].astype(float)
            spread = np.sqrt(((each - each.mean()) ** 2).sum() / (len(each) - 1))
            np.testing.assert_allclose(cells[f"{name}_seed_std"][cell], spread, atol=1e-6)
    assert (cells["noise_strength_seed_std"] > 0).any()
    assert (cells["tolerance"] > fitted_curves.attrs["library_scatter"]).any()


def test_load_curves_are_fitted_cell_by_cell(fitted_curves):
    fitted = fitted_curves
    cells = fitted["cells"].to_dataset()
    assert cells["friction_right_fit"].dims == ("negative_slope", "dropout")
    assert (cells["residual"] <= 2 * cells["tolerance"]).all()
    assert cells["noise_strength_fit"].sel(negative_slope=0, dropout=0) < 0.03
    # The lost run is NaN and its cell is fitted from the others.
    runs = fitted["runs"].to_dataset()["friction_right_fit"]
    assert np.isnan(runs[1, 1, 0])
    assert np.isfinite(runs[1, 1, 1:]).all()
    assert "trajectories" not in fitted.children
    assert "steps_per_epoch_fit" not in cells


def test_the_order_in_which_axes_are_stored_does_not_matter(fitted, network, separation):
    again = fit_cube(turned(network), turned(chain_cube(separation, STEPS)), DESCRIPTION)
    for node in ("runs", "cells", "load_curve_chain", "trajectories"):
        sorted_ = again[node].to_dataset().sortby(["negative_slope", "dropout"])
        xr.testing.assert_identical(sorted_, fitted[node].to_dataset())


def test_a_fit_says_what_it_was_made_from(fitted):
    assert fitted.attrs["experiment"] == DESCRIPTION["name"]
    assert json.loads(fitted.attrs["library_settings"])["chain"]["length"] == 7
    assert fitted.attrs["library_scatter"] > 0
    assert fitted.attrs["dataset_source"] == "digits"
    for node in ("runs", "cells"):
        for variable in fitted[node].data_vars.values():
            assert variable.attrs["long_name"]
            assert variable.dtype == np.float32
