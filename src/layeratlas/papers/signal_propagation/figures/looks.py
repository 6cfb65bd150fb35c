"""One colour and line for each thing of the figures over layers and depths, and their words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

__all__ = ["EQUILIBRIUM", "RECORDS", "curve", "layer_axis", "made_of", "open_frame", "task_colour"]

#: Record points: colour and words.
RECORDS = {
    "init": ("0.55", "initialisation"),
    "mark_0.1": ("#0072b2", "running loss below 0.1"),
    "mark_0.02": ("#d55e00", "running loss below 0.02, or the end"),
    "final": ("#d55e00", "end of training"),
}

#: The crossing of the infinitely wide network.
EQUILIBRIUM: dict[str, Any] = {"color": "0.1", "lw": 0.8, "ls": (0, (1, 1.2))}

_TASKS = {"Fashion-MNIST": "#0072b2", "MNIST": "#e69f00", "CIFAR-10": "#009e73"}
_OTHERS = ("#d55e00", "#cc79a7", "#56b4e9")


def task_colour(task: str, place: int = 0) -> str:
    """The colour of a data set; of others one by their place."""
    return _TASKS.get(task, _OTHERS[place % len(_OTHERS)])


def curve(
    axes: Axes, runs: xr.DataArray, colour: Any, dashes: Any, gid: str, *, band: bool = True
) -> None:
    """Mean of `runs` (seed, layer) over seeds against the layer, ± their standard deviation.

    Without `band` the mean alone.
    """
    values = runs.transpose("seed", "layer").values
    values = values[np.isfinite(values).all(1)]
    if not len(values):
        return
    layers, mean = runs["layer"].values, values.mean(0)
    axes.plot(layers, mean, color=colour, ls=dashes, marker="o", ms=2.0, gid=gid)
    if band and len(values) > 1:
        spread = values.std(0, ddof=1)
        axes.fill_between(layers, mean - spread, mean + spread, color=colour, alpha=0.15, lw=0)


def layer_axis(axes: Axes, layers: int) -> None:
    """Layers 1 … L on whole numbers, both ends ticked."""
    step = next(s for s in (1, 2, 3, 5, 10, 15, 20, 25, 50) if layers / s <= 8)
    ticks = [1, *[t for t in range(step, layers, step) if t > 1 and layers - t >= step / 2], layers]
    axes.set_xticks(sorted(set(ticks)))
    axes.set_xlim(1 - 0.03 * layers, layers + 0.03 * layers)


def open_frame(axes: Axes) -> None:
    """A light grid, no frame above and at the right."""
    axes.grid(color="0.93", lw=0.5)
    axes.spines[["top", "right"]].set_visible(False)


def made_of(cubes: Sequence[xr.DataTree]) -> str:
    """How many seeds and images are behind the numbers, and in which preset."""
    seeds = sorted({cube["/"].sizes["seed"] for cube in cubes})
    images = sorted({int(cube.attrs["n_train"]) for cube in cubes if "n_train" in cube.attrs})
    told = " or ".join(f"{n:,}".replace(",", "\u2009") for n in images) or "unstated"
    n = " or ".join(map(str, seeds))
    preset = cubes[0].attrs.get("preset", "unstated")
    return (
        f"n\u00a0=\u00a0{n} seed{'' if n == '1' else 's'}, {told} training images; preset {preset}."
    )
