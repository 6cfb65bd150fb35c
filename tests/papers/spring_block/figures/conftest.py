"""Grids of networks that several figures are drawn from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from layeratlas import papers
from layeratlas.config.expansion import describe, expand
from layeratlas.config.experiment import load_experiment
from layeratlas.cubes.assembling import assemble
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.fits import fit_cube
from layeratlas.papers.spring_block.panels import DIGITISED, PANELS

EXPERIMENTS = Path(__file__).parents[4] / "config/experiments"


@pytest.fixture(scope="session")
def draw_networks(synthetic):
    """`draw_networks(name, cubes)`: a figure of phase diagrams, with the digitised panels."""

    def draw(name, cubes):
        return papers.draw(name, cubes, {DIGITISED: synthetic.REFERENCE})

    return draw


@pytest.fixture(scope="session")
def draw(simulated, synthetic):
    """`draw(name, **replaced)`: a figure with simulated chains and made-up networks.

    Where nothing is replaced it is drawn once for all tests, which only look at it.
    """
    kept = {}

    def drawn(name, **replaced):
        if not replaced and name in kept:
            return kept[name]
        cubes = simulated.cubes(name, synthetic) | replaced
        figure = papers.draw(name, cubes, {DIGITISED: synthetic.REFERENCE})
        return figure if replaced else kept.setdefault(name, figure)

    return drawn


def _with_status(cube, status):
    cube = cube.copy()
    cube["/"].dataset = cube["/"].to_dataset().assign(status=status)
    return cube


@pytest.fixture(scope="session")
def all_lost():
    """`all_lost(cubes)`: every run of every cube diverged."""
    return lambda cubes: {
        name: _with_status(cube, cube["/"].to_dataset()["status"] * 0 + 1)
        for name, cube in cubes.items()
    }


@pytest.fixture(scope="session")
def broken(synthetic):
    """Laptop's grid with one cell lost, and one cell with a seed lost, in panel b."""
    cubes = synthetic.theory_cubes(synthetic.LAPTOP_GRID, synthetic.LAPTOP_SLOPES, seeds=3)
    cube = cubes["phase_diagram_learning_rate"]
    status = cube["/"].to_dataset()["status"].copy(deep=True)
    status[0, 0, :] = 1
    status[0, 1, 2] = 1
    return {**cubes, "phase_diagram_learning_rate": _with_status(cube, status)}


def attributes_of(name: str, preset: str) -> tuple[dict, dict]:
    """Attributes and grid that a cube of this experiment would have."""
    e = load_experiment(name, preset, EXPERIMENTS)
    grid = {axis: list(values) for axis, values in e.grid.items()}
    description = describe(e, expand(e))["description"]
    return assemble(description, [], []).attrs, {**grid, "seed": list(e.seeds)}


@pytest.fixture(scope="session")
def cnn(synthetic):
    """`cnn(preset, rates, …)`: a made-up cube of the convolutional network."""

    def build(
        preset: str = "laptop", rates=None, *, lost=(), seeds=None, name="cnn_cifar10", **attributes
    ):
        attrs, grid = attributes_of(name, preset)
        rates = np.asarray(grid["dropout"] if rates is None else rates, float)
        axes = {"dropout": rates, "negative_slope": [0.0]}
        at = xr.DataArray(np.linspace(0, 1, 8), dims="layer", coords={"layer": np.arange(8)})
        order = np.argsort(np.argsort(rates))[:, None] / len(rates)
        bend = xr.DataArray(order - 0.4, dims=tuple(axes), coords=axes)
        seeds = len(grid["seed"]) if seeds is None else seeds
        status = xr.DataArray(np.zeros((len(rates), 1, seeds)), dims=(*axes, "seed"))
        for place in lost:
            status[place] = 1
        cube = synthetic.make_cube(
            -2.0 - 3.0 * at - 5.0 * bend * at * (1 - at),
            90.0 - 20.0 * bend**2,
            seeds=seeds,
            status=status,
            scatter=0.2,
        )
        cube = cube.map_over_datasets(lambda node: node.squeeze("negative_slope", drop=True))
        cube.attrs = attrs | attributes
        return cube

    return build


