"""Figure of learning-rate transfer across depth, beyond the paper, which trains nothing.

The master step that trains best is compared between depths, scaling by scaling. The authors publish
nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from layeratlas.figures import style
from layeratlas.figures.ticks import plain_log
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed.figures import looks
from layeratlas.papers.feature_speed.trainings import (
    TRANSFER,
    optimal_learning_rate,
    training_loss,
)
from layeratlas.papers.given import Cubes, References


@style.styled
def learning_rate_transfer(cubes: Cubes, references: References) -> Figure:
    """Training loss against the master step at several depths, and the best step against depth.

    a, b, …: loss after a fixed number of steps, mean over seeds, one colour a depth, up to twice
    that of the smallest step; bars: sample standard deviation; triangles: the mean optimum. Last
    panel: optimum against depth L, geometric mean ± geometric standard deviation over seeds, with
    the mean of the seeds' log-log slopes. The optimum is the vertex of the parabola through the
    best three points, log-log.
    """
    cube = cubes[TRANSFER]
    loss = training_loss(cube)
    loss = loss.transpose("scaling", "depth", "learning_rate", "seed")
    best = optimal_learning_rate(loss)
    scalings = [str(s) for s in loss["scaling"].values]
    figure = style.new_figure(style.PAGE, 1.0 + 1.75 * ((len(scalings) + 2) // 2))
    rows, columns = (len(scalings) + 2) // 2, 2
    panels = figure.subplots(rows, columns).flatten()
    shown_as = looks.of_depths(loss["depth"].values.tolist())
    for axes, scaling in zip(panels, scalings, strict=False):
        _loss_curves(axes, loss.sel(scaling=scaling), best.sel(scaling=scaling), shown_as)
        axes.set_title(looks.of_scaling(scaling).label)
    last = panels[len(scalings)]
    _optima(last, best)
    for axes in panels[len(scalings) + 1 :]:
        axes.remove()
    for letter, axes in zip("abcdefgh", panels[: len(scalings) + 1], strict=False):
        axes.set_title(letter, loc="left", fontweight="bold")
        style.open_frame(axes)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=6)
    style.note(figure, _transfer_note(cube, loss, best))
    return figure


def _loss_curves(
    axes: Axes, loss: xr.DataArray, best: xr.DataArray, shown_as: Mapping[float, looks.Look]
) -> None:
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    # A mean over the seeds that survived would reward divergence.
    means, spreads = loss.mean("seed", skipna=False), loss.std("seed", ddof=1)
    # Beyond twice the loss of the smallest step a curve only says that it went wrong.
    most = 2 * float(loss.isel(learning_rate=0).mean(skipna=True))
    means = means.where(~(means > most))
    for k, (depth, look) in enumerate(shown_as.items()):
        mean, spread = means.sel(depth=depth).values, spreads.sel(depth=depth).values
        axes.errorbar(
            loss["learning_rate"], mean, yerr=_within(mean, spread), color=look.colour,
            marker="o", ms=2.5, lw=look.width, elinewidth=0.8, label=look.label,
            gid=f"loss:{depth:g}",
        )  # fmt: skip
        optimum = float(np.exp(xr.ufuncs.log(best.sel(depth=depth)).mean("seed", skipna=False)))
        if np.isfinite(optimum):
            # One above the other: where the best step is the same all are seen.
            axes.plot(
                optimum, 0.03 + 0.05 * k, marker="^", ms=5, color=look.colour, ls="none",
                transform=axes.get_xaxis_transform(), gid=f"best:{depth:g}",
            )  # fmt: skip
    if np.isfinite(means).any():
        low, high = float(means.min()), float(means.max())
        axes.set_ylim(low / (high / low) ** 0.35, high * (high / low) ** 0.12)
    plain_log(axes.yaxis)
    axes.set_xlabel("learning rate (master step)")
    axes.set_ylabel("training loss")


def _within(mean: np.ndarray, spread: np.ndarray) -> np.ndarray | None:
    if not np.isfinite(spread).any():
        return None
    spread = np.nan_to_num(spread)
    return np.array([np.minimum(spread, 0.9 * np.nan_to_num(mean)), spread])


def _optima(axes: Axes, best: xr.DataArray) -> None:
    """Scalings a little beside each other, so that equal ones are seen."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    depths = best["depth"].values.astype(float)
    slopes = fs.log_slope(best, "depth")
    for k, scaling in enumerate(best["scaling"].values):
        look = looks.of_scaling(str(scaling))
        logs = xr.ufuncs.log(best.sel(scaling=scaling))
        mean, spread = logs.mean("seed", skipna=False), logs.std("seed", ddof=1)
        middle = np.exp(mean.values)
        bars = None
        if np.isfinite(spread.values).any():
            up, down = np.exp(mean + spread).values - middle, middle - np.exp(mean - spread).values
            bars = np.nan_to_num(np.array([down, up]))
        slope = slopes.sel(scaling=scaling)
        label = f"{look.label}: slope {_signed(float(slope.mean(skipna=False)))}"
        if best.sizes["seed"] > 1:
            label += f" ± {float(slope.std('seed', ddof=1)):.2f}"
        axes.errorbar(
            depths * 1.03**k, middle, yerr=bars, color=look.colour, marker=look.marker, ms=4, lw=1,
            capsize=2, elinewidth=0.8,
            label=label, gid=f"optimum:{scaling}",
        )  # fmt: skip
    axes.set_xticks(depths, [f"{d:g}" for d in depths])
    axes.xaxis.set_minor_locator(NullLocator())
    low, high = axes.get_ylim()
    # Room for the legend.
    axes.set_ylim(low, high * (high / low) ** (0.2 + 0.2 * best.sizes["scaling"]))
    plain_log(axes.yaxis)
    axes.set_xlabel("depth $L$")
    axes.set_ylabel("optimal learning rate")
    axes.legend(loc="upper left")


def _signed(value: float) -> str:
    # Adding 0.0 turns the -0.0 of rounding into 0.0.
    return f"{round(value, 2) + 0.0:+.2f}".replace("-", "\N{MINUS SIGN}")


def _transfer_note(cube: xr.DataTree, loss: xr.DataArray, best: xr.DataArray) -> str:
    several = loss.sizes["seed"] > 1
    outside = int((~np.isfinite(best)).sum())
    text = (
        f"Perceptrons of width {fs.setting(cube, 'model.width')}, full-batch gradient descent with "
        "the learning rates of each scaling's table (sparse setting) times the master step; loss "
        f"after {fs.setting(cube, 'training.epochs')} steps, "
        f"{'mean ± standard deviation, ' if several else ''}no point where a seed diverged or the "
        "loss exceeds twice that of the smallest step. Optimum (triangles, last panel): vertex of "
        "the parabola through the best three points, log-log"
        f"{', per seed; geometric mean ± standard deviation' if several else ''}; slope: of log "
        f"optimum in log depth{', mean ± standard deviation over seeds' if several else ''}."
    )
    if outside:
        text += f" {outside} of {best.size} optima lie at an end of the axis and are not shown."
    return text
