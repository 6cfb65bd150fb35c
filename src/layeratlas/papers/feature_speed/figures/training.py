"""Beyond *The Feature Speed Formula* (arXiv 2311.18718): its quantities along training.

The paper takes one gradient step at initialisation. Here the step is probed at several moments of
a training, and the master step that trains best is compared between depths. The authors publish
nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from layeratlas.cubes import selecting
from layeratlas.figures import style
from layeratlas.networks.scalings import TITLES
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed.figures.probes import SCALINGS

FROZEN = ("feature_speed_training", "feature_speed_training_resnet")
INVARIANT = ("feature_speed_training_invariant", "feature_speed_training_resnet_invariant")
TRANSFER = "learning_rate_transfer"

_OTHER = "#555555"
_DASHES = ((0, (4, 2)), "-", (0, (1, 1)), (0, (5, 1, 1, 1, 1, 1)))

Cubes = Mapping[str, xr.DataTree]
References = Mapping[str, Path]


# ---------------------------------------------------------------------------------------------
# Feature speed along training
# ---------------------------------------------------------------------------------------------


@style.styled
def feature_speed_training(cubes: Cubes, references: References) -> Figure:
    """Angle, velocity, sensitivity and contribution of the last hidden feature, against the step.

    Rows: backward–feature angle θ in radians; velocity |ḟ|_rms per unit of the master step;
    sensitivity S = |ḟ|_rms/D; contribution L·C, all of feature L − 1 (of matrix L − 1). Columns:
    frozen learning rates, one a width, and scale-invariant ones. Lines: medians over seeds, from
    least to largest shaded. Step 1 is taken at initialisation. Source: the paper's Thm 2.1 and
    Eq. 4; specification §1.3, §7.10.
    """
    columns = _columns(cubes)
    figure = style.new_figure(style.PAGE, 7.0)
    grid = figure.subplots(4, len(columns), sharex=True, sharey="row", squeeze=False)
    depths: set[int] = set()
    for column, (title, series) in zip(grid.T, columns, strict=True):
        column[0].set_title(title)
        for cube, choice in series:
            depths |= {int(d) for d in cube["/"]["depth"].values}
            for axes, (variable, factor, _) in zip(column, _ROWS, strict=True):
                _lines(
                    axes,
                    fs.last_hidden(fs.along_training(cube, variable).sel(choice)),
                    factor,
                    cubes,
                )
    for axes, (_, _, label) in zip(grid[:, 0], _ROWS, strict=True):
        axes.set_ylabel(label)
    for row, axes in np.ndenumerate(grid):
        axes.grid(color="0.93", lw=0.5)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xscale("log")
        if row[0] > 0:
            axes.set_yscale("log")
    _angle_axis(grid[0, 0])
    _step_axis(grid[-1], cubes)
    _legend(figure, cubes, sorted(depths))
    style.note(figure, _training_note(cubes))
    return figure


_ROWS = (
    ("backward_feature_angle", None, r"angle $\theta_{L-1}$ (rad)"),
    ("feature_velocity", None, r"velocity $\|\dot f_{L-1}\|_{\mathrm{rms}}$"),
    ("sensitivity", None, r"sensitivity $S_{L-1}$"),
    ("contribution", "depth", r"contribution $L\,C_{L-1}$"),
)


def _columns(cubes: Cubes) -> list[tuple[str, list[tuple[xr.DataTree, dict]]]]:
    """Title, and (cube, choice of the grid) of what is drawn in each column."""
    widths = sorted({int(w) for name in FROZEN for w in cubes[name]["/"]["width"].values})
    # Three widths at most: least, middle, largest.
    shown = sorted({widths[0], widths[len(widths) // 2], widths[-1]})
    columns = [
        (
            f"frozen rates, width {width}",
            [
                (cubes[name], {"width": width})
                for name in FROZEN
                if width in cubes[name]["/"]["width"].values
            ],
        )
        for width in shown
    ]
    largest = max(int(w) for name in INVARIANT for w in cubes[name]["/"]["width"].values)
    series = [(cubes[name], {"width": largest}) for name in INVARIANT]
    return [*columns, (f"scale-invariant rates, width {largest}", series)]


def _lines(axes: Axes, values: xr.DataArray, factor: str | None, cubes: Cubes) -> None:
    if factor is not None:
        values = values * values[factor]
    dashes = _dashes(cubes)
    for scaling in values["scaling"].values:
        colour = SCALINGS.get(str(scaling), _OTHER)
        for depth in values["depth"].values:
            one = values.sel(scaling=scaling, depth=depth)
            step = one["epoch"].values + 1
            middle, low, high = (one.median("seed"), one.min("seed"), one.max("seed"))
            axes.plot(
                step, middle, color=colour, ls=dashes[int(depth)], marker="o", ms=1.8,
                gid=f"{scaling},{depth:g}",
            )  # fmt: skip
            axes.fill_between(step, low, high, color=colour, alpha=0.13, lw=0)


def _dashes(cubes: Cubes) -> dict[int, object]:
    depths = sorted(
        {int(d) for name in FROZEN + INVARIANT for d in cubes[name]["/"]["depth"].values}
    )
    dashes = _DASHES if len(depths) > 1 else ("-",)
    return {depth: dashes[i % len(dashes)] for i, depth in enumerate(depths)}


def _angle_axis(axes: Axes) -> None:
    """From the last multiple of π/8 below all angles to π/2, which none reaches."""
    drawn = [line.get_ydata() for other in axes.get_figure().axes for line in other.lines
             if other.get_shared_y_axes().joined(axes, other)]  # fmt: skip
    least = min((np.nanmin(y) for y in drawn if np.isfinite(y).any()), default=0.0)
    first = max(0, int(least / (np.pi / 8)))
    names = ["0", r"$\pi/8$", r"$\pi/4$", r"$3\pi/8$", r"$\pi/2$"]
    axes.set_yticks(np.pi / 8 * np.arange(first, 5), names[first:])
    axes.set_ylim(np.pi / 8 * first, np.pi / 2 + 0.02 * (4 - first) * np.pi / 8)


def _step_axis(row: Sequence[Axes], cubes: Cubes) -> None:
    steps = np.unique([cubes[n]["layers"]["epoch"].values + 1 for n in FROZEN])
    for axes in row:
        axes.set_xlabel("gradient step")
        axes.xaxis.set_major_locator(FixedLocator(steps))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _legend(figure: Figure, cubes: Cubes, depths: list[int]) -> None:
    present = {str(s) for name in FROZEN + INVARIANT for s in cubes[name]["/"]["scaling"].values}
    known = [s for s in SCALINGS if s in present] + sorted(present - set(SCALINGS))
    handles = [
        Line2D([], [], color=SCALINGS.get(s, _OTHER), lw=1.5, label=TITLES.get(s, s))
        for s in known
    ]  # fmt: skip
    dashes = _dashes(cubes)
    handles += [
        Line2D([], [], color="0.3", ls=dashes[depth], label=f"$L={depth}$") for depth in depths
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), handlelength=2.2)


def _training_note(cubes: Cubes) -> str:
    first = cubes[FROZEN[0]]
    seeds = first["/"].sizes["seed"]
    rate, master = (fs.setting(cubes[names[0]], "training.learning_rate")
                    for names in (FROZEN, INVARIANT))  # fmt: skip
    worst, count = 0.0, 0
    for name in FROZEN + INVARIANT:
        residual = fs.along_training(cubes[name], "feature_speed_residual").values
        worst = max(worst, float(np.nanmax(residual, initial=0.0)))
        count += int(np.isfinite(residual).sum())
    exponent = "no value" if not count else f"{worst:.0e}".replace("e-0", "e-")
    text = (
        "Full-batch gradient descent; the probed step is one on training images in double "
        "precision, biases frozen at zero, velocities and contributions per unit of the master "
        f"step (frozen: {rate}; scale-invariant: {master}). A perceptron's feature is taken "
        "after its activation, a residual network's before. Frozen rates: the scaling's table, "
        r"sparse setting; scale-invariant: $\eta_l=1/(L\,\|G_l\|^2)$ at every step, so that every "
        r"$L\,C_l=1$ and the scaling gives the initial weights only. Lines: median of "
        f"n\u00a0=\u00a0{seeds} seed{'s' if seeds > 1 else ''}"
        f"{', shaded from least to largest' if seeds > 1 else ''}. Largest relative residual of "
        f"the feature speed formula over layers, runs and steps: {exponent} ({count} values). "
        f"{_data(first)}; preset {first.attrs.get('preset', 'unstated')}."
    )
    return text + _lost([cubes[name] for name in FROZEN + INVARIANT])


# ---------------------------------------------------------------------------------------------
# Learning-rate transfer
# ---------------------------------------------------------------------------------------------


@style.styled
def learning_rate_transfer(cubes: Cubes, references: References) -> Figure:
    """Training loss against the master step at several depths, and the best step against depth.

    a, b, …: loss after a fixed number of steps, mean over seeds, one colour a depth; bars:
    sample standard deviation; triangles: the mean optimum. Last panel: optimum against depth L,
    geometric mean ± geometric standard deviation over seeds, with the mean of the seeds' log-log
    slopes. The optimum is the vertex of the parabola through the best three points, log-log.
    """
    cube = cubes[TRANSFER]
    loss = fs.training_loss(cube)
    loss = loss.transpose("scaling", "depth", "learning_rate", "seed")
    best = fs.optimal_learning_rate(loss)
    scalings = [str(s) for s in loss["scaling"].values]
    figure = style.new_figure(style.PAGE, 2.0 + 2.2 * ((len(scalings) + 2) // 2))
    rows, columns = (len(scalings) + 2) // 2, 2
    panels = figure.subplots(rows, columns).flatten()
    colours = _depth_colours(loss.sizes["depth"])
    for axes, scaling in zip(panels, scalings, strict=False):
        _loss_curves(axes, loss.sel(scaling=scaling), best.sel(scaling=scaling), colours)
        axes.set_title(TITLES.get(scaling, scaling))
    last = panels[len(scalings)]
    _optima(last, best)
    for axes in panels[len(scalings) + 1 :]:
        axes.remove()
    for letter, axes in zip("abcdefgh", panels[: len(scalings) + 1], strict=False):
        axes.set_title(letter, loc="left", fontweight="bold")
        axes.grid(color="0.93", lw=0.5)
        axes.spines[["top", "right"]].set_visible(False)
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
        optimum = float(np.exp(np.log(best.sel(depth=depth)).mean("seed", skipna=False)))
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
        name, colour = TITLES.get(str(scaling), str(scaling)), SCALINGS.get(str(scaling), _OTHER)
        logs = np.log(best.sel(scaling=scaling))
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
        f"{' ± standard deviation' if seeds > 1 else ''} of the seeds' log-log slopes. "
        f"{_data(cube)}; preset {cube.attrs.get('preset', 'unstated')}."
    )
    if outside:
        text += f" {outside} of {best.size} optima lie at an end of the axis and are not shown."
    return text + _lost([cube])


# ---------------------------------------------------------------------------------------------
# What was trained
# ---------------------------------------------------------------------------------------------


def _data(cube: xr.DataTree) -> str:
    images = cube.attrs.get("n_train")
    told = "unstated" if images is None else f"{int(images):,}".replace(",", "\u2009")
    return f"{told} training images ({cube.attrs.get('dataset_source', 'unstated')})"


def _lost(cubes: Sequence[xr.DataTree]) -> str:
    lost = sum(
        int((cube["/"].to_dataset()["status"] != selecting.STATUS_OK).sum()) for cube in cubes
    )
    return f" {lost} run{'s' if lost > 1 else ''} diverged or missing." if lost else ""
