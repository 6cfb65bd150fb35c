"""Figures of backward–feature angles: by layer, by depth, by branch scale.

One gradient step on one input at random initialisation. Angles are drawn as the paper measured
them, from a finite step; overlays are the closed forms at large width of
`layeratlas.papers.feature_speed.theory`, which the paper does not have.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.figures import style
from layeratlas.figures.ticks import plain_log
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
        label, colour = looks.of_rule(rule)[:2]
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
    figure.legend(loc="outside upper center", ncols=3)
    width = fs.setting(cube, "model.width")
    style.note(
        figure,
        f"ReLU network of depth $L$ = {depth}, width {width}, one input; first and last matrix "
        f"frozen, balanced rates, step {notes.finite_step(cube)}; each draw of weights is a line.",
    )
    return figure


@style.styled
def bfa_depth(cubes: Cubes, references: References) -> Figure:
    """Angle of the last hidden feature against depth L, one dot a network (Fig. 1b).

    Hollow: mean and standard deviation of several draws of the MLP, at depths far below its width.
    """
    cube = cubes["bfa_depth"]
    angle = fs.last_hidden(fs.quantity(cube, "backward_feature_angle", "finite_step"))
    betas = fs.branch_scales(cube)
    figure = style.new_figure(style.COLUMN, 2.9)
    axes = figure.subplots()
    depths = fs.axis(cube, "depth")
    rules = looks.rules(fs.axis(cube, "branch_rule"))
    for rule in rules:
        label, colour = looks.of_rule(rule)[:2]
        dots = angle.sel(branch_rule=rule).transpose("depth", "seed").values
        axes.plot(depths, dots, color=colour, ls="", marker=".", ms=2.5, gid=f"dots:{rule}")
        axes.plot([], [], color=colour, ls="", marker=".", ms=6, label=label)
        curve = [
            fs.cos_theory(float(betas.sel(branch_rule=rule, depth=depth)), depth - 2)[-1]
            for depth in depths
        ]
        axes.plot(depths, np.arccos(np.minimum(curve, 1)), **looks.THEORY, gid=f"theory:{rule}")
    axes.plot([], [], **looks.THEORY, label="large width")
    several = cubes["bfa_depth_mlp"]
    angles = fs.last_hidden(fs.quantity(several, "backward_feature_angle", "finite_step"))
    angles = angles.isel(branch_rule=0)
    mean, spread = angles.mean("seed").values, angles.std("seed", ddof=1).values
    axes.errorbar(
        angles["depth"].values, mean, spread, ls="", marker="o", ms=3.5,
        mfc="white", mew=0.8, capsize=1.5, elinewidth=0.8, color=looks.of_rule("1").colour,
        label="MLP, wider", gid="several:1",
    )  # fmt: skip
    _angle_axis(axes, r"backward–feature angle $\theta_{L-1}$")
    axes.set_ylim(-0.03, np.pi / 2 + 0.03)
    axes.set_xlabel("depth $L$")
    axes.set_xlim(0, 1.02 * depths[-1])
    figure.legend(loc="outside upper center", ncols=3)
    style.note(
        figure,
        f"Last hidden feature of ReLU networks of width {fs.setting(cube, 'model.width')}, one "
        f"input, step {notes.finite_step(cube)}; a dot is a draw. The series called 1 has "
        f"β = {looks.mlp_rule(rules)}. Hollow: MLP of width {fs.setting(several, 'model.width')}, "
        "mean ± standard deviation. Closed forms are for depths far below the width.",
    )
    return figure


#: Layers at which the limit L → ∞ of a curve is drawn: within 1e-5 of it in cos θ.
_LIMIT_LAYERS = 1000


@style.styled
def bfa_branch_scale(cubes: Cubes, references: References) -> Figure:
    """Angle of the last hidden feature against c = √L β for several depths (Fig. 1c)."""
    cube = cubes["bfa_branch_scale"]
    angle = fs.last_hidden(fs.quantity(cube, "backward_feature_angle", "finite_step"))
    figure = style.new_figure(style.COLUMN, 2.9)
    axes = figure.subplots()
    shown_as = looks.of_depths(fs.axis(cube, "depth"))
    deepest = max(shown_as)
    for depth, look in shown_as.items():
        mean = angle.sel(depth=depth).mean("seed")
        spread = angle.sel(depth=depth).std("seed", ddof=1).values
        c = np.sqrt(depth) * mean["branch_scale"].values
        # Shorter curves start to the right of the longest: the paper drops their first 3 and 5.
        start = np.sqrt(deepest) * mean["branch_scale"].values.min()
        shown = c > 1.05 * start if depth < deepest else c > 0
        axes.plot(c[shown], mean.values[shown], color=look.colour, lw=look.width, label=look.label,
                  gid=f"mean:{depth}")  # fmt: skip
        low, high = mean.values - spread, mean.values + spread
        axes.fill_between(c[shown], low[shown], high[shown], color=look.colour, alpha=0.25, lw=0)
    c = np.geomspace(0.02, min(8.0, axes.get_xlim()[1]), 60)
    cosines = [theory.cos_relu_resnet_limit(float(value), _LIMIT_LAYERS) for value in c]
    limit = [np.arccos(min(cosine, 1.0)) for cosine in cosines]
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
        f"{notes.finite_step(cube)}; lines: mean of the draws, bands: ± standard deviation. Width: "
        "the paper's caption says 200, its notebook 500.",
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
    for depth, look in looks.of_depths(fs.axis(cube, "depth")).items():
        draws = cos.sel(depth=depth)
        mean, spread = draws.mean("seed"), draws.std("seed", ddof=1)
        c = np.sqrt(depth) * mean["branch_scale"].values
        part = (c >= fs.LARGE_C[0]) & (c <= fs.LARGE_C[1])
        if not part.any():
            continue
        # Two points are no curve to hold against a power law.
        enough = part.sum() > 2
        axes.errorbar(c[part], mean.values[part], spread.values[part], color=look.colour, ms=3,
                      marker="o", ls="-" if enough else "", lw=0.9, capsize=1.5,
                      label=look.label)  # fmt: skip
        if enough:
            told.append(f"{_slope(cos, int(depth))} at $L$ = {depth:g}")
    c = np.geomspace(*fs.LARGE_C, 40)
    axes.plot(c, 2 * 0.469 / c, color="0.3", ls="--", lw=0.9, label="$1/c$", gid="guide:-1")
    axes.plot(c, 0.469 * (c / 2) ** -0.5, color="0.3", ls=":", lw=0.9, label="$c^{-1/2}$",
              gid="guide:-1/2")  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel=r"normalised branch scale $c=\sqrt{L}\,\beta$")
    axes.set_ylabel(r"$\cos\,\theta_{L-1}$")
    plain_log(axes.xaxis)
    plain_log(axes.yaxis)
    style.open_frame(axes)
    figure.legend(loc="outside upper center", ncols=3)
    style.note(
        figure,
        "Exact velocities; mean ± standard deviation of the draws. Guides start at the closed "
        "form at c = 2. The text says c$^{-1/2}$, Prop. 5.1 and the notebook 1/c; fitted log–log "
        f"slopes: {', '.join(told) or 'none, fewer than three points a depth'}.",
    )
    return figure


def _slope(cos: xr.DataArray, depth: int) -> str:
    """Slope of the mean, ± the standard deviation of the draws' own slopes."""
    each = [fs.large_c_slope(cos.isel(seed=[k]), depth) for k in range(cos.sizes["seed"])]
    text = f"{fs.large_c_slope(cos, depth):.2f}"
    if len(each) > 1:
        text += f" ± {np.std(each, ddof=1):.2f}"
    return text.replace("-", "\N{MINUS SIGN}")


def _angle_axis(axes: Axes, label: str = r"backward–feature angle $\theta_v$") -> None:
    axes.set_ylim(0, np.pi / 2)
    axes.set_yticks([0, np.pi / 4, np.pi / 2], ["0", r"$\pi/4$", r"$\pi/2$"])
    axes.set_ylabel(label)
    style.open_frame(axes)
