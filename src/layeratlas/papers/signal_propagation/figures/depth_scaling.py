"""Where the peak of the hierarchy stands as networks get deeper, beside the equilibrium layer."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.depths import Series, series
from layeratlas.papers.signal_propagation.figures import looks

#: Depths of which a line is drawn; two have a slope whatever they are.
_FEWEST = 3
#: Exponents of the guides: the published one, and that of a peak proportional to depth.
_GUIDES: dict[float, dict[str, Any]] = {
    0.6: {"color": "0.5", "lw": 0.8, "ls": (0, (4, 2))},
    1.0: {"color": "0.5", "lw": 0.8, "ls": (0, (1, 2))},
}


@style.styled
def equilibrium_depth_scaling(cubes: Cubes, references: References) -> Figure:
    """Layer of the peak (left) and centroid (right) of A_l against depth L, both axes logarithmic.

    Points: of the seeds' mean profile on training images at the mark, bars ± sd over seeds; lines:
    crossing l*_mf of the infinitely wide network of the same input cosine; crosses:
    l*_emp of the networks themselves at initialisation. Dashed: slope 0.6 and slope 1 through the
    first crossing, guides and no fits; without a data set of three depths there are none. Source:
    arXiv 2110.11749, abstract (l = Θ(L^(3/5))); specification §2.6, §3.1, §5 (F4).
    """
    found = series(cubes)
    guided = any(len(one.networks) >= _FEWEST for one in found)
    figure = style.new_figure(style.PAGE, 3.3)
    left, right = figure.subplots(1, 2, sharex=True, sharey=True)
    for place, one in enumerate(found):
        colour = looks.task_colour(one.task, place)
        _points(left, one, "peak", "peaks", colour, place)
        _points(right, one, "centroid", "centroids", colour, place)
    for axes, label in ((left, "layer of the peak"), (right, "centroid of the profile")):
        if guided:
            _guides(axes, found)
        axes.set_ylabel(label)
        axes.set_xlabel("depth $L$")
        style.open_frame(axes)
        _axes(axes, found)
    _legend(figure, found, guided)
    absent = "; ".join(
        f"no run came to the mark: {one.task}, L = {', '.join(map(str, one.absent))}"
        for one in found
        if one.absent
    )
    style.note(
        figure,
        "Crossings: forward information 1 − (mean cosine of a layer's inputs) against backward "
        "information (mean cosine of its cotangents), derived here to reproduce the published "
        "exponent 3/5; the paper's own normalisation is not known. Up to L = 100 the crossing "
        "itself rises with an effective slope of 0.74 to 0.86, so a fitted 0.6 proves nothing; "
        "slopes are guides and no fits. Data sets stand a little apart."
        + (f" {absent[0].upper()}{absent[1:]}." if absent else ""),
    )
    return figure


def _points(axes: Axes, one: Series, name: str, each: str, colour: str, place: int) -> None:
    spread = [looks.spread(getattr(n.shape, each)) for n in one.networks]
    # Data sets a little apart, so that their bars do.
    depths = one.depths * 1.02 ** (place - 1)
    axes.errorbar(
        depths, one.of(name), yerr=spread, color=colour, ls="none", marker="o", ms=3.5, capsize=1.5,
        elinewidth=0.7, gid=f"{name},{one.experiment}",
    )  # fmt: skip
    # Lines of data sets of like inputs lie upon each other: those below are wider.
    line: dict[str, Any] = {"lw": (2.6, 1.6, 0.8)[place % 3], "alpha": 0.8}
    if len(one.depths) < _FEWEST:
        line = {"ls": "none", "marker": "_", "ms": 9, "mew": 1.2}
    axes.plot(one.depths, one.mean_field, color=colour, gid=f"mean_field,{one.experiment}", **line)
    empirical = [np.nanmean(n.empirical) if np.isfinite(n.empirical).any() else np.nan
                 for n in one.networks]  # fmt: skip
    axes.plot(depths, empirical, color=colour, ls="none", marker="x", ms=4, mew=0.9,
              gid=f"empirical,{one.experiment}")  # fmt: skip


def _guides(axes: Axes, found: list[Series]) -> None:
    first = next((one for one in found if len(one.networks)), None)
    if first is None:
        return
    low = min(one.depths.min() for one in found if len(one.networks))
    high = max(one.depths.max() for one in found if len(one.networks))
    start = first.mean_field[0] * (low / first.depths[0])
    x = np.array([low, high])
    for exponent, look in _GUIDES.items():
        axes.plot(x, start * (x / low) ** exponent, gid=f"guide: slope {exponent:g}", **look)


def _legend(figure: Figure, found: list[Series], guided: bool) -> None:
    several = any(np.size(n.shape.peaks) > 1 for one in found for n in one.networks)
    handles = [
        Line2D([], [], color=looks.task_colour(one.task, place), lw=2.5, label=one.task)
        for place, one in enumerate(found)
    ]
    handles += [
        Line2D([], [], color="0.3", ls="none", marker="o", ms=3.5,
               label="measured ± sd" if several else "measured"),
        Line2D([], [], color="0.3", label="$l^*_{mf}$, infinite width"),
        Line2D([], [], color="0.3", ls="none", marker="x", ms=4, label="$l^*_{emp}$, at init"),
    ]  # fmt: skip
    if guided:
        handles += [
            Line2D([], [], label=f"slope {slope:g}", **look) for slope, look in _GUIDES.items()
        ]
    figure.legend(handles=handles, loc="outside upper center", ncols=4, handlelength=2.4)


def _axes(axes: Axes, found: list[Series]) -> None:
    depths = sorted({int(d) for one in found for d in one.depths})
    axes.set_xscale("log")
    axes.set_yscale("log")
    plain = FuncFormatter(lambda value, _: f"{value:g}")
    # Of depths closer than a ninth only the first is named.
    named: list[int] = []
    for depth in depths:
        if not named or depth / named[-1] > 1.13:
            named.append(depth)
    axes.xaxis.set_major_locator(FixedLocator(named))
    axes.yaxis.set_major_locator(FixedLocator([1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100]))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(plain)
