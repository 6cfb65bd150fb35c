"""Figure of the three phases of initial weights."""

from __future__ import annotations

from typing import Any

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.figures import palette, style, widths
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.figures import along, looks
from layeratlas.papers.signal_propagation.phases import AXIS, Phase, phases
from layeratlas.papers.signal_propagation.profiles import INIT, MARK, came, profile

_FORWARD, _BACKWARD = palette.of("forward"), palette.of("backward")


@style.styled
def phase_comparison(cubes: Cubes, references: References) -> Figure:
    """Columns: σ_w. Above: 1 − fc and bc before training with their crossing; below: alignment."""
    cube = cubes["phase_comparison"]
    every = phases(cube)
    figure = style.new_figure(style.PAGE, 4.0)
    grid = figure.subplots(2, len(every), sharex=True, sharey="row", squeeze=False)
    values = {record: profile(cube, "alignment", record=record) for record in _records(cube)}
    for (top, bottom), phase in zip(grid.T, every, strict=True):
        _balance(top, phase)
        _alignment(bottom, cube, phase, values)
    grid[0, 0].set_ylabel("information left")
    grid[1, 0].set_ylabel("alignment $A_l$")
    grid[0, 0].set_ylim(-0.03, 1.05)
    grid[0, 0].set_yticks([0, 0.5, 1])
    along.from_zero(grid[1, 0])
    looks.layer_axis(grid[0, 0], every[0].layers)
    widths.keep_whole(grid[0, 0])
    for letter, axes in zip("abcdefghijkl", grid.ravel(), strict=False):
        style.open_frame(axes)
        axes.text(-0.02, 1.03, letter, transform=axes.transAxes, fontweight="bold", ha="right")
    told: dict[str, Any] = {}
    for axes in grid.ravel():
        told |= dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    figure.legend(told.values(), told, loc="outside upper center", ncols=6)
    style.note(
        figure,
        f"tanh networks of {every[0].layers} layers. Runs and curves are no part of the paper: "
        "chosen and derived here. Lines of infinite width let the variance of pre-activations "
        "settle from the inputs'. Mark: running loss below 0.1; of runs that do not come there the "
        "initialisation alone is shown. Bands: sd over seeds, where there are several.",
    )
    return figure


def _records(cube: xr.DataTree) -> list[str]:
    labels = [str(label) for label in cube["/"].to_dataset()["label"].values]
    return [label for label in (INIT, MARK) if label in labels]


def _balance(axes: Axes, phase: Phase) -> None:
    layers = phase.forward["layer"].values
    dots: dict[str, Any] = {"ls": "", "marker": "o", "ms": 2.2, "mfc": "none", "mew": 0.6}
    axes.plot(layers, phase.told.loss, color=_FORWARD)
    axes.plot(layers, phase.told.backward, color=_BACKWARD)
    axes.plot([], [], color="0.3", label="infinite width")
    for runs, colour, label in (
        (1 - phase.forward, _FORWARD, r"$1-\mathrm{fc}_l$, networks"),
        (phase.backward, _BACKWARD, r"$\mathrm{bc}_l$, networks"),
    ):
        axes.plot(layers, runs.mean("seed"), color=colour, label=label, **dots)
        looks.band(axes, layers, runs.transpose("seed", ...).values, colour)
    _crossing(axes, phase, label=r"$l^*$ of networks")
    axes.set_title(
        rf"{phase.name}"
        "\n"
        rf"$\sigma_w={phase.weight_std:.3f}$"
        "\n"
        rf"$l^*={phase.empirical.mean():.1f}$, $l^*_{{mf}}={phase.mean_field:.1f}$",
        fontsize=7,
    )


def _crossing(axes: Axes, phase: Phase, label: str | None = None) -> None:
    look = {"color": looks.MEASURED_EQUILIBRIUM["color"], "lw": 0.8, "ls": ":"}
    axes.axvline(phase.empirical.mean(), label=label, **look)


def _alignment(
    axes: Axes, cube: xr.DataTree, phase: Phase, values: dict[str, xr.DataArray]
) -> None:
    last = list(values)[-1]
    there = came(cube, last).sel({AXIS: phase.weight_std})
    reached = int(there.sum())
    for record, array in values.items():
        here = array.sel({AXIS: phase.weight_std}).transpose("seed", "layer")
        if not here.notnull().any():
            continue
        colour, label = looks.RECORDS[record]
        looks.curve(axes, here, colour, "-", record, label=f"{label}")
    axes.set_xlabel("layer $l$")
    if last != INIT:
        axes.set_title(f"{reached} of {there.size} came to the mark", fontsize=6.5)
    _crossing(axes, phase)
