"""Figures of the sensitivity of the last hidden feature against depth.

Drawn as the paper measured it, from a finite step; overlays are closed forms at large width.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.figures import style
from layeratlas.networks.scalings import table
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed import theory
from layeratlas.papers.feature_speed.figures import looks, notes
from layeratlas.papers.given import Cubes, References


@style.styled
def sensitivity_mlp(cubes: Cubes, references: References) -> Figure:
    """|δf_{L−1}|_rms/|δloss| of ReLU MLPs against depth under three scalings (Fig. 2a)."""
    cube = cubes["sensitivity_mlp"]
    width = fs.setting(cube, "model.width")
    shown = {name: looks.of_scaling(name) for name in looks.scalings(fs.axis(cube, "scaling"))}
    figure, _, told = _sensitivities(
        cube, "scaling", shown, lambda name, depth: table(name, depth, width, 1, 1).output.std
    )
    style.note(
        figure,
        f"ReLU MLPs of width {width}, one input on the unit sphere, square loss with target 1; "
        f"first and last matrix frozen, balanced rates, step {notes.finite_step(cube)}; {told}. "
        "The read-out acts on $f_{L-1}$ itself, as in the notebook. The published axis ends at 4.",
    )
    return figure


@style.styled
def sensitivity_resnet(cubes: Cubes, references: References) -> Figure:
    """|δf_{L−1}|_rms/|δloss| of ReLU ResNets against depth, two branch rules (Fig. 2b)."""
    cube = cubes["sensitivity_resnet"]
    width = fs.setting(cube, "model.width")
    shown = {rule: looks.of_rule(rule) for rule in looks.rules(fs.axis(cube, "branch_rule"))}
    figure, axes, told = _sensitivities(cube, "branch_rule", shown, lambda rule, depth: 1 / width)
    axes.set_ylim(top=max(2.5, axes.get_ylim()[1]))
    style.note(
        figure,
        f"ReLU ResNets of width {width}, read-out σ = 1/m, one input on the unit sphere, step "
        f"{notes.finite_step(cube)}; {told}. The published figure is flat too but lies about "
        "seven times higher (9.5 and 7.3): no stated hyper-parameters give that level; width 50 "
        "with the 2-norm would.",
    )
    return figure


def _sensitivities(
    cube: xr.DataTree,
    axis: str,
    shown: Mapping[str, looks.Look],
    output_std: Callable[[str, int], float],
) -> tuple[Figure, Axes, str]:
    """Two draws a depth as crosses, one colour a value of `axis`, with closed forms; what to tell.

    shown: looks of the values; output_std: (value, depth) → σ_L, which closed forms need.
    """
    S = fs.last_hidden(fs.quantity(cube, "feature_change_per_loss_change", "finite_step"))
    betas, width = fs.branch_scales(cube), fs.setting(cube, "model.width")
    depths = fs.axis(cube, "depth")
    figure = style.new_figure(style.COLUMN, 2.8)
    axes = figure.subplots()
    for name, look in shown.items():
        _crosses(axes, S.sel({axis: name}), look)
        curve = [
            theory.sensitivity(
                fs.cos_theory(float(betas.sel({axis: name, "depth": depth})), depth - 2)[-1],
                width,
                output_std(name, depth),
            )
            for depth in depths
        ]
        axes.plot(depths, curve, **looks.THEORY, gid=f"theory:{name}")
    axes.plot([], [], **looks.THEORY, label="large width")
    axes.set_xlabel("depth $L$")
    # Room for the marks of the least and the largest depth.
    room = 0.03 * (depths[-1] - depths[0])
    axes.set_xlim(depths[0] - room, depths[-1] + room)
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    axes.set_ylabel(r"sensitivity $\Vert\delta f_{L-1}\Vert_{\rm rms}/|\delta\,{\rm loss}|$")
    style.open_frame(axes)
    figure.legend(loc="outside upper center", ncols=len(shown) + 1)
    n = S.sizes["seed"]
    told = f"crosses: {notes.count(min(2, n), 'draw')} a depth, as in the paper"
    return figure, axes, told if n <= 2 else f"{told}; bands: least to largest of all draws"


def _crosses(axes: Axes, S: xr.DataArray, look: looks.Look) -> None:
    colour = look.colour
    shown = S.isel(seed=slice(0, 2)).transpose("depth", "seed")
    axes.plot(shown["depth"], shown.values, color=colour, ls="", marker="+", ms=4, mew=0.9)
    axes.plot([], [], color=colour, ls="", marker="+", ms=5, label=look.label)
    if S.sizes["seed"] > 2:
        low, high = S.min("seed"), S.max("seed")
        axes.fill_between(S["depth"], low, high, color=colour, alpha=0.2, lw=0)
