"""Correlations of every layer under hyper-parameter scalings, at an equal running loss."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import palette, style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa.figures import looks
from layeratlas.papers.nfa.scaled import EXPERIMENT, Scaled, scaled

_COLOURS = {
    "kaiming": palette.VERMILLION,
    "ntk": palette.BLUE,
    "mf_mup": palette.ORANGE,
    "fsc": palette.GREEN,
}
_PANELS = {
    "uc": "UC-NFC",
    "c": "C-NFC",
    "moved": looks.WORDS["dw_rel"],
}


@style.styled
def nfc_under_scalings(cubes: Cubes, references: References) -> Figure:
    """UC-NFC, C-NFC and movement against the layer where the running loss came below the mark.

    Means over seeds ± standard deviation, a colour a scaling. a, dotted: before training, where
    all begin alike. b, dotted: what is expected of C-NFC with K's eigenvectors at random. No units.
    Beyond arXiv 2402.05271; scalings: arXiv 2311.18718.
    """
    cube = cubes[EXPERIMENT]
    found = scaled(cube)
    figure = style.new_figure(style.PAGE, 2.6)
    row = figure.subplots(1, 3)
    for letter, axes, (name, words) in zip("abc", row, _PANELS.items(), strict=True):
        for k, one in enumerate(found):
            _curve(axes, one, name, 2.4 * 0.65**k)
        looks.panel_title(axes, letter, words)
        axes.set_xlabel(style.axis_label("layer"))
        axes.set_xticks(found[0].uc["layer"].values)
        style.open_frame(axes)
        axes.set_ylabel("relative change" if name == "moved" else "correlation")
        if name != "moved":
            looks.correlation_axis(axes)
    row[2].set_ylim(bottom=0)
    handles = [
        Line2D([], [], color=_colour(one), label=f"{one.title}, η = {one.rate:g}") for one in found
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    missed = [one.title for one in found if not one.marked]
    told = f" Left out, for runs missed that loss: {', '.join(missed)}." if missed else ""
    style.note(
        figure,
        "Beyond the paper: networks of alignment_under_scalings, where the running loss came below "
        f"0.1, {looks.over_seeds(cube)} (bands); the master step η means another thing under each "
        "scaling. Dotted in a: before training; in b: C-NFC with K's eigenvectors at random, which "
        "spectra alone give. Of equal curves the ones below show as wider lines." + told,
    )
    return figure


def _curve(axes: Axes, one: Scaled, name: str, width: float) -> None:
    colour = _colour(one)
    values = getattr(one, name)
    looks.band(axes, values["layer"].values.astype(float), values, colour, f"{name}:{one.name}",
               marker="o", ms=1 + width, lw=width)  # fmt: skip
    dotted = {"uc": one.start, "c": one.turned}.get(name)
    if dotted is not None:
        axes.plot(
            dotted["layer"], dotted.mean("seed", skipna=False), color=colour, lw=width,
            ls=(0, (1, 1.2)), gid=f"{name}:{one.name},dotted",
        )  # fmt: skip


def _colour(one: Scaled) -> str:
    return _COLOURS.get(one.name, "0.4")
