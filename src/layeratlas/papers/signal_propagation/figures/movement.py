"""How far the parameters of each layer have moved."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import style, widths
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.depths import series
from layeratlas.papers.signal_propagation.figures import looks


@style.styled
def movement(cubes: Cubes, references: References) -> Figure:
    """‖θ_l(T)‖² / ‖θ_l(0)‖² of layer l at the mark, a panel a data set, a colour a depth.

    Weights and biases of a layer together; no unit. Means over seeds, shaded ± their standard
    deviation. Source: released scripts of arXiv 2110.11749; specification §2.7, §5 (F12).
    """
    found = series(cubes, variable="parameter_movement")
    figure = style.new_figure(style.PAGE, 2.6)
    row = figure.subplots(1, len(found), squeeze=False, sharey=True)[0]
    depths = sorted({n.layers for one in found for n in one.networks})
    colours = dict(zip(depths, style.graded(max(len(depths), 1)), strict=False))
    for axes, one in zip(row, found, strict=True):
        for network in one.networks:
            looks.curve(
                axes, network.profiles, colours[network.layers], "-",
                f"{one.experiment},{network.layers}",
            )  # fmt: skip
        axes.axhline(1.0, color="0.6", lw=0.6, ls=(0, (1, 2)), gid="guide")
        if not one.networks:
            axes.text(0.5, 0.6, "no run came\nto the mark", ha="center", transform=axes.transAxes)
        axes.set_title(one.task)
        axes.set_xlabel(style.axis_label("layer"))
        looks.layer_axis(axes, max(depths, default=1))
        style.open_frame(axes)
    widths.keep_whole(row[0])
    row[0].set_ylabel(r"$\|\theta_l(T)\|^2\,/\,\|\theta_l(0)\|^2$")
    handles = [Line2D([], [], color=colours[d], label=f"$L={d}$") for d in depths]
    if handles:
        figure.legend(handles=handles, loc="outside upper center", ncols=min(10, len(handles)))
    style.note(
        figure,
        "At the running loss 0.1; bands: sd over seeds. A diagnostic that the released scripts "
        "log; weight decay shrinks what is not trained. Dotted: no change.",
    )
    return figure
