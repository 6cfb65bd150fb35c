"""How much of what training changed in K carries the centred correlation."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa import chain, curves
from layeratlas.papers.nfa.figures import looks

#: Scales that are shown, where the cube has them.
SCALES = (0.25, 1.0)


@style.styled
def nfa_fig05(cubes: Cubes, references: References) -> Figure:
    """Double-centred over centred numerator against the step, a panel a hidden layer, GD.

    tr(DᵀD Dᵀ(K − K₀)D)/tr(DᵀD DᵀKD), D = W − W₀. No units. Source: arXiv 2402.05271, Fig. 5.
    """
    gd = cubes[chain.GD]
    scales = scales_shown(gd)
    # As in the figure of all scales.
    every = looks.scale_colours(chain.scales(gd))
    colours = {scale: every[scale] for scale in scales}
    figure = style.new_figure(style.PAGE * 0.78, 2.3)
    for layer, axes in enumerate(figure.subplots(1, 2, sharey=True)):
        found = curves.curve(gd, "ratio_dc_c").sel(layer=layer)
        for scale in scales:
            at = {"init_gain": scale}
            told = f"ratio_dc_c,{layer},{scale:g}"
            looks.line(axes, curves.steps(gd).sel(at), found.sel(at), colours[scale], told)
        axes.axhline(0, color="0.5", lw=0.6, zorder=0)
        axes.axhline(1, color="0.5", lw=0.6, ls=(0, (1, 1.2)), zorder=0)
        looks.step_axis(axes)
        style.open_frame(axes)
        looks.panel_title(axes, "ab"[layer], f"layer {layer}")
    figure.axes[0].set_ylabel(looks.WORDS["ratio_dc_c"])
    handles = [Line2D([], [], color=colour, label=f"s = {s:g}") for s, colour in colours.items()]
    figure.axes[0].legend(handles=handles, loc="upper left")
    style.note(
        figure,
        "How much of the centred correlation's numerator is due to what training changed in K: 0 "
        "as training begins, as derived here, with a small dip below it. Gradient descent on chain "
        "monomials (the paper's activation is ReLU; its data set is not named). Lines: "
        f"{looks.over_seeds(gd)} (bands); dots: ends of runs; grey: 0 and 1.",
    )
    return figure


def scales_shown(cube) -> list[float]:
    """Those of `SCALES` that the cube has, or all."""
    known = chain.scales(cube)
    return [s for s in known if s in SCALES] or known
