"""Profiles of all depths in one map."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.depths import Series, series
from layeratlas.papers.signal_propagation.figures import looks


@style.styled
def alignment_by_depth(cubes: Cubes, references: References) -> Figure:
    """A_l / max_l A_l (colour) over relative layer l/L (x) and depth L (a band each, y).

    Of the seeds' mean profile on training images at the mark; each layer fills 1/L of its band.
    Dots: peak; diamonds: centroid, both ± sd over seeds; line: l*_mf / L. Source: arXiv 2110.11749;
    specification §2.5, §5 (F5).
    """
    found = series(cubes)
    figure = style.new_figure(style.PAGE, 3.1)
    row = figure.subplots(1, len(found), squeeze=False)[0]
    drawn = None
    for axes, one in zip(row, found, strict=True):
        drawn = _map(axes, one) or drawn
        axes.set_title(one.task)
        axes.set_xlabel("relative layer $l/L$")
    row[0].set_ylabel("depth $L$")
    if drawn is not None:
        bar = figure.colorbar(drawn, ax=list(row), location="top", shrink=0.6, aspect=45, pad=0.06)
        bar.set_label("$A_l$ over its largest")
        bar.outline.set_linewidth(0.4)
    handles, labels = row[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3)
    style.note(
        figure,
        "Peak and centroid of the mean over seeds, training images, at the running loss 0.1; bars: "
        "sd over seeds, where there are several. $l^*_{mf}$: equilibrium layer of the infinitely "
        "wide network, derived here. A layer fills the part from (l − 1)/L to l/L of its depth's "
        "band.",
    )
    return figure


def _map(axes: Axes, one: Series) -> PolyCollection | None:
    from cmcrameri import cm

    corners, values = [], []
    for place, network in enumerate(one.networks):
        mean = network.profiles.mean("seed").values
        L = network.layers
        for i, value in enumerate(mean / np.nanmax(mean)):
            left, right = i / L, (i + 1) / L
            corners.append([(left, place - 0.45), (right, place - 0.45), (right, place + 0.45),
                            (left, place + 0.45)])  # fmt: skip
            values.append(value)
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.5, max(len(one.networks), 1) - 0.5)
    axes.set_yticks(range(len(one.networks)), [f"{n.layers}" for n in one.networks])
    axes.spines[["top", "right"]].set_visible(False)
    if not corners:
        axes.text(0.5, 0.5, "no run came\nto the mark", ha="center", transform=axes.transAxes)
        return None
    drawn = PolyCollection(
        corners, array=np.array(values), cmap=cm.lapaz, edgecolors="face", lw=0.2
    )
    drawn.set_clim(0, 1)
    axes.add_collection(drawn)
    rows, depths = np.arange(len(one.networks)), one.depths
    # The middle of a layer is half a layer before its end.
    for name, up in (("peak", 0.14), ("centroid", -0.14)):
        look: dict[str, Any] = {"ls": "none", "mec": "0.1", "mew": 0.6, "ms": 4, "zorder": 3}
        at = (one.of(name) - 0.5) / depths
        spread = [looks.spread(getattr(n.shape, f"{name}s")) for n in one.networks] / depths
        axes.errorbar(at, rows + up, xerr=spread, fmt="none", ecolor="0.1", elinewidth=0.8,
                      capsize=1.5)  # fmt: skip
        axes.plot(at, rows + up, label=name, gid=name, **look, **looks.PLACES[name])
    # Two depths make no line.
    joined = looks.EQUILIBRIUM if len(depths) > 2 else {**looks.EQUILIBRIUM, "ls": "none"}
    axes.plot((one.mean_field - 0.5) / depths, rows, label="$l^*_{mf}$", gid="mean_field",
              marker="x", ms=4, **joined)  # fmt: skip
    return drawn
