"""Figures of *The Feature Speed Formula* (Chizat and Netrapalli, arXiv 2311.18718).

Everything is one gradient step on one input at random initialisation. Angles and sensitivities
are drawn as the paper measured them, from a finite step; overlays are the closed forms at large
width of `layeratlas.papers.feature_speed.theory`, which the paper does not have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from layeratlas.figures import style
from layeratlas.networks.scalings import TITLES, table
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed import theory

Cubes = Mapping[str, xr.DataTree]
References = Mapping[str, Path]

#: Rule → label and colour, in the order of the paper's C0 … C4.
RULES = {
    "1/L": (r"$\beta=1/L$", "#0072b2"),
    "0.5/sqrt(L)": (r"$\beta=1/(2\sqrt{L})$", "#e69f00"),
    "1/sqrt(L)": (r"$\beta=1/\sqrt{L}$", "#009e73"),
    "2/sqrt(L)": (r"$\beta=2/\sqrt{L}$", "#d55e00"),
    "1": (r"$\beta=1$ (MLP)", "#cc79a7"),
}
#: The published series called 1 is computed with 0.999.
_AS_PUBLISHED = {"0.999": "1"}
#: Scaling → colour, in every figure.
SCALINGS = {"ntk": "#0072b2", "mf_mup": "#e69f00", "fsc": "#009e73", "resnet_fsc": "#cc79a7"}
THEORY = {"color": "0.1", "lw": 0.8, "ls": (0, (1, 1.2)), "zorder": 5}
FINITE = "finite_step"


# ---------------------------------------------------------------------------------------------
# Backward-feature angles
# ---------------------------------------------------------------------------------------------


@style.styled
def bfa_layer(cubes: Cubes, references: References) -> Figure:
    """Angle θ_v (rad) against layer v, one dashed line a draw, one colour a branch rule (Fig. 1a).

    Dotted: closed form at large width.
    """
    cube = cubes["bfa_layer"]
    betas, depth = fs.branch_scales(cube), int(fs.depths(cube).max())
    # The one output of a network moves along its gradient: no angle to show at v = L.
    angle = fs.quantity(cube, "backward_feature_angle", FINITE).sel(layer=slice(0, depth - 1))
    figure = style.new_figure(style.COLUMN, 2.9)
    axes = figure.subplots()
    for rule in _rules(angle):
        label, colour = _style_of(rule)
        draws = angle.sel(branch_rule=rule).transpose("layer", "seed")
        axes.plot(draws["layer"], draws.values, color=colour, lw=0.7, ls="--", gid=f"draws:{rule}")
        layers = np.arange(2, depth)
        cos = fs.cos_theory(float(betas.sel(branch_rule=rule)), depth - 2)
        axes.plot(layers, np.arccos(np.minimum(cos, 1)), **THEORY, gid=f"theory:{rule}")
        axes.plot([], [], color=colour, ls="--", label=label)
    _angle_axis(axes)
    axes.set_xlabel("layer $v$")
    axes.set_xlim(0, depth)
    axes.plot([], [], **THEORY, label="large width")
    handles, labels = axes.get_legend_handles_labels()
    # As in the paper, the largest branch scale first.
    order = [*range(len(handles) - 2, -1, -1), len(handles) - 1]
    figure.legend(
        [handles[i] for i in order], [labels[i] for i in order], loc="outside upper center", ncols=3
    )
    width, draws = fs.setting(cube, "model.width"), angle.sizes["seed"]
    style.note(
        figure,
        f"ReLU network of depth $L$ = {depth}, width {width}, one input; first and last matrix "
        f"frozen, balanced rates, step {_step(cube)}. n = {draws} draws of weights, each a "
        f"line. {_seeds_note(cube)}",
    )
    return figure


@style.styled
def bfa_depth(cubes: Cubes, references: References) -> Figure:
    """Angle of the last hidden feature against depth L, one dot a network (Fig. 1b)."""
    cube = cubes["bfa_depth"]
    angle = fs.last_hidden(fs.quantity(cube, "backward_feature_angle", FINITE))
    betas = fs.branch_scales(cube)
    figure = style.new_figure(style.COLUMN, 2.9)
    axes = figure.subplots()
    depths = angle["depth"].values
    for rule in _rules(angle):
        label, colour = _style_of(rule)
        dots = angle.sel(branch_rule=rule).transpose("depth", "seed").values
        axes.plot(depths, dots, color=colour, ls="", marker=".", ms=2.5, gid=f"dots:{rule}")
        axes.plot([], [], color=colour, ls="", marker=".", ms=6, label=label)
        curve = [
            fs.cos_theory(float(betas.sel(branch_rule=rule, depth=depth)), int(depth) - 2)[-1]
            for depth in depths
        ]
        axes.plot(depths, np.arccos(np.minimum(curve, 1)), **THEORY, gid=f"theory:{rule}")
    axes.plot([], [], **THEORY, label="large width")
    _angle_axis(axes, r"backward–feature angle $\theta_{L-1}$")
    axes.set_xlabel("depth $L$")
    axes.set_xlim(0, depths.max())
    figure.legend(loc="outside upper center", ncols=3)
    draws = angle.sizes["seed"]
    style.note(
        figure,
        f"Last hidden feature of ReLU networks of width {fs.setting(cube, 'model.width')}, one "
        f"input, step {_step(cube)}; {_count(draws, 'draw')} a depth and rule, independent between "
        f"depths. The series called 1 has β = {_mlp_rule(angle)}. {_seeds_note(cube)}",
    )
    return figure


@style.styled
def bfa_branch_scale(cubes: Cubes, references: References) -> Figure:
    """Angle of the last hidden feature against c = √L β for several depths (Fig. 1c)."""
    cube = cubes["bfa_branch_scale"]
    angle = fs.last_hidden(fs.quantity(cube, "backward_feature_angle", FINITE))
    figure = style.new_figure(style.COLUMN, 2.9)
    axes = figure.subplots()
    colours = dict(zip(sorted(angle["depth"].values, reverse=True), _colours(), strict=False))
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
    axes.plot(c, limit, **THEORY, label=r"$L\to\infty$")
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
        f"ReLU ResNets of width {fs.setting(cube, 'model.width')}, one input, step {_step(cube)}; "
        f"mean (lines) ± standard deviation (bands) of n = {angle.sizes['seed']} draws. Width: the "
        f"paper's caption says 200, its notebook 500. {_seeds_note(cube)}",
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
    for depth, colour in zip(sorted(cos["depth"].values, reverse=True), _colours(), strict=False):
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


@style.styled
def bfa_conditioning(cubes: Cubes, references: References) -> Figure:
    """Why angles open: spread of the kernels' spectra (a) and conditioning of Jacobians (b, c).

    a: measured cos θ_v against M_1/√M_2 of the kernel K_v (Thm 3.2); b: m tr((JJᵀ)²)/tr(JJᵀ)² of
    J = ∂f_v/∂f_1; c: its smallest singular value over the root mean square. Dotted: closed forms.
    """
    cube = cubes["bfa_conditioning"]
    cos = fs.quantity(cube, "cos_backward_feature_angle")
    first, second = (fs.quantity(cube, f"kernel_moment_{p}") for p in (1, 2))
    predicted = first / np.sqrt(second)
    ratio = fs.quantity(cube, "jacobian_moment_ratio")
    smallest = fs.quantity(cube, "jacobian_smallest_singular_value")
    betas, depth = fs.branch_scales(cube), int(fs.depths(cube).max())
    figure = style.new_figure(style.PAGE, 2.6)
    a, b, c = figure.subplots(1, 3)
    a.plot([0, 1], [0, 1], color="0.6", lw=0.8, zorder=0)
    hidden = slice(2, depth - 1)
    layers = np.arange(2, depth)
    for rule in _rules(ratio):
        label, colour = _style_of(rule)
        here = {"branch_rule": rule}
        x, y = (v.sel(**here).sel(layer=hidden).values.ravel() for v in (predicted, cos))
        a.plot(x, y, color=colour, ls="", marker=".", ms=2.5, label=label)
        draws = ratio.sel(**here).sel(layer=hidden).transpose("layer", "seed")
        b.plot(draws["layer"], draws.values, color=colour, lw=0.8)
        beta = float(betas.sel(**here))
        b.plot(layers, theory.jacobian_moment_ratio(layers - 1, beta), **THEORY)
        floor = smallest.sel(**here).sel(layer=hidden).transpose("layer", "seed")
        c.plot(floor["layer"], floor.values, color=colour, lw=0.8)
    a.set(xlabel=r"$M_1/\sqrt{M_2}$ of $K_v$", ylabel=r"$\cos\,\theta_v$", xlim=(0, 1.02))
    a.set_ylim(0, 1.02)
    b.set(xlabel="layer $v$", ylabel=r"$m\,\mathrm{tr}(JJ^T)^2/(\mathrm{tr}\,JJ^T)^2$")
    b.set_yscale("log")
    c.set(xlabel="layer $v$", ylabel=r"$s_{\min}(J)\,/\,s_{\mathrm{rms}}$", ylim=(-0.03, 1))
    handles, labels = a.get_legend_handles_labels()
    handles.append(Line2D([], [], **THEORY))
    labels.append("closed form (ReLU ResNet: a lower bound)")
    figure.legend(handles, labels, loc="outside upper center", ncols=4, markerscale=2)
    for letter, axes in zip("abc", (a, b, c), strict=True):
        axes.set_title(letter, loc="left", fontweight="bold")
        axes.spines[["top", "right"]].set_visible(False)
    style.note(
        figure,
        f"ReLU networks of depth {depth}, width {fs.setting(cube, 'model.width')}, one input; "
        f"n = {ratio.sizes['seed']} draws, each drawn. a: layers 2 to {depth - 1}; on the line the "
        "kernel's spectrum explains the angle.",
    )
    return figure


# ---------------------------------------------------------------------------------------------
# Sensitivities
# ---------------------------------------------------------------------------------------------


@style.styled
def sensitivity_mlp(cubes: Cubes, references: References) -> Figure:
    """|δf_{L−1}|_rms/|δloss| of ReLU MLPs against depth under three scalings (Fig. 2a)."""
    cube = cubes["sensitivity_mlp"]
    width = fs.setting(cube, "model.width")
    known = cube["/"]["scaling"].values
    looks = {name: (TITLES[name], SCALINGS[name]) for name in SCALINGS if name in known}
    figure, axes, told = _sensitivities(
        cube, "scaling", looks, lambda name, depth: table(name, depth, width, 1, 1).output.std
    )
    axes.set_ylim(-0.1, 4)
    style.note(
        figure,
        f"ReLU MLPs of width {width}, one input on the unit sphere, square loss with target 1; "
        f"first and last matrix frozen, balanced rates, step {_step(cube)}; {told}. "
        "The read-out acts on $f_{L-1}$ itself (the notebook's form). MF+µP leaves the frame at "
        "the top.",
    )
    return figure


@style.styled
def sensitivity_resnet(cubes: Cubes, references: References) -> Figure:
    """|δf_{L−1}|_rms/|δloss| of ReLU ResNets against depth, two branch rules (Fig. 2b)."""
    cube = cubes["sensitivity_resnet"]
    width = fs.setting(cube, "model.width")
    # The paper's C0 and C1.
    colours = {"1/sqrt(L)": _colours()[0], "1/L": _colours()[1]}
    looks = {
        rule: (_style_of(rule)[0], colours.get(rule, _colours()[2]))
        for rule in _rules(cube["/"].to_dataset())
    }
    figure, axes, told = _sensitivities(cube, "branch_rule", looks, lambda rule, depth: 1 / width)
    axes.set_ylim(0, max(2.5, axes.get_ylim()[1]))
    style.note(
        figure,
        f"ReLU ResNets of width {width}, read-out σ = 1/m, one input on the unit sphere, step "
        f"{_step(cube)}; {told}. The published figure is flat too but lies about seven times "
        "higher (9.5 and 7.3): no stated hyper-parameters give that level; width 50 with the "
        "2-norm would.",
    )
    return figure


def _sensitivities(
    cube: xr.DataTree,
    axis: str,
    looks: Mapping[str, tuple[str, str]],
    output_std: Callable[[str, int], float],
) -> tuple[Figure, Axes, str]:
    """Two draws a depth as crosses, one colour a value of `axis`, with closed forms; what to tell.

    looks: value → label and colour; output_std: (value, depth) → σ_L, which closed forms need.
    """
    S = fs.last_hidden(fs.quantity(cube, "feature_change_per_loss_change", FINITE))
    betas, width, depths = (
        fs.branch_scales(cube),
        fs.setting(cube, "model.width"),
        S["depth"].values,
    )
    figure = style.new_figure(style.COLUMN, 2.8)
    axes = figure.subplots()
    for name, (label, colour) in looks.items():
        _crosses(axes, S.sel({axis: name}), colour, label)
        curve = [
            theory.sensitivity(
                fs.cos_theory(float(betas.sel({axis: name, "depth": depth})), int(depth) - 2)[-1],
                width,
                output_std(name, int(depth)),
            )
            for depth in depths
        ]
        axes.plot(depths, curve, **THEORY, gid=f"theory:{name}")
    axes.plot([], [], **THEORY, label="large width")
    axes.set(xlabel="depth $L$", xlim=(depths.min(), depths.max()))
    axes.set_ylabel(r"sensitivity $\Vert\delta f_{L-1}\Vert_{\rm rms}/|\delta\,{\rm loss}|$")
    figure.legend(loc="outside upper center", ncols=len(looks) + 1)
    n = S.sizes["seed"]
    return figure, axes, f"{_count(min(2, n), 'draw')} of {n} a depth, as in the paper"


def _crosses(axes: Axes, S: xr.DataArray, colour: str, label: str) -> None:
    shown = S.isel(seed=slice(0, 2)).transpose("depth", "seed")
    axes.plot(shown["depth"], shown.values, color=colour, ls="", marker="+", ms=4, mew=0.9)
    axes.plot([], [], color=colour, ls="", marker="+", ms=5, label=label)


# ---------------------------------------------------------------------------------------------
# Aligned and total feature updates (v1 and v2 of the paper)
# ---------------------------------------------------------------------------------------------


def bafu_layer_mlp(cubes: Cubes, references: References) -> Figure:
    """Aligned and total speed of each feature, and 1/(m |b_v|_rms), of one MLP."""
    return _aligned(cubes["bfa_layer"], "1", 1.0)


def bafu_layer_resnet(cubes: Cubes, references: References) -> Figure:
    """As `bafu_layer_mlp`, of one ResNet with β = 1/√L; the third curve is divided by 12."""
    return _aligned(cubes["bfa_layer"], "1/sqrt(L)", 12.0)


@style.styled
def _aligned(cube: xr.DataTree, rule: str, divisor: float) -> Figure:
    total, cos, backward = (
        fs.quantity(cube, name, FINITE).sel(branch_rule=rule).isel(seed=0)
        for name in ("feature_velocity", "cos_backward_feature_angle", "backward_norm")
    )
    width, depth = fs.setting(cube, "model.width"), int(fs.depths(cube).max())
    hidden = slice(2, depth - 1)
    figure = style.new_figure(style.COLUMN, 2.6)
    axes = figure.subplots()
    over = "" if divisor == 1 else f"/{divisor:g}"
    for values, label, colour, dash in (
        (cos * total, r"aligned, $\Vert\delta^a f_v\Vert_{\rm rms}/\delta t$", "#0072b2", "-"),
        (total, r"total, $\Vert\delta f_v\Vert_{\rm rms}/\delta t$", "#e69f00", "-"),
        (1 / (width * backward) / divisor, rf"$1/(m\,\Vert b_v\Vert_{{\rm rms}}){over}$", "0.3",
         "--"),
    ):  # fmt: skip
        part = values.sel(layer=hidden)
        axes.plot(part["layer"], part.values, color=colour, ls=dash, label=label)
    axes.set(xlabel="layer $v$", ylabel="feature speed", xlim=(0, depth))
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left")
    name, _ = _style_of(rule)
    style.note(
        figure,
        f"One network: {name}, depth {depth}, width {width}, one input, step {_step(cube)}; n = 1 "
        "draw. From the first versions of the paper, whose axis has no label.",
    )
    return figure


# ---------------------------------------------------------------------------------------------
# Pieces
# ---------------------------------------------------------------------------------------------


def _rules(array: xr.DataArray) -> list[str]:
    """Rules of the cube, those of the paper first and in its order."""
    given = [str(rule) for rule in array["branch_rule"].values]
    known = list(RULES)
    return sorted(
        given,
        key=lambda rule: (
            known.index(_AS_PUBLISHED.get(rule, rule))
            if _AS_PUBLISHED.get(rule, rule) in known
            else len(known),
            given.index(rule),
        ),
    )


def _style_of(rule: str) -> tuple[str, str]:
    return RULES.get(_AS_PUBLISHED.get(rule, rule), (rf"$\beta$ = {rule}", "0.4"))


def _mlp_rule(array: xr.DataArray) -> str:
    given = [str(rule) for rule in array["branch_rule"].values]
    return next((rule for rule in given if _AS_PUBLISHED.get(rule, rule) == "1"), "1")


def _colours() -> Sequence[str]:
    return ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7")


def _angle_axis(axes: Axes, label: str = r"backward–feature angle $\theta_v$") -> None:
    axes.set_ylim(0, np.pi / 2)
    axes.set_yticks([0, np.pi / 4, np.pi / 2], ["0", r"$\pi/4$", r"$\pi/2$"])
    axes.set_ylabel(label)
    axes.spines[["top", "right"]].set_visible(False)


def _step(cube: xr.DataTree) -> str:
    return f"{fs.setting(cube, 'probe.step'):g}"


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _seeds_note(cube: xr.DataTree) -> str:
    """What the reader must know of a reduced cube."""
    preset = cube.attrs.get("preset", "")
    return "" if preset != "smoke" else "Preset smoke: reduced sizes."
