"""Fits find the chain they were made from, and say where they cannot."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from layeratlas.chains.fits import Library, fit_curve, range_normalised
from layeratlas.chains.integrators import first_order
from layeratlas.config.experiment import load_experiment
from layeratlas.errors import ConfigError
from layeratlas.papers.spring_block.fits import fit_cube
from layeratlas.workflow.planning import Workflow

FRICTION = np.array([0.0, 0.03, 0.06, 0.10, 0.15])
NOISE = np.array([0.0, 0.03, 0.06, 0.1, 0.2, 0.5])


def chains(friction, noise, seeds):
    F, N, S = np.meshgrid(friction, noise, seeds, indexing="ij")
    D = first_order(
        length=7, steps=10_000, record=[10_000], seeds=list(S.ravel()),
        friction_right=F.ravel(), friction_left=0.15, noise=N.ravel(),
    )  # fmt: skip
    return D.reshape(*F.shape, 8)


@pytest.fixture(scope="module")
def separation():
    return chains(FRICTION, NOISE, range(1, 9))


@pytest.fixture(scope="module")
def library(separation):
    return Library.from_separation(FRICTION, NOISE, separation)


def test_it_finds_the_chain_of_each_library_cell(library):
    library = replace(library, points=121)
    for i, j in ((1, 1), (2, 0), (3, 2), (4, 1)):
        fit = fit_curve(3.0 * library.shapes[i, j] + 2.0, library, tolerance=1e-3)
        assert fit.residual < 5e-3
        for name, true in (("friction_right", FRICTION[i]), ("noise_strength", NOISE[j])):
            estimate = fit.parameters[name]
            assert estimate.low - 1e-9 <= true <= estimate.high + 1e-9


def test_strong_noise_does_not_identify_its_strength(library):
    # All stationary curves coincide (spec. §3.4 (iii)); friction then sets the curve alone.
    shaken = fit_curve(library.shapes[1, 5], library, tolerance=0.01).parameters
    assert not shaken["noise_strength"].identifiable
    assert shaken["friction_right"].identifiable
    # A still chain is told from all shaken ones, though none less shaken was there to compare.
    still = fit_curve(library.shapes[3, 0], library, tolerance=0.01).parameters
    assert still["noise_strength"].identifiable
    assert still["noise_strength"].at_end == -1
    assert still["friction_right"].at_end == 0


def test_the_region_grows_with_the_tolerance(library):
    def width(fit):
        return [fit.parameters[name].high - fit.parameters[name].low for name in library.grids]

    tight = fit_curve(library.shapes[2, 2], library, tolerance=1e-3)
    loose = fit_curve(library.shapes[2, 2], library, tolerance=0.05)
    assert width(loose)[0] > width(tight)[0]
    assert width(loose)[1] > width(tight)[1]


def test_curves_without_a_shape_give_no_fit(library):
    for curve in (np.full(8, 1.0), np.r_[np.nan, np.arange(7.0)]):
        fit = fit_curve(curve, library, tolerance=0.01)
        assert np.isnan(fit.residual)
        assert np.isnan(fit.parameters["friction_right"].value)
        assert not fit.parameters["friction_right"].identifiable
        assert not fit.best
    with pytest.raises(ValueError, match="5 points"):
        fit_curve(np.arange(5.0), library, tolerance=0.01)


def test_load_curves_are_rescaled_by_their_own_range():
    curve = np.random.default_rng(0).normal(size=(3, 8))
    scaled = range_normalised(curve)
    np.testing.assert_allclose(range_normalised(4.0 * curve - 7.0), scaled)
    assert scaled.min(axis=-1).tolist() == [0, 0, 0]
    assert scaled.max(axis=-1).tolist() == [1, 1, 1]


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


def test_a_cube_of_chains_is_fitted_cell_by_cell(separation):
    # Cells are chains of seeds that the library has not seen.
    fresh = chains(FRICTION[[4, 1]], NOISE[[0, 3]], range(50, 54))
    tree = xr.DataTree.from_dict(
        {
            "/layers": xr.Dataset(
                {
                    "spring_separation": (
                        ("friction_right", "noise_strength", "seed", "step", "layer"),
                        separation[:, :, :, None],
                    )
                },
                coords={"friction_right": FRICTION, "noise_strength": NOISE},
            )
        }
    )
    description = {
        "name": "f", "preset": "smoke", "title": "t", "summary": "", "references": "",
        "settings": {"fit": {"target": "nets", "library": "chains"}},
    }  # fmt: skip
    network = network_cube(fresh)
    network["layers"]["data_separation"][1, 1, 0] = np.nan
    fitted = fit_cube(network, tree, description)
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


@pytest.mark.parametrize(
    "text, words",
    [
        ("kind: fit\ntitle: t\nfit: {target: nothing, library: chains}", "fit.target: 'nothing'"),
        ("kind: fit\ntitle: t\nfit: {target: chains, library: chains}", "no training experiment"),
        ("kind: fit\ntitle: t\nfit: {target: nets, library: narrow}", "has no axis noise_strength"),
        ("kind: fit\ntitle: t\nfit: {target: nets, library: chains, quantity: loads}",
         "fit.quantity: input should be 'load_curve' or 'trajectory'; got 'loads'"),
        ("kind: fit\ntitle: t\nfit: {target: nets, library: often, quantity: trajectory}",
         "'nets' keeps one checkpoint, epoch 100, and no trajectory"),
        ("kind: fit\ntitle: t\nfit: {target: running, library: often, quantity: trajectory}",
         "'running' is not measured with batch statistics"),
        ("kind: fit\ntitle: t\nfit: {target: moving, library: chains, quantity: trajectory}",
         "'chains' keeps 1 step from step 10000 on"),
        ("kind: fit\ntitle: t\nfit: {target: moving, library: late, quantity: trajectory}",
         "'late' keeps 10 steps from step 1 on"),
        ("kind: fit\ntitle: t\ngrid: {dropout: [0]}\nfit: {target: nets, library: chains}",
         "grid: an experiment of kind 'fit' has none of its own"),
        ("kind: fit\ntitle: t\nfit: {target: nets}", "fit.library: missing"),
        ("kind: fit\ntitle: t\nmodel: {depth: 3}\nfit: {target: nets, library: chains}",
         "model: not a setting"),
        ("kind: simulation\ntitle: t\nchain: {step_size: 0.6}\ngrid: {noise_strength: [0]}",
         "step_size 0.6 is too large for stability; it must be below 2/(k λ_max) = 0.519"),
        ("kind: simulation\ntitle: t\nchain: {friction_left: -1}\ngrid: {noise_strength: [0]}",
         "friction_left: input should be greater than or equal to 0"),
        ("kind: simulation\ntitle: t\nchain: {stiffness: 0}\ngrid: {noise_strength: [0]}",
         "stiffness: input should be greater than 0"),
        ("kind: simulation\ntitle: t\ngrid: {dropout: [0]}", "grid.dropout: unknown axis"),
        ("kind: simulations\ntitle: t\ngrid: {dropout: [0]}", "kind: unknown 'simulations'"),
    ],
)  # fmt: skip
def test_impossible_fits_and_chains_are_refused_before_any_job(text, words, tmp_path):
    experiments = {
        "nets": "title: n\ndataset: {source: digits, n_train: 64}\ngrid: {dropout: [0]}",
        "chains": "kind: simulation\ntitle: c\ngrid: {friction_right: [0], noise_strength: [0]}",
        "running": "title: n\ndataset: {source: digits, n_train: 64}\ngrid: {dropout: [0]}\n"
        "checkpoints: {every: 1}",
        "moving": "title: n\ndataset: {source: digits, n_train: 64}\ngrid: {dropout: [0]}\n"
        "checkpoints: {every: 1}\nmeasure: {batch_norm_modes: [batch_statistics]}",
        "often": "kind: simulation\ntitle: c\ngrid: {friction_right: [0], noise_strength: [0]}\n"
        "checkpoints: {every: 100}",
        "late": "kind: simulation\ntitle: c\ngrid: {friction_right: [0], noise_strength: [0]}\n"
        "checkpoints: [1, 2, 3, 4, 5, 6, 7, 8, 9, final]",
        "narrow": "kind: simulation\ntitle: c\ngrid: {friction_right: [0]}",
        "x": text,
    }
    for name, content in experiments.items():
        (tmp_path / f"{name}.yaml").write_text(content + "\n")
    with pytest.raises(ConfigError) as refusal:
        _ = Workflow({}, tmp_path, tmp_path).experiments
    assert words in str(refusal.value)
    assert "x.yaml" in str(refusal.value)


def test_checkpoints_may_be_periodic(tmp_path):
    (tmp_path / "x.yaml").write_text(
        "kind: simulation\ntitle: t\nchain: {steps: 25}\ngrid: {noise_strength: [0]}\n"
        "checkpoints: {every: 10}\n"
    )
    assert load_experiment("x", "smoke", tmp_path).checkpoints == (0, 10, 20, 25)
