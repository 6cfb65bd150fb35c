"""The boundary of the load curve and that of the alignment's peak, in one plane."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from layeratlas.figures import style
from layeratlas.figures.boundary import band_of, colours, draw_boundary, set_scales
from layeratlas.figures.palette import CYCLE
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.boundaries import EXPERIMENTS, crossing_at_first
from layeratlas.refining.boundary import CONFIDENCE
from layeratlas.refining.results import Found

_NAMES = ("load curve straight, CI = 0", "peak of the alignment leaves layer 1")
_LABELS = ("convexity index CI", r"$\ln(\max_{l \geq 2} A_l / A_1)$")
_INKS = (CYCLE[0], CYCLE[1])


@style.styled
def two_boundaries(cubes: Cubes, references: References) -> Figure:
    """Both quantities over the plane with their boundaries, bands and points (a, b), and the two
    boundaries alone (c), beside the slope from which on the crossing l* of infinitely wide networks
    is layer 1 (dashed). Rates and slopes without unit. Beyond arXiv 2407.19353 and 2110.11749.
    """
    found = [Found.of(cubes[name]) for name in EXPERIMENTS]
    figure = style.new_figure(style.PAGE, 2.9)
    panels = figure.subplots(1, 3, sharex=True, sharey=True)
    theory = crossing_at_first(cubes[EXPERIMENTS[1]])
    for axes, one, label, lines in zip(panels, found, _LABELS, ((), theory), strict=False):
        image = draw_boundary(axes, one, colours(one), lines)
        figure.colorbar(image, ax=axes, location="bottom", label=label, aspect=25)
    for one, ink in zip(found, _INKS, strict=True):
        _alone(panels[2], one, ink)
    for _, across, up in theory:
        panels[2].plot(across, up, color="0.3", lw=1.0, ls=(0, (4, 2)), gid="theory")
    set_scales(panels[2], found[0])
    for letter, axes in zip("abc", panels, strict=True):
        axes.set_title(f"$\\bf{{{letter}}}$", loc="left")
        axes.set_xlabel(style.axis_label(found[0].plane.x.name))
    panels[0].set_ylabel(style.axis_label(found[0].plane.y.name))
    _legend(figure, found, bool(theory))
    style.note(figure, _note(found, bool(theory)))
    return figure


def _alone(axes: Axes, found: Found, ink: str) -> None:
    if found.boundary.exists:
        x, y, away = band_of(found)
        axes.contourf(x, y, away, levels=[0, found.boundary.band], colors=[to_rgba(ink, 0.25)])
    for piece in found.line():
        axes.plot(*piece.T, color=ink, lw=1.4, gid="boundary")


def _legend(figure: Figure, found: list[Found], theory: bool) -> None:
    handles: list[Line2D | Patch] = [
        Line2D(
            [], [], color=ink, lw=1.4, label=f"{name}{'' if one.boundary.lines else ': nowhere'}"
        )
        for name, one, ink in zip(_NAMES, found, _INKS, strict=True)
    ]
    handles.append(Patch(facecolor="none", edgecolor="0.35", hatch="///////", lw=0.5,
                         label=f"band, {100 * CONFIDENCE:g} %"))  # fmt: skip
    if theory:
        handles.append(Line2D([], [], color="0.3", ls=(0, (4, 2)), label="$l^* = 1$, derived here"))
    figure.legend(handles=handles, loc="outside upper center", ncols=4, columnspacing=1.2)


def _note(found: list[Found], theory: bool) -> str:
    told = "; ".join(
        f"{len(one.points)} points, {one.runs} runs, off by {one.boundary.offset:.3f} of the ranges"
        if one.boundary.exists
        else f"{len(one.points)} points, {one.runs} runs, no boundary"
        for one in found
    )
    said = f"a, b: white points are of the first generation. {told[0].upper()}{told[1:]}."
    if theory:
        said += " $l^*$ is of networks of infinite width without batch norm or dropout."
    return said
