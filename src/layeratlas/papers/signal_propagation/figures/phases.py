"""Figure of the three phases of initial weights."""

from __future__ import annotations

from typing import Any

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.figures import palette, style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.phases import AXIS, Phase, phases
from layeratlas.papers.signal_propagation.profiles import INIT, MARK, came, profile

_FORWARD, _BACKWARD = palette.BLUE, palette.VERMILLION
_INIT, _TRAINED = "0.55", palette.BLUE


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
    for letter, axes in zip("abcdefghijkl", grid.ravel(), strict=False):
        axes.spines[["top", "right"]].set_visible(False)
        axes.text(-0.02, 1.03, letter, transform=axes.transAxes, fontweight="bold", ha="right")
    told: dict[str, Any] = {}
    for axes in grid.ravel():
        told |= dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    figure.legend(told.values(), told, loc="outside upper center", ncols=6)
    style.note(
        figure,
        f"tanh networks of {every[0].layers} layers. Runs and curves are no part of the paper: "
        "chosen and derived here. Lines of infinite width let the variance of pre-activations "
        "settle from the inputs'. Of runs that do not come to the mark the initialisation alone is "
        "shown.",
    )
    return figure


def _records(cube: xr.DataTree) -> list[str]:
    labels = [str(label) for label in cube["/"].to_dataset()["label"].values]
    return [label for label in (INIT, MARK) if label in labels]


def _balance(axes: Axes, phase: Phase) -> None:
    layers = phase.forward["layer"].values
    dots: dict[str, Any] = {"ls": "", "marker": "o", "ms": 2.2, "mfc": "none", "mew": 0.6}
    axes.plot(layers, phase.told.loss, color=_FORWARD, label="infinite width")
    axes.plot(layers, phase.told.backward, color=_BACKWARD)
    axes.plot(layers, 1 - phase.forward.mean("seed"), color=_FORWARD, label=r"$1-\mathrm{fc}_l$",
              **dots)  # fmt: skip
    axes.plot(layers, phase.backward.mean("seed"), color=_BACKWARD, label=r"$\mathrm{bc}_l$",
              **dots)  # fmt: skip
    axes.axvline(phase.empirical.mean(), color="0.4", lw=0.8, ls=":", label=r"$l^*$ of networks")
    axes.set_title(
        rf"{phase.name}, $\sigma_w={phase.weight_std:.3f}$"
        "\n"
        rf"$l^*={phase.empirical.mean():.1f}$, infinite width {phase.mean_field:.1f}"
    )


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
        colour = _INIT if record == INIT else _TRAINED
        axes.plot(here["layer"], here.mean("seed"), color=colour, marker="o", ms=2,
                  label="initialisation" if record == INIT else "trained")  # fmt: skip
    axes.set_xlabel("layer $l$")
    if last != INIT:
        axes.set_title(f"{reached} of {there.size} came to the mark", fontsize=6.5)
    axes.axvline(phase.empirical.mean(), color="0.4", lw=0.8, ls=":")
