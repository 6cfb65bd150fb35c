"""Matrices of the first layer beside the target's own."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa import chain, curves
from layeratlas.papers.nfa.figures import looks

#: The scale of Fig. 1, where there is one.
SCALE = 0.25


@style.styled
def nfa_fig01(cubes: Cubes, references: References) -> Figure:
    """Four heat maps over input coordinates, each over its largest entry.

    EGOP E[∇y ∇yᵀ] of the target, WᵀW, WᵀKW and WᵀQW, Q of K's eigenvalues and Haar eigenvectors, of
    the first layer after training. No units. Source: arXiv 2402.05271, Fig. 1; specification §5.5.
    """
    cube = cubes[chain.GD_MATRICES]
    scale = scale_shown(cube)
    seed = int(cube["/"].to_dataset()["seed"].min())
    shown = {
        name: chain.matrices(cube, name).sel(init_gain=scale, seed=seed).values
        for name in ("nfm", "agop", "rotated_agop")
    }
    rho = {
        name: curves.at(curves.curve(cube, name), "final").sel(init_gain=scale, layer=0)
        for name in ("uc_nfc", "rotated_nfc", "rotated_nfc_sd")
    }
    figure = style.new_figure(style.PAGE, 2.5)
    panels = figure.subplots(1, 4)
    of_target = chain.egop_of(cube)
    drawn = (
        ("EGOP of the target", of_target),
        (r"NFM $W^\top W$", shown["nfm"]),
        (r"AGOP $W^\top K W$", shown["agop"]),
        (r"$W^\top Q W$", shown["rotated_agop"]),
    )
    below = (
        "",
        "",
        rf"$\rho$(NFM, AGOP) = {_mean(rho['uc_nfc'].values)}",
        rf"$\rho$(NFM, $W^\top QW$) = {_mean(rho['rotated_nfc'].values)}",
    )
    image = None
    for axes, letter, (title, values), told in zip(panels, "abcd", drawn, below, strict=True):
        image = looks.matrix(axes, values, title)
        looks.panel_title(axes, letter, title)
        axes.set_xlabel(told or "coordinate", labelpad=1, fontsize=6.5 if told else None)
    panels[0].set_ylabel("coordinate", labelpad=-4)
    looks.matrix_bar(figure, image, panels, 22)
    d, r = len(of_target), int((of_target.diagonal() > 0).sum())
    style.note(
        figure,
        f"Matrices of seed {seed}, each over its largest magnitude; ρ: mean and standard "
        "deviation over seeds, the paper's 0.93 and 0.53. Initialisation scale "
        f"s = {scale:g}, end of training, layer 0, {d} inputs of which the target reads {r} "
        "(sizes, rate and scale chosen here). Q has K's eigenvalues and eigenvectors at random: "
        "one draw is shown, ρ is the mean over 20 draws, whose standard deviation is "
        f"{_mean(rho['rotated_nfc_sd'].values)}.",
    )
    return figure


def scale_shown(cube) -> float:
    """The scale of Fig. 1 or the nearest that the cube has."""
    return min(chain.scales(cube), key=lambda scale: abs(np.log(scale / SCALE)))


def _mean(values: np.ndarray) -> str:
    known = values[np.isfinite(values)]
    if not known.size:
        return "unknown"
    spread = f"\u00a0±\u00a0{known.std(ddof=1):.3f}" if known.size > 1 else ""
    return f"{known.mean():.3f}{spread}"
