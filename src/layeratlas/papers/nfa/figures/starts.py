"""Where curves of UC-NFC start, beside what spectra and signal propagation say of it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa.figures import looks
from layeratlas.papers.nfa.starts import FAMILIES, Start, starts

#: Predictions by the name of their numbers: line, and words.
_TOLD = {
    "turned": ((0, (1, 1.2)), "measured ranks"),
    "finite_width": ("-", "finite-width recursion"),
    "mean_field": ((0, (4, 2)), "backward correlations alone"),
}


@style.styled
def nfa_initialisation(cubes: Cubes, references: References) -> Figure:
    """UC-NFC before training against the layer, a panel a family of networks, a colour a width.

    Points: mean ± standard deviation over seeds. Lines: K with eigenvectors at random, of measured
    effective ranks (dotted), and of ranks that the finite-width recursion (solid) and backward
    correlations alone (dashed) predict from cosines of inputs and sizes. No units. Source:
    specification §5.6; the finite-width recursion is derived in `initialisation`.
    """
    found = starts(cubes)
    families = list(dict.fromkeys(one.family for one in found))
    columns = min(3, len(families)) if len(families) != 4 else 4
    rows = -(-len(families) // columns)
    figure = style.new_figure(style.PAGE, 0.9 + 1.6 * rows)
    grid = figure.subplots(rows, columns, sharey=True, squeeze=False)
    for axes in list(grid.flat)[len(families) :]:
        axes.set_axis_off()
    row = list(grid.flat)[: len(families)]
    widths = sorted({one.width for one in found if one.width is not None})
    colours = dict(zip(widths, style.graded(len(widths)), strict=True))
    for letter, axes, family in zip("abcdefgh", row, families, strict=False):
        for one in found:
            if one.family == family:
                _draw(axes, one, "0.2" if one.width is None else colours[one.width])
        looks.panel_title(axes, letter, family)
        looks.correlation_axis(axes)
        style.open_frame(axes)
        axes.set_xlabel(style.axis_label("layer"))
    for first in grid[:, 0]:
        first.set_ylabel("UC-NFC before training")
    handles = [
        Line2D([], [], color=colours[width], marker="o", ms=3, ls="none", label=f"width {width}")
        for width in widths
    ]
    handles += [
        Line2D([], [], color="0.3", ls=dashes, lw=1, label=words)
        for dashes, words in _TOLD.values()
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    style.note(figure, _note(cubes))
    return figure


def _draw(axes: Axes, one: Start, colour) -> None:
    layers = one.measured["layer"].values
    looks.points(
        axes, layers, one.measured.transpose("layer", "seed").values, colour,
        f"{one.subject},measured", ls="none", zorder=4,
    )  # fmt: skip
    for name, (dashes, _) in _TOLD.items():
        told = getattr(one, name)
        if told is not None:
            values = told.mean("seed").values if name == "turned" else np.asarray(told)
            axes.plot(layers, values, color=colour, ls=dashes, lw=0.9, gid=f"{one.subject},{name}")
    axes.set_xticks(layers)
    axes.margins(x=0.06)


def _note(cubes: Cubes) -> str:
    missing = [name for name in FAMILIES if name not in cubes]
    left = f" Not shown at this preset: {', '.join(missing)}." if missing else ""
    return (
        "Beyond the paper, derived here: before training K's eigenvectors are at random relative "
        "to W's, and UC-NFC follows from two effective ranks. Points: mean ± standard deviation "
        "over seeds. Dotted: measured ranks. Of perceptrons, from cosines of inputs and sizes "
        "alone: dashed, what is left of backward correlations counted at random among all units, "
        "as the specification has it; solid, second moments of cotangents carried through "
        "layers of finite width and the masks that outputs share." + left
    )
