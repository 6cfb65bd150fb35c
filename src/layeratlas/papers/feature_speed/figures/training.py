"""Figure of feature speed along training, beyond the paper, which trains nothing.

The paper takes one gradient step at initialisation; here the step is probed at several moments of
a training. The authors publish nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import style, widths
from layeratlas.figures.ticks import plain_log
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed.figures import looks
from layeratlas.papers.feature_speed.trainings import FROZEN, INVARIANT, along_training
from layeratlas.papers.given import Cubes, References

_DASHES = ((0, (4, 2)), "-", (0, (1, 1)), (0, (5, 1, 1, 1, 1, 1)))


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
            depths |= {int(d) for d in fs.axis(cube, "depth")}
            for axes, (variable, factor, _) in zip(column, _ROWS, strict=True):
                _lines(
                    axes,
                    fs.last_hidden(along_training(cube, variable).sel(choice)),
                    factor,
                    cubes,
                )
    for axes, (_, _, label) in zip(grid[:, 0], _ROWS, strict=True):
        axes.set_ylabel(label)
    for row, axes in np.ndenumerate(grid):
        style.open_frame(axes)
        axes.set_xscale("log")
        if row[0] > 0:
            axes.set_yscale("log")
            plain_log(axes.yaxis, most=5)
    _angle_axis(grid[0])
    _step_axis(grid[-1])
    _legend(figure, cubes, sorted(depths))
    widths.keep_whole(grid[0, 0])
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
    widths = sorted({int(w) for name in FROZEN for w in fs.axis(cubes[name], "width")})
    # Three widths at most: least, middle, largest.
    shown = sorted({widths[0], widths[len(widths) // 2], widths[-1]})
    columns = [
        (
            f"frozen rates, width {width}",
            [
                (cubes[name], {"width": width})
                for name in FROZEN
                if width in fs.axis(cubes[name], "width")
            ],
        )
        for width in shown
    ]
    largest = max(int(w) for name in INVARIANT for w in fs.axis(cubes[name], "width"))
    series = [(cubes[name], {"width": largest}) for name in INVARIANT]
    return [*columns, (f"scale-invariant rates, width {largest}", series)]


def _lines(axes: Axes, values: xr.DataArray, factor: str | None, cubes: Cubes) -> None:
    if factor is not None:
        values = values * values[factor]
    dashes = _dashes(cubes)
    for scaling in values["scaling"].values:
        look = looks.of_scaling(str(scaling))
        for depth in values["depth"].values:
            one = values.sel(scaling=scaling, depth=depth)
            step = one["epoch"].values + 1
            middle, low, high = (one.median("seed"), one.min("seed"), one.max("seed"))
            axes.plot(
                step, middle, color=look.colour, ls=dashes[int(depth)], lw=look.width,
                marker=look.marker, ms=1.2 + look.width, gid=f"{scaling},{depth:g}",
            )  # fmt: skip
            axes.fill_between(step, low, high, color=look.colour, alpha=0.13, lw=0)


def _dashes(cubes: Cubes) -> dict[int, object]:
    depths = sorted({int(d) for name in FROZEN + INVARIANT for d in fs.axis(cubes[name], "depth")})
    dashes = _DASHES if len(depths) > 1 else ("-",)
    return {depth: dashes[i % len(dashes)] for i, depth in enumerate(depths)}


def _angle_axis(row: Sequence[Axes]) -> None:
    """From a multiple of π/8 well below all angles to π/2, which none reaches."""
    drawn = [np.asarray(line.get_ydata()) for axes in row for line in axes.lines]
    least = min((np.nanmin(y) for y in drawn if np.isfinite(y).any()), default=0.0)
    first = min(2, max(0, int(least / (np.pi / 8) - 0.1)))
    names = ["0", r"$\pi/8$", r"$\pi/4$", r"$3\pi/8$", r"$\pi/2$"]
    row[0].set_yticks(np.pi / 8 * np.arange(first, 5), names[first:])
    row[0].set_ylim(np.pi / 8 * first, np.pi / 2 + 0.02 * (4 - first) * np.pi / 8)


def _step_axis(row: Sequence[Axes]) -> None:
    for axes in row:
        axes.set_xlabel("gradient step")
        plain_log(axes.xaxis, most=4)


def _legend(figure: Figure, cubes: Cubes, depths: list[int]) -> None:
    present = {s for name in FROZEN + INVARIANT for s in fs.axis(cubes[name], "scaling")}
    shown = [looks.of_scaling(name) for name in looks.scalings(present)]
    handles = [
        Line2D([], [], color=look.colour, lw=look.width, marker=look.marker, label=look.label)
        for look in shown
    ]
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
        residual = along_training(cubes[name], "feature_speed_residual").values
        worst = max(worst, float(np.nanmax(residual, initial=0.0)))
        count += int(np.isfinite(residual).sum())
    exponent = "no value" if not count else f"{worst:.0e}".replace("e-0", "e-")
    return (
        "Full-batch gradient descent; quantities of one step on training images in double "
        "precision, biases frozen at zero, per unit of the master step (frozen: "
        f"{rate}; scale-invariant: {master}). A perceptron's feature is taken after its "
        "activation, a residual network's before. Frozen rates: the scaling's table, sparse "
        r"setting; scale-invariant: $\eta_l=1/(L\,\|G_l\|^2)$ at every step, so that every "
        r"$L\,C_l=1$ and scalings of an MLP, which differ in the read-out, share their angle. Of "
        "equal curves the ones below show as wider lines. "
        f"{'Lines: median of the seeds, shaded from least to largest. ' if seeds > 1 else ''}"
        "Largest relative residual of the feature speed formula over layers, runs and steps: "
        f"{exponent} ({count} values)."
    )
