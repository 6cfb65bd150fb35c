"""Correlations of convolutions along training: Fig. 2C, and figures 12 to 14."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from layeratlas.cubes.told import told_setting
from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa import convolutions, images
from layeratlas.papers.nfa.figures import by_layer, looks
from layeratlas.papers.nfa.sets import CONVOLUTIONAL

__all__ = ["draw", "rows_of", "told"]

_COLUMNS = 4


def rows_of(cube: xr.DataTree) -> int:
    """Rows of panels that a network takes."""
    return -(-convolutions.layered(cube, "uc_nfc").sizes["layer"] // _COLUMNS)


def draw(part: Any, cube: xr.DataTree, gid: str) -> None:
    """A panel a convolution. part: a figure or a part of one; source: arXiv 2402.05271, Fig. 2C."""
    found = {name: convolutions.layered(cube, name) for name in by_layer.SHOWN}
    layers = found["uc_nfc"]["layer"].values
    rows = rows_of(cube)
    grid = part.subplots(rows, _COLUMNS, sharey=True, squeeze=False)
    panels = list(grid.flat)
    by_layer.epochs(panels[: len(layers)], found, gid, [f"convolution {at}" for at in layers])
    for axes in panels[len(layers) :]:
        axes.set_axis_off()
    for at, axes in enumerate(panels[: len(layers)]):
        axes.tick_params(labelleft=at % _COLUMNS == 0)
        if at + _COLUMNS < len(layers):
            axes.set_xlabel("")
    for row in grid:
        row[0].set_ylabel("correlation")


def told(cube: xr.DataTree) -> str:
    """What a note says of a convolutional network: width, rate and accuracy."""
    width = told_setting(cube, "model.settings.width", default=None)
    rate = float(np.ravel(cube["/"].to_dataset()["learning_rate"].values)[0])
    wide = "" if width is None else f"{width:g} of the published width, "
    return f"{wide}rate {rate:g}, test accuracy {images.accuracy_told(cube)}"


def _of_one_set(number: int, name: str) -> Callable[[Cubes, References], Figure]:
    """The drawing of figures 12 to 14."""

    @style.styled
    def drawn(cubes: Cubes, references: References) -> Figure:
        cube = cubes.get(CONVOLUTIONAL[name])
        if cube is None:
            return by_layer.missing_set(number, name)
        figure = style.new_figure(style.PAGE, 0.9 + 1.25 * rows_of(cube))
        draw(figure, cube, name)
        figure.legend(handles=by_layer.handles(), loc="outside upper center", ncols=3)
        style.note(
            figure,
            f"Reconstruction: the caption of the paper's Fig. {number} was not available. VGG-11 "
            f"without batch norm on {name} as in the released code ({told(cube)}); "
            f"{looks.over_seeds(cube)}; dotted: before training. Records chosen here.",
        )
        return figure

    drawn.__doc__ = f"UC-NFC and C-NFC of every convolution on {name}. Reconstruction."
    return drawn


nfa_fig12, nfa_fig13, nfa_fig14 = (
    _of_one_set(number, name) for number, name in enumerate(CONVOLUTIONAL, start=12)
)
