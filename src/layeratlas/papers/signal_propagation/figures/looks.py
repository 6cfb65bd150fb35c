"""One colour and line for each thing of the figures over layers and depths, and their words."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from layeratlas.figures import palette

__all__ = [
    "EQUILIBRIUM",
    "IMAGES",
    "MEASURED_EQUILIBRIUM",
    "PLACES",
    "RECORDS",
    "band",
    "curve",
    "layer_axis",
    "spread",
    "task_colour",
]

#: Record points: colour and words.
RECORDS = {
    "init": ("0.55", "initialisation"),
    "mark_0.1": (palette.BLUE, "running loss below 0.1"),
    "mark_0.02": (palette.VERMILLION, "running loss below 0.02, or the end"),
    "final": (palette.VERMILLION, "end of training"),
}

#: The crossing of the infinitely wide network, and that of networks before training.
EQUILIBRIUM: dict[str, Any] = {"color": "0.1", "lw": 0.8, "ls": (0, (1, 1.2))}
MEASURED_EQUILIBRIUM: dict[str, Any] = {"color": "0.45", "marker": "x", "ms": 4, "lw": 0.8}

#: Peak and centroid of a profile.
PLACES: dict[str, dict[str, Any]] = {
    "peak": {"color": palette.of("peak"), "marker": "o"},
    "centroid": {"color": palette.of("centroid"), "marker": "D"},
}

#: Views of a cube in words.
IMAGES = {"train": "training images", "test": "test images"}

_TASKS = ("Fashion-MNIST", "MNIST", "CIFAR-10")
_OTHERS = (palette.VERMILLION, palette.PURPLE, palette.SKY)


def task_colour(task: str, place: int = 0) -> str:
    """The colour of a data set; of others one by their place."""
    return palette.of(task) if task in _TASKS else _OTHERS[place % len(_OTHERS)]


def spread(values: Any) -> float:
    """Standard deviation of a number over runs; of fewer than two NaN, for which no bar stands."""
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    return float(known.std(ddof=1)) if known.size > 1 else float("nan")


def band(axes: Axes, x: np.ndarray, runs: np.ndarray, colour: Any, *, alpha: float = 0.15) -> None:
    """± the standard deviation of `runs` (run, x) around their mean; nothing of a single run."""
    values = np.asarray(runs, float)
    known = np.isfinite(values).sum(0)
    if not (known > 1).any():
        return
    x, values = np.asarray(x)[known > 1], values[:, known > 1]
    mean, sd = np.nanmean(values, 0), np.nanstd(values, 0, ddof=1)
    axes.fill_between(x, mean - sd, mean + sd, color=colour, alpha=alpha, lw=0)


def curve(
    axes: Axes,
    runs: xr.DataArray,
    colour: Any,
    dashes: Any,
    gid: str,
    *,
    banded: bool = True,
    **look: Any,
) -> None:
    """Mean of `runs` (seed, layer) over seeds against the layer, ± their standard deviation.

    Unless `banded` the mean alone; `look` is what else the line is told.
    """
    values = runs.transpose("seed", "layer").values
    values = values[np.isfinite(values).all(1)]
    if not len(values):
        return
    layers, mean = runs["layer"].values, values.mean(0)
    axes.plot(layers, mean, color=colour, ls=dashes, gid=gid, **{"marker": "o", "ms": 2.0, **look})
    if banded:
        band(axes, layers, values, colour)


def layer_axis(axes: Axes, layers: int) -> None:
    """Layers 1 … L on whole numbers, both ends ticked."""
    step = next(s for s in (1, 2, 3, 5, 10, 15, 20, 25, 50) if layers / s <= 8)
    ticks = [
        1,
        *[t for t in range(step, layers, step) if t > 1 and layers - t >= 0.7 * step],
        layers,
    ]
    axes.set_xticks(sorted(set(ticks)))
    axes.set_xlim(1 - 0.03 * layers, layers + 0.03 * layers)
