"""Four theories on the same trained networks: by layer, and by rank over the grid."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from layeratlas.figures import palette, style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa.figures import looks
from layeratlas.papers.nfa.theories import (
    EXPERIMENT,
    THEORIES,
    Related,
    by_seed,
    related,
    shuffled,
    theories,
)

_WORDS = {
    "load": ("load $d_l$", "load"),
    "alignment": ("alignment $A_l$", "alignment"),
    "nfc": ("C-NFC", "C-NFC"),
    "angle": (r"angle $\theta_l$ (degrees)", "angle"),
}
_DASHES = ("-", (0, (4, 2)), (0, (1, 1.2)), (0, (4, 1.5, 1, 1.5)), (0, (8, 2)), (0, (2, 2)))
_READINGS = (
    (True, palette.BLUE, "deep less shallow layers, over cells"),
    (False, palette.ORANGE, "every layer of every cell"),
)


@style.styled
def four_theories(cubes: Cubes, references: References) -> Figure:
    """Load, alignment, C-NFC and backward-feature angle by layer, and how their ranks agree.

    a–d: means over seeds at the end of training against the layer; colour: dropout, dashes:
    negative slope. e: Spearman's correlation of every pair of theories with 95 % intervals over
    resampled cells; grey: where 95 % of |correlations| lie with the cells of one shuffled. Beyond
    arXiv 2402.05271; the theories are of 2407.19353, 2110.11749, 2402.05271 and 2311.18718.
    """
    cube = cubes[EXPERIMENT]
    found = theories(cube)
    figure = style.new_figure(style.PAGE, 4.5)
    above, below = looks.subfigures(figure, 2, height_ratios=[1, 1.05])
    noises = sorted(found["dropout"].values)
    colours = dict(zip(noises, style.graded(len(noises)), strict=True))
    slopes = found["negative_slope"].values
    for letter, axes, name in zip("abcd", above.subplots(1, 4), THEORIES, strict=True):
        _profiles(axes, found[name], name, colours, slopes)
        looks.panel_title(axes, letter, "")
        axes.set_ylabel(_WORDS[name][0])
    handles = [Line2D([], [], color=colours[p], label=f"dropout {p:g}") for p in noises]
    handles += [
        Line2D([], [], color="0.3", ls=dashes, label=f"slope {slope:g}")
        for slope, dashes in zip(slopes, _DASHES, strict=False)
    ]
    above.legend(handles=handles, loc="outside upper center", ncols=min(8, len(handles)))
    axes, key = below.subplots(1, 2, width_ratios=[2.4, 1])
    _ranks(axes, found)
    looks.panel_title(axes, "e", "rank correlation over the grid")
    key.set_axis_off()
    marks = [
        Line2D([], [], color=colour, marker="o", ms=3.5, label=words)
        for _, colour, words in _READINGS
    ]
    grey = Line2D([], [], color="0.7", lw=4, label="95 % with cells of one shuffled")
    key.legend(handles=[*marks, grey], loc="center left")
    style.note(
        figure,
        "Beyond the papers: all four on the networks of the noise–nonlinearity diagram (batch "
        f"norm, Adam), at the end of training, means over seeds{_spread(by_seed(cube))}. Load: "
        "fall of data separation at layer l. e: intervals are of cells drawn with replacement. A "
        "larger angle is less feature learning for the same fall of the loss.",
    )
    return figure


def _spread(runs: xr.Dataset) -> str:
    """Standard deviations over seeds, of which bands on so many lines would show nothing."""
    if runs.sizes["seed"] < 2:
        return ""
    each = runs.std("seed", ddof=1)
    scale = {"angle": 180 / np.pi}
    told = [
        f"{float(each[name].median()) * scale.get(name, 1):.2f} "
        f"({float(each[name].max()) * scale.get(name, 1):.2f})"
        for name in THEORIES
    ]
    return f", whose standard deviation is in the median (at most) {', '.join(told)} in a to d"


def _profiles(axes: Axes, values: xr.DataArray, name: str, colours, slopes) -> None:
    scale = 180 / np.pi if name == "angle" else 1.0
    for slope, dashes in zip(slopes, _DASHES, strict=False):
        for noise, colour in colours.items():
            one = values.sel(negative_slope=slope, dropout=noise)
            axes.plot(
                one["layer"], scale * one, color=colour, ls=dashes, lw=0.9,
                gid=f"{name},{slope:g},{noise:g}",
            )  # fmt: skip
    axes.set_xticks(values["layer"].values)
    axes.yaxis.set_major_locator(MaxNLocator(5, min_n_ticks=3))
    axes.set_xlabel(style.axis_label("layer"))
    style.open_frame(axes)


def _ranks(axes: Axes, found: xr.Dataset) -> None:
    pairs: list[Related] = []
    for place, (tilts, colour, _) in zip((-0.16, 0.16), _READINGS, strict=True):
        pairs, control = related(found, tilts=tilts), shuffled(found, tilts=tilts)
        for row, one in enumerate(pairs):
            reach = control[one.first, one.second]
            gid = f"{one.first},{one.second},{'tilts' if tilts else 'layers'}"
            axes.plot([-reach, reach], [row + place] * 2, color="0.7", lw=4, zorder=1,
                      solid_capstyle="butt", gid=f"{gid},shuffled")  # fmt: skip
            axes.plot([one.low, one.high], [row + place] * 2, color=colour, lw=1.2, zorder=2,
                      gid=f"{gid},interval")  # fmt: skip
            axes.plot([one.value], [row + place], "o", color=colour, ms=3.5, zorder=3, gid=gid)
    names = [f"{_WORDS[one.first][1]} – {_WORDS[one.second][1]}" for one in pairs]
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(-1.05, 1.05)
    axes.axvline(0, color="0.4", lw=0.6)
    axes.set_xlabel("Spearman's correlation")
    axes.set_ylabel("pair of theories")
    style.open_frame(axes)
