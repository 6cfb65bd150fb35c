"""Figures of backward–feature angles: by layer, by depth, by branch scale.

One gradient step on one input at random initialisation. Angles are drawn as the paper measured
them, from a finite step; overlays are the closed forms at large width of
`layeratlas.papers.feature_speed.theory`, which the paper does not have.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.figures import style
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed import theory
from layeratlas.papers.feature_speed.figures import looks, notes
from layeratlas.papers.given import Cubes, References


@style.styled
def bfa_layer(cubes: Cubes, references: References) -> Figure:
    """Angle θ_v (rad) against layer v, one dashed line a draw, one colour a branch rule (Fig. 1a).

    Dotted: closed form at large width.
    """
    cube = cubes["bfa_layer"]
    betas, depth = fs.branch_scales(cube), int(fs.depths(cube).max())
    # The one output of a network moves along its gradient: no angle to show at v = L.
    angle = fs.quantity(cube, "backward_feature_angle", "finite_step").sel(
        layer=slice(0, depth - 1)
    )
    figure = style.new_figure(style.COLUMN, 2.9)
    axes = figure.subplots()
    for rule in looks.rules(fs.axis(cube, "branch_rule")):
        label, colour = looks.of_rule(rule)
        draws = angle.sel(branch_rule=rule).transpose("layer", "seed")
        axes.plot(draws["layer"], draws.values, color=colour, lw=0.7, ls="--", gid=f"draws:{rule}")
        layers = np.arange(2, depth)
        cos = fs.cos_theory(float(betas.sel(branch_rule=rule)), depth - 2)
        axes.plot(layers, np.arccos(np.minimum(cos, 1)), **looks.THEORY, gid=f"theory:{rule}")
        axes.plot([], [], color=colour, ls="--", label=label)
    _angle_axis(axes)
    axes.set_xlabel("layer $v$")
    axes.set_xlim(0, depth)
    axes.plot([], [], **looks.THEORY, label="large width")
    handles, labels = axes.get_legend_handles_labels()
    # As in the paper, the largest branch scale first.
    order = [*range(len(handles) - 2, -1, -1), len(handles) - 1]
    figure.legend(
        [handles[i] for i in order], [labels[i] for i in order], loc="outside upper center", ncols=3
    )
    width, n = fs.setting(cube, "model.width"), angle.sizes["seed"]
    style.note(
        figure,
        f"ReLU network of depth $L$ = {depth}, width {width}, one input; first and last matrix "
        f"frozen, balanced rates, step {notes.finite_step(cube)}. n = {n} draws of weights, "
        f"each a line.",
    )
    return figure


@style.styled
def bfa_depth(cubes: Cubes, references: References) -> Figure:
    """Angle of the last hidden feature against depth L, one dot a network (Fig. 1b)."""
    cube = cubes["bfa_depth"]
    angle = fs.last_hidden(fs.quantity(cube, "backward_feature_angle", "finite_step"))
    betas = fs.branch_scales(cube)
    figure = style.new_figure(style.COLUMN, 2.9)
    axes = figure.subplots()
    depths = fs.axis(cube, "depth")
    rules = looks.rules(fs.axis(cube, "branch_rule"))
    for rule in rules:
        label, colour = looks.of_rule(rule)
        dots = angle.sel(branch_rule=rule).transpose("depth", "seed").values
        axes.plot(depths, dots, color=colour, ls="", marker=".", ms=2.5, gid=f"dots:{rule}")
        axes.plot([], [], color=colour, ls="", marker=".", ms=6, label=label)
        curve = [
            fs.cos_theory(float(betas.sel(branch_rule=rule, depth=depth)), depth - 2)[-1]
            for depth in depths
        ]
        axes.plot(depths, np.arccos(np.minimum(curve, 1)), **looks.THEORY, gid=f"theory:{rule}")
    axes.plot([], [], **looks.THEORY, label="large width")
    _angle_axis(axes, r"backward–feature angle $\theta_{L-1}$")
    axes.set_xlabel("depth $L$")
    axes.set_xlim(0, depths[-1])
    figure.legend(loc="outside upper center", ncols=3)
    draws = angle.sizes["seed"]
    style.note(
        figure,
        f"Last hidden feature of ReLU networks of width {fs.setting(cube, 'model.width')}, one "
        f"input, step {notes.finite_step(cube)}; {notes.count(draws, 'draw')} a depth and rule, "
        f"independent between depths. The series called 1 has β = {looks.mlp_rule(rules)}.",
    )
    return figure


@style.styled
def bfa_branch_scale(cubes: Cubes, references: References) -> Figure:
    """Angle of the last hidden feature against c = √L β for several depths (Fig. 1c)."""
    cube = cubes["bfa_branch_scale"]
    angle = fs.last_hidden(fs.quantity(cube, "backward_feature_angle", "finite_step"))
    figure = style.new_figure(style.COLUMN, 2.9)
    axes = figure.subplots()
    colours = dict(zip(fs.axis(cube, "depth")[::-1], looks.COLOURS, strict=False))
    for depth, colour in colours.items():
        mean = angle.sel(depth=depth).mean("seed")
        spread = angle.sel(depth=depth).std("seed", ddof=1).values
        c = np.sqrt(depth) * mean["branch_scale"].values
        # Shorter curves start to the right of the longest: the paper drops their first 3 and 5.
        start = np.sqrt(max(colours)) * mean["branch_scale"].values.min()
        shown = c > 1.05 * start if depth < max(colours) else c > 0
        axes.plot(c[shown], mean.values[shown], color=colour, lw=2, label=f"$L$ = {depth}",
                  gid=f"mean:{depth}")  # fmt: skip
        low, high = mean.values - spread, mean.values + spread
        axes.fill_between(c[shown], low[shown], high[shown], color=colour, alpha=0.25, lw=0)
    c = np.geomspace(0.02, min(8.0, axes.get_xlim()[1]), 60)
    limit = [np.arccos(min(theory.cos_relu_resnet_limit(float(value)), 1.0)) for value in c]
    axes.plot(c, limit, **looks.THEORY, label=r"$L\to\infty$")
    axes.axvline(1, color="0.4", ls=":", lw=1.0, zorder=0)
    axes.annotate(
        r"$\beta=1/\sqrt{L}$", (1, 0.06), xytext=(3, 0), textcoords="offset points", fontsize=6.5
    )
    axes.set_xscale("log")
    _angle_axis(axes, r"backward–feature angle $\theta_{L-1}$")
    axes.set_xlabel(r"normalised branch scale $c=\sqrt{L}\,\beta$")
    axes.legend(loc="upper left")
    style.note(
        figure,
        f"ReLU ResNets of width {fs.setting(cube, 'model.width')}, one input, step "
        f"{notes.finite_step(cube)}; mean (lines) ± standard deviation (bands) of n = "
        f"{angle.sizes['seed']} draws. Width: the paper's caption says 200, its notebook 500.",
    )
    return figure


@style.styled
def bfa_large_c(cubes: Cubes, references: References) -> Figure:
    """cos θ of the last hidden feature against large c, log–log, with both guides of the paper."""
    cube = cubes["bfa_branch_scale"]
    cos = fs.last_hidden(fs.quantity(cube, "cos_backward_feature_angle"))
    figure = style.new_figure(style.COLUMN, 2.7)
    axes = figure.subplots()
    told = []
    for depth, colour in zip(fs.axis(cube, "depth")[::-1], looks.COLOURS, strict=False):
        mean = cos.sel(depth=depth).mean("seed")
        spread = cos.sel(depth=depth).std("seed", ddof=1)
        c = np.sqrt(depth) * mean["branch_scale"].values
        part = (c >= fs.LARGE_C[0]) & (c <= fs.LARGE_C[1])
        if part.sum() < 2:
            continue
        axes.errorbar(c[part], mean.values[part], spread.values[part], color=colour, marker="o",
                      ms=3, lw=0.9, capsize=1.5, label=f"$L$ = {depth}")  # fmt: skip
        slope = f"{fs.large_c_slope(cos, depth):.2f}".replace("-", "\N{MINUS SIGN}")
        told.append(f"{slope} at $L$ = {depth}")
    c = np.geomspace(*fs.LARGE_C, 40)
    axes.plot(c, 2 * 0.469 / c, color="0.3", ls="--", lw=0.9, label="$1/c$")
    axes.plot(c, 0.469 * (c / 2) ** -0.5, color="0.3", ls=":", lw=0.9, label="$c^{-1/2}$")
    axes.set(xscale="log", yscale="log", xlabel=r"normalised branch scale $c=\sqrt{L}\,\beta$")
    axes.set_ylabel(r"$\cos\,\theta_{L-1}$")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xticks([2, 5, 10, 20])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_yticks([0.05, 0.1, 0.2, 0.5])
    axes.minorticks_off()
    axes.legend(loc="lower left", ncols=2)
    style.note(
        figure,
        f"Exact velocities; mean ± standard deviation of n = {cos.sizes['seed']} draws. Guides "
        "start at the closed form at c = 2. The text says c$^{-1/2}$, Prop. 5.1 and the notebook "
        f"1/c; fitted log–log slopes: {', '.join(told) or 'too few points'}.",
    )
    return figure


def _angle_axis(axes: Axes, label: str = r"backward–feature angle $\theta_v$") -> None:
    axes.set_ylim(0, np.pi / 2)
    axes.set_yticks([0, np.pi / 4, np.pi / 2], ["0", r"$\pi/4$", r"$\pi/2$"])
    axes.set_ylabel(label)
    axes.spines[["top", "right"]].set_visible(False)