PARAMETERS = ("friction_right", "noise_strength")


def _fits(noise, columns, slopes, seeds=3) -> xr.DataTree:
    """Made-up fits whose values tell their place."""
    axes = {noise: list(columns), "negative_slope": list(slopes)}
    shape = (len(columns), len(slopes))
    value = 0.01 * np.arange(float(np.prod(shape))).reshape(shape)
    dims = tuple(axes)
    cells = {
        "residual": (dims, np.full(shape, 0.02)),
        "tolerance": (dims, np.full(shape, 0.01)),
    }
    for name in PARAMETERS:
        cells |= {
            f"{name}_fit": (dims, value),
            f"{name}_seed_std": (dims, np.full(shape, 0.005)),
            f"{name}_identifiable": (dims, np.ones(shape)),
        }
    coords = axes | {"seed": np.arange(seeds)}
    attrs = {"preset": "smoke", "dataset_source": "digits"}
    # The order of dims of a fit: the grid's axes, then the seed.
    root = xr.Dataset(
        {"status": ((*dims, "seed"), np.zeros((*shape, seeds), "i1"))}, coords=coords, attrs=attrs
    )
    return xr.DataTree.from_dict({"/": root, "/cells": xr.Dataset(cells, coords=axes)})


@pytest.fixture(scope="session")
def fits_of():
    """`fits_of(noise, columns, slopes)`: made-up fits of one panel."""
    return _fits


@pytest.fixture
def fits(synthetic):
    """Chains fitted to laptop's four panels, by experiment."""
    return {
        panel.fit: _fits(panel.noise, synthetic.LAPTOP_GRID[panel.noise], synthetic.LAPTOP_SLOPES)
        for panel in PANELS
    }


@pytest.fixture(scope="session")
def poor_fits(synthetic):
    """`fits` of which some are poor and some do not identify a parameter, in every panel."""
    cubes = {}
    for panel in PANELS:
        cube = _fits(panel.noise, synthetic.LAPTOP_GRID[panel.noise], synthetic.LAPTOP_SLOPES)
        cells = cube["cells"].to_dataset()
        cells["noise_strength_identifiable"][:2, 0] = 0
        cells["friction_right_identifiable"][1:, 2] = 0
        cells["residual"][1:3, :2] = 4 * cells["tolerance"][1:3, :2]
        cube["cells"] = cells
        cubes[panel.fit] = cube
    return cubes


@pytest.fixture(scope="session")
def fitted(simulated):
    """Made-up networks, fitted with the repository's own library."""
    description = {
        "name": "spring_fit_trajectories", "preset": "smoke", "title": "t", "summary": "",
        "references": "",
        "settings": {"fit": {"target": "n", "library": "l", "quantity": "trajectory"}},
    }  # fmt: skip
    library = simulated.cube("spring_trajectory_library", seeds=3)
    return fit_cube(simulated.network_trajectories(epochs=12), library, description)


@pytest.fixture(scope="session")
def sharp(synthetic):
    """`sharp(seeds, noise, columns)`: a made-up cube with a Hessian that falls with convexity."""

    def build(seeds: int = 1, noise: str = "dropout", columns=(0.28, 0.16, 0.08, 0.0)):
        cube = synthetic.theory_cube(
            noise, columns, (0.0, 0.4, 1.0), seeds=seeds, preset="laptop", scatter=0.1
        )
        bend = load_curves.convexity_index(load_curves.load_curve(cube, over=None))
        top = np.exp(3 - 20 * bend).expand_dims(epoch=[100], axis=-1)
        cube["/network"] = xr.Dataset(
            {"hessian_top_eigenvalue": top, "hessian_trace": 40 * top}
        ).astype("float32")
        return cube

    return build
