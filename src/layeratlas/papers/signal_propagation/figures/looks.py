"""One colour and line for each thing of the figures over layers and depths, and their words."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from layeratlas.figures import palette

__all__ = ["EQUILIBRIUM", "RECORDS", "curve", "layer_axis", "task_colour"]

#: Record points: colour and words.
RECORDS = {
    "init": ("0.55", "initialisation"),
    "mark_0.1": (palette.BLUE, "running loss below 0.1"),
    "mark_0.02": (palette.VERMILLION, "running loss below 0.02, or the end"),
    "final": (palette.VERMILLION, "end of training"),
}

#: The crossing of the infinitely wide network.
EQUILIBRIUM: dict[str, Any] = {"color": "0.1", "lw": 0.8, "ls": (0, (1, 1.2))}

_TASKS = {"Fashion-MNIST": palette.BLUE, "MNIST": palette.ORANGE, "CIFAR-10": palette.GREEN}
_OTHERS = (palette.VERMILLION, palette.PURPLE, palette.SKY)


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
