"""Figure of learning-rate transfer across depth, beyond the paper, which trains nothing.

The master step that trains best is compared between depths, scaling by scaling. The authors publish
nothing of the kind.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from layeratlas.figures import style
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

    a, b, …: loss after a fixed number of steps, mean over seeds, one colour a depth; bars:
    sample standard deviation; triangles: the mean optimum. Last panel: optimum against depth L,
    geometric mean ± geometric standard deviation over seeds, with the mean of the seeds' log-log
    slopes. The optimum is the vertex of the parabola through the best three points, log-log.
    """
    cube = cubes[TRANSFER]
    loss = training_loss(cube)
    loss = loss.transpose("scaling", "depth", "learning_rate", "seed")
    best = optimal_learning_rate(loss)
    scalings = [str(s) for s in loss["scaling"].values]
    figure = style.new_figure(style.PAGE, 2.0 + 2.2 * ((len(scalings) + 2) // 2))
    rows, columns = (len(scalings) + 2) // 2, 2
    panels = figure.subplots(rows, columns).flatten()
    colours = _depth_colours(loss.sizes["depth"])
    for axes, scaling in zip(panels, scalings, strict=False):
        _loss_curves(axes, loss.sel(scaling=scaling), best.sel(scaling=scaling), colours)
        axes.set_title(looks.of_scaling(scaling).label)
    last = panels[len(scalings)]
    _optima(last, best)
    for axes in panels[len(scalings) + 1 :]:
        axes.remove()
    for letter, axes in zip("abcdefgh", panels[: len(scalings) + 1], strict=False):
        axes.set_title(letter, loc="left", fontweight="bold")
        style.open_frame(axes)
    style.note(figure, _transfer_note(cube, loss, best))
    return figure


def _loss_curves(axes: Axes, loss: xr.DataArray, best: xr.DataArray, colours: np.ndarray) -> None:
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    for depth, colour in zip(loss["depth"].values, colours, strict=True):
        one = loss.sel(depth=depth)
        # A mean over the seeds that survived would reward divergence.
        mean, spread = one.mean("seed", skipna=False), one.std("seed", ddof=1)
        axes.errorbar(
            one["learning_rate"], mean, yerr=_within(mean.values, spread.values), color=colour,
            marker="o", ms=2.5, lw=1, elinewidth=0.6, label=f"{depth:g}", gid=f"loss:{depth:g}",
        )  # fmt: skip
        optimum = float(np.exp(xr.ufuncs.log(best.sel(depth=depth)).mean("seed", skipna=False)))
        if np.isfinite(optimum):
            axes.plot(
                optimum, 0.02, marker="^", ms=5, color=colour, clip_on=False, ls="none",
                transform=axes.get_xaxis_transform(), gid=f"best:{depth:g}",
            )  # fmt: skip
    start = float(loss.isel(learning_rate=0).mean(skipna=True))
    low = float(loss.mean("seed", skipna=False).min(skipna=True))
    if np.isfinite([start, low]).all():
        # Beyond twice the loss of the smallest step a curve only says that it went wrong.
        axes.set_ylim(0.7 * low, max(2 * start, 1.5 * low))
    _plain(axes.yaxis)
    axes.set_xlabel("learning rate (master step)")
    axes.set_ylabel("training loss")
    axes.legend(title="depth $L$", title_fontsize=6.5, loc="upper left", ncols=2)


def _within(mean: np.ndarray, spread: np.ndarray) -> np.ndarray | None:
    if not np.isfinite(spread).any():
        return None
    spread = np.nan_to_num(spread)
    return np.array([np.minimum(spread, 0.9 * np.nan_to_num(mean)), spread])


def _optima(axes: Axes, best: xr.DataArray) -> None:
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    depths = best["depth"].values.astype(float)
    slopes = fs.log_slope(best, "depth")
    for scaling in best["scaling"].values:
        name, colour = looks.of_scaling(str(scaling))
        logs = xr.ufuncs.log(best.sel(scaling=scaling))
        mean, spread = logs.mean("seed", skipna=False), logs.std("seed", ddof=1)
        middle = np.exp(mean.values)
        bars = None
        if np.isfinite(spread.values).any():
            up, down = np.exp(mean + spread).values - middle, middle - np.exp(mean - spread).values
            bars = np.nan_to_num(np.array([down, up]))
        slope = slopes.sel(scaling=scaling)
        label = f"{name}: slope {_signed(float(slope.mean(skipna=False)))}"
        if best.sizes["seed"] > 1:
            label += f" ± {float(slope.std('seed', ddof=1)):.2f}"
        axes.errorbar(
            depths, middle, yerr=bars, color=colour, marker="o", ms=4, lw=1, capsize=2,
            label=label, gid=f"optimum:{scaling}",
        )  # fmt: skip
    axes.set_xticks(depths, [f"{d:g}" for d in depths])
    axes.xaxis.set_minor_locator(NullLocator())
    low, high = axes.get_ylim()
    axes.set_ylim(low, high * 2.0 ** (0.6 * best.sizes["scaling"]))  # room for the legend
    axes.set_xlabel("depth $L$")
    axes.set_ylabel("optimal learning rate")
    axes.legend(loc="upper left")


def _signed(value: float) -> str:
    # Adding 0.0 turns the -0.0 of rounding into 0.0.
    return f"{round(value, 2) + 0.0:+.2f}".replace("-", "\N{MINUS SIGN}")


def _plain(axis) -> None:
    """1, 2, 5 in plain digits."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _depth_colours(count: int) -> np.ndarray:
    from cmcrameri import cm

    # The lightest colours of the map are too faint for lines on white.
    return cm.batlow(np.linspace(0.0, 0.82, count) if count > 1 else [0.0])


def _transfer_note(cube: xr.DataTree, loss: xr.DataArray, best: xr.DataArray) -> str:
    seeds = loss.sizes["seed"]
    outside = int((~np.isfinite(best)).sum())
    text = (
        f"Perceptrons of width {fs.setting(cube, 'model.width')}, full-batch gradient descent "
        "with the learning rates of each scaling's table (sparse setting) times the master "
        "step; loss "
        f"after {fs.setting(cube, 'training.epochs')} steps, mean"
        f"{' ± standard deviation' if seeds > 1 else ''} over n\u00a0=\u00a0{seeds} "
        f"seed{'s' if seeds > 1 else ''}, no point where one of them diverged. Optimum "
        "(triangles, last panel): vertex of the parabola through the best three points, log-log, "
        "per seed; geometric mean"
        f"{' ± geometric standard deviation' if seeds > 1 else ''}; slope: mean"
        f"{' ± standard deviation' if seeds > 1 else ''} of the seeds' log-log slopes."
    )
    if outside:
        text += f" {outside} of {best.size} optima lie at an end of the axis and are not shown."
    return text
