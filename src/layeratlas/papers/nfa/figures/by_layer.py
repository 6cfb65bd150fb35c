"""Correlations along training, a panel a layer: what figures of networks on data share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from layeratlas.figures import style, widths
from layeratlas.papers.nfa import curves
from layeratlas.papers.nfa.figures import looks

__all__ = ["both", "empty", "epochs", "handles", "missing_set"]

#: Uncentred and centred, as every panel shows them.
SHOWN = ("uc_nfc", "c_nfc")


def both(
    axes: Axes, x: np.ndarray, values: dict[str, xr.DataArray], gid: str, start: Any = None
) -> None:
    """UC-NFC and C-NFC (seed, moment) against x; dotted: UC-NFC before training."""
    for name in SHOWN:
        looks.band(axes, x, values[name], looks.COLOURS[name], f"{gid},{name}", lw=1.0, zorder=3)
    if start is not None and np.isfinite(start):
        axes.axhline(
            start, color=looks.COLOURS["uc_nfc"], lw=0.8, ls=(0, (1, 1.2)), gid=f"{gid},start"
        )
    looks.correlation_axis(axes)
    # Panels are low.
    axes.set_yticks([0, 0.5, 1])
    style.open_frame(axes)


def epochs(
    panels: Sequence[Axes], found: dict[str, xr.DataArray], gid: str, titles: Sequence[str]
) -> None:
    """A panel a layer against the epoch, from the end of the first, nearly still one, on."""
    for at, (axes, title) in enumerate(zip(panels, titles, strict=True)):
        one = {name: values.isel(layer=at, drop=True) for name, values in found.items()}
        start = float(curves.at(one["uc_nfc"], "init").mean())
        later = {name: values.sel(epoch=values["epoch"] > 0) for name, values in one.items()}
        x = later["uc_nfc"]["epoch"].values.astype(float)
        both(axes, x, later, f"{gid},{at + 1}", start)
        axes.set_title(title, fontsize=6.5, pad=2)
        axes.set_xlabel("epoch", labelpad=1)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        if at:
            axes.tick_params(labelleft=False)
    widths.keep_whole(panels[0])


def empty(axes: Axes, text: str) -> None:
    """A panel without data says why."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color="0.35")


def missing_set(number: int, name: str) -> Figure:
    """A figure whose image set is not there names it, and shows nothing in its place."""
    figure = style.new_figure(style.PAGE, 1.2)
    empty(figure.subplots(), f"{name} is missing: not at this preset, or not to be had")
    style.note(figure, f"Reconstruction of Fig. {number}, whose set, {name}, is missing.")
    return figure


def handles(*, start: bool = True) -> list[Line2D]:
    """The key of `both`."""
    found = [Line2D([], [], color=looks.COLOURS[name], label=looks.WORDS[name]) for name in SHOWN]
    dotted: dict[str, Any] = {"color": looks.COLOURS["uc_nfc"], "lw": 0.8, "ls": (0, (1, 1.2))}
    if start:
        found.append(Line2D([], [], label="UC-NFC before training", **dotted))
    return found
