"""What the spring–block paper published: its grid, its diagram, its experiments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from layeratlas.cubes.selecting import accuracy, mean_accuracy
from layeratlas.cubes.settings import Published
from layeratlas.errors import LayerAtlasError
from layeratlas.papers.spring_block.layout import diagram
from layeratlas.papers.spring_block.load_curves import convexity_index, load_curve
from layeratlas.papers.spring_block.noise import noise_axis

#: Rows of the published phase diagram, top to bottom, and the columns of its panels, left to right.
PUBLISHED_SLOPES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
PUBLISHED_COLUMNS = {
    "data_noise": (0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0),
    "learning_rate": (2e-1, 1e-1, 5e-2, 1e-2, 5e-3, 1e-3, 5e-4, 1e-4),
    "dropout": (0.28, 0.24, 0.20, 0.16, 0.12, 0.08, 0.04, 0.0),
    "batch_size": (10, 20, 40, 80, 160, 320, 640, 1280),
}


def published_phase_diagram(path: str | Path) -> xr.Dataset:
    """Panels a and c of the published phase diagram, digitised from its vector graphics.

    Returns `separation_normalised` (panel, noise_position, negative_slope, layer), each curve
    rescaled to its own range, and `test_accuracy_percent` (panel, noise_position,
    negative_slope). `noise_position` counts columns from left to right, noisiest first;
    `noise_value` (panel, noise_position) and `noise_axis` (panel) say what they are.
    Use `published_panel` for one panel with its own noise axis.
    """
    import pandas as pd

    table = pd.read_csv(path)
    panels = []
    for panel, rows in table.groupby("panel", sort=True):
        values = np.sort(rows["noise_value"].unique())[::-1]
        rows = rows.assign(noise_position=np.searchsorted(-values, -rows["noise_value"]))
        index = ["noise_position", "negative_slope", "layer"]
        curves = rows.set_index(index)["separation_normalised"].to_xarray()
        shades = rows.groupby(index[:2])["test_accuracy_percent"].first().to_xarray()
        if bool(curves.isnull().any()):
            raise LayerAtlasError(f"{path}: panel {panel} is incomplete")
        panels.append(
            xr.Dataset(
                {
                    "separation_normalised": curves,
                    "test_accuracy_percent": shades,
                }
            ).assign_coords(
                panel=str(panel),
                noise_axis=str(rows["noise_axis"].iloc[0]),
                noise_value=("noise_position", values),
            )
        )
    diagram = xr.concat(panels, dim="panel", coords="different", compat="equals")
    return diagram.assign_attrs(
        title="Noise–nonlinearity phase diagram, published values",
        source="digitised from the vector figure of arXiv 2407.19353",
    )


def published_panel(published: xr.Dataset, axis: str) -> xr.Dataset:
    """One panel of `published_phase_diagram`, its columns labelled by the values of `axis`."""
    axes = [str(name) for name in published["noise_axis"].values]
    if axis not in axes:
        raise LayerAtlasError(f"no published panel over {axis!r}; there are {axes}")
    panel = published.isel(panel=axes.index(axis), drop=True)
    return (
        panel.assign_coords({axis: ("noise_position", panel["noise_value"].values)})
        .swap_dims(noise_position=axis)
        .drop_vars(["noise_position", "noise_value"])
    )


def compare_with_published(
    cube: xr.DataTree, published: xr.Dataset, *, rtol: float = 1e-5, atol: float = 1e-9
) -> xr.Dataset:
    """Convexity index and accuracy of a cube beside the published ones, cell by cell.

    Cells are matched where both coordinates coincide within the tolerance; all others are left
    out. Returns (cell), the noisiest and ReLU first, with the coordinates of each cell and the
    variables `convexity_index`, `convexity_index_published`, `test_accuracy_percent` and
    `test_accuracy_percent_published`; besides, `…_seed_std`, the sample standard deviation over
    seeds of what the cube holds, NaN for one seed. No cell when nothing coincides. LayerAtlasError
    for a grid of more axes than the two that are published.
    """
    axis = noise_axis(cube)
    panel = published_panel(published, axis)
    here = xr.Dataset(
        {
            "convexity_index": convexity_index(diagram(load_curve(cube), noisiest_first=True)),
            "test_accuracy_percent": diagram(mean_accuracy(cube), noisiest_first=True),
        }
    )
    runs = {
        "convexity_index": convexity_index(load_curve(cube, over=None)),
        "test_accuracy_percent": accuracy(cube),
    }
    for name, each in runs.items():
        few = each.sizes["seed"] < 2
        spread = xr.full_like(here[name], np.nan) if few else each.std("seed", ddof=1)
        here[f"{name}_seed_std"] = diagram(spread, noisiest_first=True)
    there = xr.Dataset(
        {
            "convexity_index_published": convexity_index(panel["separation_normalised"]),
            "test_accuracy_percent_published": panel["test_accuracy_percent"],
        }
    )
    pairs = {
        name: coinciding(here[name].values, there[name].values, rtol=rtol, atol=atol)
        for name in (axis, "negative_slope")
    }
    here = here.isel({name: mine for name, (mine, _) in pairs.items()})
    there = there.isel({name: theirs for name, (_, theirs) in pairs.items()})
    there = there.assign_coords({name: here[name] for name in pairs})
    both = xr.merge([here, there], join="exact", compat="override")
    return both.stack(cell=(axis, "negative_slope"), create_index=False).transpose("cell")


def coinciding(
    mine: ArrayLike, theirs: ArrayLike, *, rtol: float = 1e-5, atol: float = 1e-9
) -> tuple[list[int], list[int]]:
    """Indices of the values that two coordinates have in common, within the tolerance; pairwise."""
    close = np.isclose(np.asarray(mine, float)[:, None], np.asarray(theirs), rtol=rtol, atol=atol)
    i, j = np.nonzero(close)
    return [int(k) for k in i], [int(k) for k in j]


#: The released script for the CNN (arXiv 2407.19353): 2,001 full-batch steps, ReLU, ten seeds.
#: Its threshold on the loss is never reached.
CNN_CIFAR10 = Published(
    name="CIFAR-10 as published",
    settings={
        "dataset": {"source": "cifar10", "n_train": 2560, "size": 10},
        "model": {"family": "block_cnn", "depth": 8, "channels": 20, "negative_slope": 0.0},
        "training": {
            "optimizer": "adam",
            "learning_rate": 1e-4,
            "batch_size": "full",
            "epochs": 2001,
            "early_stop": {"loss_below": 1e-15, "change_below": 0.0},
        },
    },
    grid={"dropout": (0.0, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)},
    seeds=10,
)

#: Data sets whose images are those of CIFAR-10, and what a title may call them. Trained on another
#: one, a cube is a stand-in; on these it is reduced.
CIFAR10_SOURCES = {"cifar10": "CIFAR-10", "cifar10_subset": "a subset of CIFAR-10"}
