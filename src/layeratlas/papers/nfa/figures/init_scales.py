"""What the scale of initial weights does under gradient descent and under speed limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import palette, style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa import chain, curves
from layeratlas.papers.nfa.figures import looks

_SHOWN = ("uc_nfc", "c_nfc", "ratio_c_uc", "train_loss")
#: The scale whose matrices are shown, where there is one.
SCALE = 1.0


@style.styled
def nfa_fig04(cubes: Cubes, references: References) -> Figure:
    """UC-NFC and C-NFC of layer 0, ratio of numerators, training loss against the step (A, B).

    A: gradient descent, B: Speed Limited Optimization; a line a scale of initial weights. C, D:
    WᵀW and WᵀKW of layer 0 of either at s = 1. Source: arXiv 2402.05271, Fig. 4; specification §4.
    """
    gd, slo = cubes[chain.GD], cubes[chain.SLO]
    figure = style.new_figure(style.PAGE, 5.4)
    grid = figure.subplots(3, 4)
    scales = chain.scales(gd)
    colours = looks.scale_colours(scales)
    for row, letter, cube in zip(grid, "AB", (gd, slo), strict=False):
        _along(row, cube, _SHOWN, 0, colours)
        looks.panel_title(row[0], letter, "GD" if letter == "A" else "SLO")
    for column in range(4):
        low, high = zip(*(axes.get_ylim() for axes in grid[:2, column]), strict=True)
        right = max(axes.dataLim.x1 for axes in grid[:2, column])
        for axes in grid[:2, column]:
            axes.set_ylim(min(low), max(high))
            axes.set_xlim(0, 1.3 * right if np.isfinite(right) and right > 0 else 1)
    scale = min(scales, key=lambda s: abs(np.log(s / SCALE)))
    image = None
    for at, (letter, name) in enumerate((("C", chain.GD_MATRICES), ("D", chain.SLO_MATRICES))):
        for step, variable in enumerate(("nfm", "agop")):
            axes = grid[2, 2 * at + step]
            found = chain.matrices(cubes[name], variable).sel(init_gain=scale)
            image = looks.matrix(axes, found.isel(seed=0).values, f"{letter},{variable}")
            kind = "GD" if at == 0 else "SLO"
            looks.panel_title(axes, letter, f"{kind}, {variable.upper()}, s\u00a0=\u00a0{scale:g}")
            axes.set_xlabel("coordinate", labelpad=1)
    grid[2, 0].set_ylabel("coordinate", labelpad=-2)
    looks.matrix_bar(figure, image, grid[2, :], 14)
    _key(figure, colours)
    style.note(figure, _note(gd, slo))
    return figure


@style.styled
def nfa_fig16(cubes: Cubes, references: References) -> Figure:
    """UC-NFC and C-NFC of layers 0 and 1 at the end, over the scale s of initial weights, GD.

    Dashed: ρ(F″, G″) at initialisation, where C-NFC of small steps begins. Reconstruction.
    """
    gd = cubes[chain.GD]
    scales = chain.scales(gd)
    figure = style.new_figure(style.PAGE * 0.72, 2.6)
    for layer, axes in enumerate(figure.subplots(1, 2, sharey=True)):
        for name in ("uc_nfc", "c_nfc"):
            ends = curves.at(curves.curve(gd, name), "final").sel(layer=layer, init_gain=scales)
            looks.points(axes, scales, ends.transpose("init_gain", "seed").values,
                         looks.COLOURS[name], name)  # fmt: skip
        begins = curves.at(curves.curve(gd, "derivative_nfc"), "init")
        begins = begins.sel(layer=layer, init_gain=scales).transpose("seed", "init_gain")
        looks.band(axes, np.array(scales), begins, "0.25", "derivative", ls=(0, (4, 2)), lw=0.9)
        axes.set_xscale("log", base=2)
        axes.set_xticks(scales, [f"{s:g}" for s in scales])
        axes.minorticks_off()
        looks.correlation_axis(axes)
        style.open_frame(axes)
        looks.panel_title(axes, "ab"[layer], f"layer {layer}")
        axes.set_xlabel("scale of initial weights s")
    figure.axes[0].set_ylabel("correlation at the end")
    handles = [
        *(Line2D([], [], color=looks.COLOURS[n], marker="o", ms=3, label=looks.WORDS[n])
          for n in ("uc_nfc", "c_nfc")),
        Line2D([], [], color="0.25", ls=(0, (4, 2)), lw=0.9, label=r"$\rho(F'',G'')$ at start"),
    ]  # fmt: skip
    # Above: where points lie in the panels differs from preset to preset.
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    style.note(
        figure,
        "Reconstruction: the caption of the paper's Fig. 16 was not available. Gradient descent on "
        f"chain monomials; {looks.over_seeds(gd)} (bars, band). Dashed: what C-NFC of small steps "
        "begins with, from second derivatives at initialisation (derived here).",
    )
    return figure


@style.styled
def nfa_fig17(cubes: Cubes, references: References) -> Figure:
    """UC-NFC, C-NFC and ratio of layer 1 against the step, GD and SLO of it. Reconstruction."""
    gd, slo = cubes[chain.GD], cubes[chain.MIDDLE]
    (scale,) = chain.scales(slo)
    figure = style.new_figure(style.PAGE, 2.3)
    styles = {"GD": ("0.35", gd), "SLO on layer 1": (palette.VERMILLION, slo)}
    for letter, axes, name in zip("abc", figure.subplots(1, 3), _SHOWN[:3], strict=True):
        for told, (colour, cube) in styles.items():
            steps = curves.steps(cube).sel(init_gain=scale)
            values = curves.curve(cube, name).sel(init_gain=scale, layer=1)
            looks.line(axes, steps, values, colour, f"{told},{name}")
        looks.step_axis(axes)
        style.open_frame(axes)
        looks.correlation_axis(axes)
        if name == "ratio_c_uc":
            axes.set_ylim(-0.02, max(1.05, axes.dataLim.y1 * 1.05))
        looks.panel_title(axes, letter, f"{looks.WORDS[name]}")
        axes.set_ylabel("ratio of numerators" if name == "ratio_c_uc" else "correlation")
    handles = [Line2D([], [], color=c, label=told) for told, (c, _) in styles.items()]
    figure.axes[1].legend(handles=handles, loc="lower left")
    style.note(
        figure,
        "Reconstruction: the caption of the paper's Fig. 17 was not available. Layer 1 of networks "
        f"on chain monomials, s = {scale:g}; under SLO that layer moves at 500, the others at "
        "0.002 times the step (the paper's constants, for layer 0; here for layer 1). Lines: "
        f"{looks.over_seeds(gd, slo)} (bands); dots: ends of runs.",
    )
    return figure


def _along(
    row: Sequence[Axes],
    cube: xr.DataTree,
    shown: Sequence[str],
    layer: int,
    colours: Mapping[float, Any],
) -> None:
    steps = curves.steps(cube)
    for axes, name in zip(row, shown, strict=True):
        loss = name == "train_loss"
        found = curves.evaluated(cube, name) if loss else curves.curve(cube, name).sel(layer=layer)
        for scale in chain.scales(cube):
            at = {"init_gain": scale}
            looks.line(axes, steps.sel(at), found.sel(at), colours[scale], f"{name},{scale:g}")
        looks.step_axis(axes)
        style.open_frame(axes)
        if loss:
            # Of runs that were all lost there is nothing to scale by.
            looks.loss_axis(axes)
            axes.set(**({} if np.isfinite(found).any() else {"ylim": (0.01, 10)}))
        else:
            looks.correlation_axis(axes)
            if name == "ratio_c_uc":
                axes.set_ylim(-0.02, max(1.05, axes.dataLim.y1 * 1.05))
        axes.set_ylabel(looks.WORDS[name] + ("" if loss else ", layer 0"))


def _key(figure: Figure, colours: Mapping[float, Any]) -> None:
    handles = [Line2D([], [], color=c, label=f"s = {s:g}") for s, c in colours.items()]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))


def _note(gd: xr.DataTree, slo: xr.DataTree) -> str:
    return (
        "Layer 0 of three-matrix ReLU networks on chain monomials; s: gain of the hidden matrices "
        "(what the paper calls initialisation scale is not known; sizes, rates and the rule of "
        "SLO, constant speed, chosen here). SLO: the paper's constants 500, 0.002, 0.002. Lines: "
        f"{looks.over_seeds(gd, slo)} (bands) at common records; dots: ends of single runs, at "
        "their own steps. Ratio C / UC: of the numerators of both correlations. C, D: first "
        "seed, each matrix over its largest magnitude."
    )
