"""One colour and line for each thing of this paper's figures, and the words of their notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from layeratlas.figures import palette, style

__all__ = [
    "COLOURS",
    "WORDS",
    "band",
    "correlation_axis",
    "line",
    "loss_axis",
    "matrix",
    "matrix_bar",
    "over_seeds",
    "panel_title",
    "part_title",
    "points",
    "scale_colours",
    "step_axis",
    "subfigures",
]

#: Uncentred blue and centred green, as in the paper.
COLOURS = {name: palette.of(name) for name in ("uc_nfc", "c_nfc", "dc_nfc")}
WORDS = {
    "uc_nfc": "UC-NFC",
    "c_nfc": "C-NFC",
    "dc_nfc": "double-centred NFC",
    "ratio_c_uc": "ratio C / UC",
    "ratio_dc_c": "ratio double-centred / C",
    "train_loss": "training loss",
    "dw_rel": r"$\|W-W_0\|_F/\|W\|_F$",
}


def band(axes: Axes, x: np.ndarray, runs: xr.DataArray, colour: Any, gid: str, **line: Any) -> None:
    """Mean of `runs` (seed, moment) over seeds against `x`, ± their standard deviation.

    A moment at which any seed has no number has no point.
    """
    moment = next(dim for dim in runs.dims if dim != "seed")
    values = runs.transpose("seed", moment).values
    values = values[np.isfinite(values).any(1)]
    if not len(values):
        return
    known = np.isfinite(values).all(0) & np.isfinite(x)
    mean = values[:, known].mean(0)
    axes.plot(x[known], mean, color=colour, gid=gid, **line)
    if len(values) > 1:
        spread = values[:, known].std(0, ddof=1)
        axes.fill_between(
            x[known], mean - spread, mean + spread, color=colour, alpha=0.18, lw=0, zorder=1
        )


def line(
    axes: Axes, steps: xr.DataArray, values: xr.DataArray, colour: Any, gid: str, **look: Any
) -> None:
    """Seeds over their common records, and each one's end at its own step."""
    records = [str(name) for name in steps["record"].values]
    inner = [name for name in records if name != "final"]
    x = steps.sel(record=inner).mean("seed", skipna=False).values
    band(axes, x, values.sel(record=inner), colour, gid, lw=0.9, **look)
    ends = values.sel(record="final")
    axes.plot(
        steps.sel(record="final").values, ends.values, ls="none", marker="o", ms=2.2,
        color=colour, mew=0, gid=f"{gid},final",
    )  # fmt: skip


def step_axis(axes: Axes, label: str = "step") -> None:
    """Logarithmic from the first step on, with 0 at its left."""
    axes.set_xscale("symlog", linthresh=1, linscale=0.35)
    axes.xaxis.set_major_locator(FixedLocator([0, 1, 10, 100, 1000, 10_000]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(_power))
    axes.set_xlim(left=0)
    axes.set_xlabel(label)


def _power(value: float, _: object) -> str:
    return f"{value:g}" if value < 10 else f"$10^{{{round(np.log10(value))}}}$"


def matrix_bar(figure: Figure, image: Any, beside: Any, aspect: float) -> None:
    """The key of `matrix`."""
    bar = figure.colorbar(image, ax=beside, pad=0.01, aspect=aspect, ticks=[-1, 0, 1])
    bar.outline.set_linewidth(0.4)


def loss_axis(axes: Axes) -> None:
    """Logarithmic; what lies between powers of ten has labels where few of these are in sight."""
    axes.set_yscale("log")

    def between(value: float, _: object) -> str:
        low, high = axes.get_ylim()
        decades = np.log10(high / low)
        # What stands at an end meets the labels of the panels above and below.
        inside = 0.1 < np.log10(value / low) / decades < 0.9
        shown = decades < 0.4 or (decades < 1.5 and f"{value:e}"[0] in "25")
        return f"{value:g}" if inside and shown else ""

    axes.yaxis.set_minor_formatter(FuncFormatter(between))


def subfigures(figure: Any, rows: int, **more: Any) -> list[Any]:
    """So many parts, one below the other."""
    return list(np.ravel(figure.subfigures(rows, 1, squeeze=False, **more)))


def correlation_axis(axes: Axes, *, low: float = 0.0) -> None:
    """0 to 1, or from what lies below 0, with a little room for lines at either end."""
    least = axes.dataLim.y0
    axes.set_ylim(min(low, least if np.isfinite(least) else low) - 0.04, 1.04)
    axes.set_yticks(np.arange(low, 1.01, 0.25 if low else 0.2))


def matrix(axes: Axes, values: np.ndarray, gid: str):
    """A heat map of a matrix over its largest magnitude, its first entry at the top left."""
    from cmcrameri import cm

    largest = np.abs(values).max() if np.isfinite(values).all() else 0.0
    shown = values / largest if largest else np.zeros_like(values)
    image = axes.imshow(shown, cmap=cm.vik, vmin=-1, vmax=1, interpolation="nearest", gid=gid)
    n = len(values)
    axes.set_xticks([0, n - 1], ["1", f"{n}"])
    axes.set_yticks([0, n - 1], ["1", f"{n}"])
    axes.tick_params(length=0)
    return image


def scale_colours(scales: Sequence[float]) -> dict[float, Any]:
    """A colour for each scale of initial weights, dark for the smallest."""
    return dict(zip(scales, style.graded(len(scales)), strict=True))


def over_seeds(*cubes: xr.DataTree, bands: str = "± standard deviation") -> str:
    """`mean ± standard deviation over seeds`; of single seeds there is no spread to tell."""
    if all(cube["/"].sizes["seed"] == 1 for cube in cubes):
        return "one seed"
    return f"mean {bands} over seeds"


def panel_title(axes: Axes, letter: str, text: str) -> None:
    """The panel's letter and what it shows, at the left."""
    axes.set_title(rf"$\bf{{{letter}}}$  {text}", loc="left")


def part_title(part: Any, letter: str, text: str) -> None:
    """The same above a part of a figure."""
    part.suptitle(rf"$\bf{{{letter}}}$  {text}", x=0.01, ha="left", fontsize=8)


def points(axes: Axes, x: Any, values: np.ndarray, colour: Any, gid: str, **line: Any) -> None:
    """Means of `values` (place, seed) over seeds with their standard deviation as bars."""
    known = np.isfinite(values)
    count = known.sum(1)
    filled = np.where(known, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = filled.sum(1) / count
        spread = np.sqrt((np.where(known, values - mean[:, None], 0.0) ** 2).sum(1) / (count - 1))
    axes.errorbar(
        x, mean, np.where(count > 1, spread, np.nan), color=colour, marker="o", ms=3, lw=0.9,
        elinewidth=0.8, capsize=1.5, capthick=0.8, gid=gid, **line,
    )  # fmt: skip
