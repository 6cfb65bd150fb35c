"""The alignment hierarchy: which layers are aligned with the labels, before and after training."""

from __future__ import annotations

import math

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation import panels
from layeratlas.papers.signal_propagation.figures import looks
from layeratlas.papers.signal_propagation.networks import Network
from layeratlas.papers.signal_propagation.profiles import MARK

_DASHES = {"train": "-", "test": (0, (3, 1.5))}


@style.styled
def alignment_hierarchy(cubes: Cubes, references: References) -> Figure:
    """A_l against layer l, a panel a network, before training, at the mark and at the end.

    A_l = yᵀK_lᶜy / (‖K_lᶜ‖_F ‖y‖²), no unit, on class-balanced subsets of training (solid) and test
    images (dashed); means over seeds, shaded ± their standard deviation. Thin: mean of A_l under
    permuted labels at the mark; upright: the crossing of the infinitely wide network; short bar:
    the bound of the read-out. Source: arXiv 2110.11749, abstract; specification §2.3, §3.4, §5.
    """
    shown = panels.shown(cubes)
    columns = 2 if len(shown) in (2, 4) else 3
    rows = math.ceil(len(shown) / columns)
    figure = style.new_figure(style.PAGE, 0.9 + 1.9 * rows)
    grid = figure.subplots(rows, columns, squeeze=False)
    used: set[str] = set()
    read = panels.Reading(cubes)
    for axes, panel in zip(grid.flat, shown, strict=False):
        used |= _panel(axes, cubes[panel.experiment], panel, read)
    for axes in list(grid.flat)[len(shown) :]:
        axes.set_axis_off()
    for axes in grid[:, 0]:
        axes.set_ylabel("alignment $A_l$")
    _legend(figure, used)
    style.note(
        figure,
        "Kernels of class-balanced subsets, centred, all outputs; bands: sd over seeds. Whether a "
        "profile rises and falls is decided by a rule chosen here (means over seeds, each seed "
        "against the peak of the others; fewer than three seeds: undecided). Thin: mean under "
        "permuted labels. Upright: where forward and backward information cross in the infinitely "
        "wide network of the same inputs, derived here. Bar at the read-out: its bound "
        r"$1/\sqrt{C(C-1)}$, derived here: part of the descent is structural.",
    )
    return figure


def _panel(axes: Axes, cube: xr.DataTree, panel: panels.Panel, read: panels.Reading) -> set[str]:
    used: set[str] = set()
    for record in panels.records(cube):
        colour, _ = looks.RECORDS[record]
        for view, dashes in _DASHES.items():
            found = read.network(panel, "alignment", view, record)
            if found.shape.seeds:
                looks.curve(axes, found.profiles, colour, dashes, f"{record},{view}")
                used.add(record)
    main = panels.main_record(cube, panel)
    null = read.network(panel, "alignment_null", record=main)
    if null.shape.seeds:
        mean = null.profiles.mean("seed")
        axes.plot(mean["layer"], mean, color=looks.RECORDS[main][0], lw=0.6, gid="null")
    trained = read.network(panel, record=main)
    _theory(axes, trained)
    axes.set_title(f"{panel.title}\n{_verdict(trained, main)}", fontsize=7)
    looks.layer_axis(axes, trained.layers)
    axes.set_ylim(bottom=0)
    style.open_frame(axes)
    axes.set_xlabel(style.axis_label("layer"))
    return used


def _theory(axes: Axes, network: Network) -> None:
    if math.isfinite(network.mean_field):
        axes.axvline(network.mean_field, gid="mean_field", **looks.EQUILIBRIUM)
    bound, L = panels.BOUND, network.layers
    axes.plot([L - 0.045 * L, L + 0.03 * L], [bound, bound], color="0.1", lw=1.2, gid="bound")


def _verdict(network: Network, record: str) -> str:
    if not network.shape.seeds:
        return "no run came to the mark"
    presence = network.shape.presence
    peaked = ", single-peaked" if network.shape.single_peaked else ""
    end = "" if record == MARK else "mark not reached, at the end:\n"
    return f"{end}ascent-descent {presence}{peaked}"


def _legend(figure: Figure, used: set[str]) -> None:
    handles = [
        Line2D([], [], color=colour, label=label)
        for record, (colour, label) in looks.RECORDS.items()
        if record in used
    ]
    handles += [
        Line2D([], [], color="0.3", ls=dashes, label=looks.IMAGES[view])
        for view, dashes in _DASHES.items()
    ]
    handles += [
        Line2D([], [], color=looks.RECORDS["mark_0.1"][0], lw=0.6, label="permuted labels"),
        Line2D([], [], label="crossing, infinite width", **looks.EQUILIBRIUM),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=4, handlelength=2.2)
