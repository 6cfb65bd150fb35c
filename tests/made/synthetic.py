"""Synthetic cubes in the schema of the phase diagrams."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.noise import NOISE_GROWS_WITH_VALUE, noise_axis, noise_rank
from layeratlas.papers.spring_block.panels import DIGITISED
from layeratlas.papers.spring_block.published import (
    PUBLISHED_COLUMNS,
    PUBLISHED_SLOPES,
    published_panel,
    published_phase_diagram,
)

REFERENCE = Path(__file__).parents[2] / "data/reference" / DIGITISED

PUBLISHED_GRID = PUBLISHED_COLUMNS
LAPTOP_GRID = {
    "data_noise": (0.7, 0.3, 0.1, 0.0),
    "learning_rate": (1e-1, 1e-2, 1e-3, 1e-4),
    "dropout": (0.28, 0.16, 0.08, 0.0),
    "batch_size": (20, 80, 320, 1280),
}
SMOKE_GRID = {
    "data_noise": (0.7, 0.0),
    "learning_rate": (1e-1, 1e-4),
    "dropout": (0.28, 0.0),
    "batch_size": (20, 1280),
}
LAPTOP_SLOPES = (0.0, 0.4, 1.0)
SMOKE_SLOPES = (0.0, 1.0)


def make_cube(
    curves: xr.DataArray,
    accuracy: xr.DataArray,
    *,
    seeds: int = 2,
    status: xr.DataArray | None = None,
    preset: str = "paper",
    n_train: int = 2560,
    scatter: float = 0.0,
    he_su: xr.DataArray | None = None,
) -> xr.DataTree:
    """A cube whose seed-mean curves and accuracies (percent) are exactly the given ones.

    `scatter` moves the seeds apart, symmetrically, so that the mean stays.
    """
    noise = noise_axis(curves)
    axes = (noise, "negative_slope")
    seed = xr.DataArray(np.arange(1, seeds + 1), dims="seed", name="seed")
    offsets = xr.DataArray(np.linspace(-1, 1, seeds), dims="seed") if seeds > 1 else 0.0 * seed

    def per_run(values: xr.DataArray, bend: float = 0.0) -> xr.DataArray:
        D = values.transpose(*axes, "layer")
        hump = xr.DataArray(np.sin(np.linspace(0, np.pi, D.sizes["layer"])), dims="layer")
        D = D + bend * offsets * hump
        logits = D.isel(layer=-1).assign_coords(layer=D.sizes["layer"]) - 5.0
        D = xr.concat([D, logits], "layer").assign_coords(seed=seed)
        return D.transpose(*axes, "seed", "layer")

    D = per_run(curves, scatter)
    he_su = D if he_su is None else per_run(he_su)
    fraction = (accuracy / 100.0).transpose(*axes) + 0.01 * scatter * offsets
    fraction = fraction.assign_coords(seed=seed).transpose(*axes, "seed")
    if status is None:
        status = xr.zeros_like(fraction)
    status = status.broadcast_like(fraction).transpose(*axes, "seed").astype("int8")
    ok = status == 0

    def recorded(values: xr.DataArray) -> xr.DataArray:
        # Two epochs and two batch-norm modes; only the last epoch and running statistics count.
        values = values.drop_attrs().where(ok)
        wrong = xr.full_like(values, 0.5)
        epochs = xr.concat([wrong, values], "epoch").assign_coords(epoch=[0, 100])
        modes = xr.concat([epochs, xr.full_like(epochs, 0.25)], "batch_norm_mode")
        modes = modes.assign_coords(batch_norm_mode=["running_statistics", "batch_statistics"])
        tail = [dim for dim in modes.dims if dim == "layer"]
        return modes.transpose(*axes, "seed", "epoch", "batch_norm_mode", *tail).astype("float32")

    names = ["input", *(f"hidden_{i}" for i in range(1, D.sizes["layer"] - 1)), "logits"]
    layers = xr.Dataset(
        {"data_separation": recorded(D), "data_separation_pseudoinverse": recorded(he_su)}
    ).assign_coords(layer_name=("layer", names))
    evaluation = xr.Dataset({"test_accuracy": recorded(fraction)})
    root = xr.Dataset(
        {"status": status},
        attrs={
            "title": "synthetic",
            "experiment": f"phase_diagram_{noise}",
            "preset": preset,
            "dataset_source": "mnist",
            "dataset": json.dumps({"name": "mnist"}),
            "n_train": n_train,
        },
    )
    return xr.DataTree.from_dict({"/": root, "/evaluation": evaluation, "/layers": layers})


def published_cube(noise: str, **options) -> xr.DataTree:
    """The published panel as a cube: the normalisation of each cell is undone with a made-up
    range and offset, which no claim may depend on."""
    panel = published_panel(published_phase_diagram(REFERENCE), noise)
    generator = np.random.default_rng(0)
    cells = panel["test_accuracy_percent"]
    scale = xr.full_like(cells, 0).copy(data=generator.uniform(1, 5, cells.shape))
    offset = xr.full_like(cells, 0).copy(data=generator.uniform(-4, 0, cells.shape))
    return make_cube(
        scale * panel["separation_normalised"] + offset, panel["test_accuracy_percent"], **options
    )


def theory_cube(
    noise: str, values: Sequence[float], slopes: Sequence[float], **options
) -> xr.DataTree:
    """A cube with the signs of the paper on any grid: convex where noisy or linear, concave where
    not, most accurate where straight."""
    column = xr.DataArray(np.asarray(values, float), dims=noise, name=noise)
    column = column.assign_coords({noise: column})
    slope = xr.DataArray(np.asarray(slopes, float), dims="negative_slope", name="negative_slope")
    slope = slope.assign_coords(negative_slope=slope)
    rank = noise_rank(column) / max(column.size - 1, 1)
    bend = -0.19 + 0.27 * rank + 0.24 * slope - 0.05 * rank * slope
    fraction = xr.DataArray(np.linspace(0, 1, 8), dims="layer", coords={"layer": np.arange(8)})
    curves = 1.2 - 4.0 * fraction - 7.0 * bend * 4 * fraction * (1 - fraction)
    accuracy = 93.5 - 30.0 * abs(load_curves.convexity_index(curves)) - 2.0 * rank
    return make_cube(curves, accuracy, **options)


def theory_cubes(
    grid: Mapping[str, Sequence[float]], slopes: Sequence[float], **options
) -> dict[str, xr.DataTree]:
    return {
        f"phase_diagram_{noise}": theory_cube(noise, values, slopes, **options)
        for noise, values in grid.items()
    }


def paper_cubes(**options) -> dict[str, xr.DataTree]:
    """Published panels a and c; b and d, which are not digitised, from `theory_cube`."""
    cubes = theory_cubes(PUBLISHED_GRID, PUBLISHED_SLOPES, **options)
    for noise in ("data_noise", "dropout"):
        cubes[f"phase_diagram_{noise}"] = published_cube(noise, **options)
    return cubes


def turned(cube: xr.DataTree) -> xr.DataTree:
    """The same cube with every axis of noise or friction stored the other way round.

    The numbers are copied, so that nothing tells the order but the order.
    """
    axes = (*NOISE_GROWS_WITH_VALUE, "friction_right", "friction", "negative_slope")
    nodes = {node.path: node.to_dataset(inherit=False) for node in cube.subtree}
    for path, node in nodes.items():
        reverse = {axis: slice(None, None, -1) for axis in axes if axis in node.dims}
        # Without `load` a reversed view would remember the order it had.
        nodes[path] = node.isel(reverse).load().copy(deep=True)
    return xr.DataTree.from_dict(nodes)


def turned_all(cubes: Mapping[str, xr.DataTree]) -> dict[str, xr.DataTree]:
    """Every cube `turned`."""
    return {name: turned(cube) for name, cube in cubes.items()}


class Synthetic:
    """What the tests of figures and claims ask for by one fixture."""

    REFERENCE = REFERENCE
    PUBLISHED_GRID = PUBLISHED_GRID
    PUBLISHED_SLOPES = PUBLISHED_SLOPES
    LAPTOP_GRID = LAPTOP_GRID
    LAPTOP_SLOPES = LAPTOP_SLOPES
    SMOKE_GRID = SMOKE_GRID
    SMOKE_SLOPES = SMOKE_SLOPES
    make_cube = staticmethod(make_cube)
    published_cube = staticmethod(published_cube)
    theory_cube = staticmethod(theory_cube)
    theory_cubes = staticmethod(theory_cubes)
    paper_cubes = staticmethod(paper_cubes)


@pytest.fixture(scope="session")
def synthetic() -> type[Synthetic]:
    return Synthetic


@pytest.fixture(scope="session")
def grids(synthetic):
    """Published, laptop's and smoke's grid, all four panels each."""
    return {
        "6x8": synthetic.paper_cubes(scatter=0.1),
        "3x4": synthetic.theory_cubes(
            synthetic.LAPTOP_GRID, synthetic.LAPTOP_SLOPES, seeds=3, scatter=0.1, preset="laptop"
        ),
        "2x2": synthetic.theory_cubes(
            synthetic.SMOKE_GRID, synthetic.SMOKE_SLOPES, seeds=1, preset="smoke"
        ),
    }
