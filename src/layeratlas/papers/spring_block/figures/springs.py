"""Figures of the spring–block chain (Shi, Pan and Dokmanić, arXiv 2407.19353).

Its phase diagram, alone and beside those of networks, the authors' two notebooks, and a computed
stand-in for the photographs of a folding ruler. Curves are means over chains of D_l = y − x_l,
the distance of block l to the target.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, ListedColormap, Normalize
from matplotlib.figure import Figure

from layeratlas.cubes import selecting
from layeratlas.cubes.statistics import spearman
from layeratlas.errors import LayerAtlasError
from layeratlas.figures import cells, style
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.beside_springs import beside_springs, spring_table
from layeratlas.papers.spring_block.figures import mechanics
from layeratlas.papers.spring_block.noise import noise_axis, order_by_noise
from layeratlas.papers.spring_block.published import published_panel, published_phase_diagram
from layeratlas.papers.spring_block.theory import noise_free_state, stationary_state

#: Experiment, panel letter and title of the network diagrams, as published.
PANELS = (
    ("phase_diagram_data_noise", "a", "Data noise"),
    ("phase_diagram_learning_rate", "b", "Learning rate"),
    ("phase_diagram_dropout", "c", "Dropout"),
    ("phase_diagram_batch_size", "d", "Batch size"),
)
PUBLISHED = "spring_block_phase_diagram_published.csv"
#: What two diagrams must reach to be called alike (specification §4.3, claim 5).
ALIKE = 0.7

#: CI at the ends of the colour scale; the springs' corners are at −0.29 and +0.22.
_REACH = 0.32
THEORY = "#0072b2"

Cubes = Mapping[str, xr.DataTree]
References = Mapping[str, Path]


# ---------------------------------------------------------------------------------------------
# Phase diagrams
# ---------------------------------------------------------------------------------------------


@style.styled
def spring_phase_diagram(cubes: Cubes, references: References) -> Figure:
    """Load curves of the chain over noise and friction, laid out as the network's diagram.

    Rows are frictions μ→, the most at the top; columns have less noise ε̄ to the right. In each
    cell the mean curve over chains, rescaled to the cell's own height, on a colour for its CI.
    """
    cube = cubes["spring_phase_diagram"]
    figure = style.new_figure(4.6, 3.3)
    axes = figure.subplots()
    _spring_panel(axes, cube)
    axes.set_xlabel(r"more noise  ←  noise strength $\bar{\epsilon}$  →  less noise")
    axes.set_ylabel(r"no friction  ←  friction $\mu_\to$  →  nonlinear")
    _bar(figure, axes, "convexity index CI")
    chain = chain_settings(cube)
    style.note(
        figure,
        f"Red: $y-x_l$ against block, $l$ = 0 … {chain['length']}, mean over chains, each cell on "
        f"its own scale; colour: its convexity index. {_population(cube)} "
        f"First-order chain, {parameters_told(chain, ('friction_right', 'noise_strength'))}"
        f"{lost_told(cube)}",
    )
    return figure


@style.styled
def two_phase_diagrams(cubes: Cubes, references: References) -> Figure:
    """The network's four diagrams and the springs' on one scale of CI, and how alike they are.

    Cells correspond by their place in the published layout (`beside_springs`).
    """
    figure = style.new_figure(style.PAGE, 4.4)
    left, right = figure.subfigures(1, 2, width_ratios=(1.22, 1))
    springs = cubes["spring_phase_diagram"]
    table = spring_table(springs)
    likeness = []
    for axes, (experiment, letter, title) in zip(left.subplots(2, 2).flat, PANELS, strict=True):
        cube = cubes[experiment]
        _network_panel(axes, cube)
        axes.set_title(letter, loc="left", fontweight="bold")
        axes.set_title(title)
        ci = load_curves.convexity_index(load_curves.load_curve(cube)).compute()
        likeness.append((letter, title.lower(), *_rank(ci, table)))
    above, below = right.subfigures(2, 1, height_ratios=(1.45, 1))
    axes = above.subplots()
    _spring_panel(axes, springs)
    axes.set_title("Springs")
    axes.set_title("e", loc="left", fontweight="bold")
    axes.set_xlabel(r"more noise  ←  $\bar{\epsilon}$  →  less")
    axes.set_ylabel(r"friction $\mu_\to$")
    # Some networks bend more than any chain.
    _bar(above, axes, "convexity index CI", extend="both")
    published = published_phase_diagram(references[PUBLISHED])
    for panel in published["panel"].values:
        noise = str(published["noise_axis"].sel(panel=panel).item())
        curves = published_panel(published, noise)["separation_normalised"]
        name = f"{noise.replace('_', ' ')}, published"
        likeness.append((str(panel), name, *_rank(load_curves.convexity_index(curves), table)))
    _likeness(below.subplots(), likeness)
    seeds = {cubes[name]["/"].sizes["seed"] for name, _, _ in PANELS}
    presets = sorted({str(cubes[name].attrs.get("preset")) for name, _, _ in PANELS})
    chain = chain_settings(springs)
    style.note(
        figure,
        "Red: mean load curve, each cell on its own scale; colour: its convexity index, one scale "
        "for all panels. ρ: Spearman over cells that share a place in the published 6 × 8 layout "
        r"($\alpha$ = 0 … 1 ↔ $\mu_\to$ from most to none; columns by rank of noise). "
        f"Networks: n = {_one_or_range(seeds)} seeds a cell, preset {', '.join(presets)}. "
        f"Springs: {_population(springs)} "
        f"{parameters_told(chain, ('friction_right', 'noise_strength'))}"
        + "".join(lost_told(cubes[name]) for name, _, _ in PANELS),
    )
    return figure


def _spring_panel(axes: Axes, cube: xr.DataTree) -> None:
    curves = load_curves.load_curve(cube, variable="spring_separation")
    curves = curves.sortby(["friction_right", "noise_strength"], ascending=False)
    curves = curves.transpose("friction_right", "noise_strength", "layer").compute()
    _panel(axes, cube, curves, ("friction_right", "noise_strength"), 1.2)


def _network_panel(axes: Axes, cube: xr.DataTree) -> None:
    noise = noise_axis(cube)
    curves = load_curves.load_curve(cube)
    extra = [axis for axis in selecting.grid_axes(curves) if axis not in (noise, "negative_slope")]
    if any(curves.sizes[axis] > 1 for axis in extra):
        raise LayerAtlasError(f"a phase diagram has two axes; select one value of {extra}")
    curves = curves.squeeze(extra, drop=True)
    curves = order_by_noise(curves, noisiest_first=True).sortby("negative_slope")
    curves = curves.transpose("negative_slope", noise, "layer").compute()
    _panel(axes, cube, curves, ("negative_slope", noise), 1.0)
    axes.set_xlabel(style.axis_label(noise))
    axes.set_ylabel(style.axis_label("negative_slope"))
    if curves.sizes[noise] > 6:
        # Eight labels do not fit under a narrow panel.
        axes.tick_params(axis="x", labelrotation=45, labelsize=6)


def _panel(
    axes: Axes, cube: xr.DataTree, curves: xr.DataArray, names: tuple[str, str], width: float
) -> None:
    """Cells of one diagram over (row, column) = `names`, already in the order of the page."""
    cells.shade(axes, load_curves.convexity_index(curves).values, cmap=colour_map(), norm=_norm())
    shapes = load_curves.range_normalised(curves).values
    rows, columns = (style.tick_labels(name, curves[name].values) for name in names)
    finished = selecting.finished_runs(cube)
    seeds = cube["/"].sizes["seed"]
    for j, row in enumerate(rows):
        for i, column in enumerate(columns):
            gid = f"{names[1]}={column},{names[0]}={row}"
            cells.curve(axes, shapes[j, i], i, j, gid, width=width)
            here = {name: curves[name].values[k] for name, k in zip(names, (j, i), strict=True)}
            cells.finished(axes, int(finished.sel(here).squeeze()), seeds, i, j, gid)
    cells.frame(axes, columns, rows)


def colour_map() -> Colormap:
    """Concave blue, straight white, convex ochre; light enough for red curves everywhere."""
    from cmcrameri import cm

    # The dark ends would hide the curves.
    return ListedColormap(cm.broc(np.linspace(0.2, 0.8, 256)), name="broc_light")


def _norm() -> Normalize:
    return Normalize(-_REACH, _REACH)


def _bar(figure, axes: Axes, label: str, extend: str = "neither") -> None:
    bar = figure.colorbar(
        ScalarMappable(_norm(), colour_map()),
        ax=axes,
        fraction=0.05,
        pad=0.02,
        aspect=30,
        extend=extend,
    )
    bar.set_ticks([-0.3, -0.15, 0, 0.15, 0.3])
    bar.set_ticklabels(["−0.30\nconcave", "−0.15", "0", "0.15", "0.30\nconvex"])
    bar.set_label(label)
    bar.outline.set_linewidth(0.6)


def _rank(convexity: xr.DataArray, springs: xr.DataArray) -> tuple[float, int]:
    """Spearman's ρ over the cells that are finite in both; the claim leaves out none."""
    both = beside_springs(convexity, springs)
    both = both.isel(cell=np.isfinite(both["convexity_index"].values))
    if both.sizes["cell"] < 3:
        return np.nan, both.sizes["cell"]
    rho = spearman(both["convexity_index"], both["convexity_index_springs"], "cell")
    return float(rho), both.sizes["cell"]


def _likeness(axes: Axes, rows: Sequence[tuple[str, str, float, int]]) -> None:
    """One dot a diagram: its rank correlation with the springs'."""
    values = [rho for _, _, rho, _ in rows]
    place = np.arange(len(rows))
    for y, rho in zip(place, values, strict=True):
        axes.plot([0, rho], [y, y], color="0.8", lw=1.0, zorder=1)
    ours = ["published" not in name for _, name, _, _ in rows]
    fills = [THEORY if own else "white" for own in ours]
    axes.scatter(values, place, s=22, c=fills, edgecolors=THEORY, linewidths=1.0, zorder=3)
    for y, (_, _, rho, count) in enumerate(rows):
        if np.isfinite(rho):
            told = f"{rho:.2f} ({count})".replace("-", "−")
            axes.text(1.06, y, told, va="center", fontsize=6)
    axes.axvline(ALIKE, color="0.4", lw=0.8, ls=(0, (4, 2)), zorder=0)
    axes.set_yticks(place, [f"{letter} {name}" for letter, name, _, _ in rows])
    axes.set(xlim=(min([0.0, *np.nan_to_num(values)]), 1.02), ylim=(len(rows) - 0.5, -0.5))
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0], ["0", "0.25", "0.5", "0.75", "1"])
    axes.set_xlabel(r"rank correlation with the springs $\rho$ (cells)")
    axes.set_title("f", loc="left", fontweight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


# ---------------------------------------------------------------------------------------------
# The folding ruler
# ---------------------------------------------------------------------------------------------

#: Fractions of the run shown; the photographs are four as well.
_PHOTOGRAPHS = (0.01, 0.05, 0.2, 1.0)


@style.styled
def folding_ruler(cubes: Cubes, references: References) -> Figure:
    """A chain as a folding ruler at four times, steadily pulled and shaken (one chain each).

    Segment l of the ruler has fixed length; its horizontal extent is the elongation d_l. The
    last spring, from block L to the target, is the pull.
    """
    cube = cubes["folding_ruler"]
    D = _variable(cube, "spring_separation").sortby("noise_strength").isel(seed=0)
    D = D.transpose("noise_strength", "step", "layer").compute()
    steps = D["step"].values
    shown = [int(steps[np.argmin(abs(steps - f * steps[-1]))]) for f in _PHOTOGRAPHS]
    chain = chain_settings(cube)
    y = chain["target"]
    x = y - D.sel(step=shown).values
    colours = layer_colours(x.shape[-1] - 1)
    stick = 1.02 * np.diff(x, axis=-1).max()
    noises = D["noise_strength"].values
    figure = style.new_figure(style.PAGE, 2.9)
    grid = figure.subplots(len(noises), len(shown), sharex=True, sharey=True, squeeze=False)
    words = ("steady pulling", "jerky pulling")
    for row, (panels, noise) in enumerate(zip(grid, noises, strict=True)):
        for column, (axes, step) in enumerate(zip(panels, shown, strict=True)):
            _ruler(axes, x[row, column], y, stick, colours, gid=f"ruler:{noise:g}:{step}")
            if row == 0:
                axes.set_title(f"step {step:,}".replace(",", "\u2009"))
        panels[0].set_ylabel(f"{words[min(row, 1)]}\n" + rf"$\bar{{\epsilon}}$ = {noise:g}")
        panels[0].annotate(
            "ab"[min(row, 1)], (-0.16, 1.02), xycoords="axes fraction", fontweight="bold",
            fontsize=8,
        )  # fmt: skip
    layer_bar(figure, grid, x.shape[-1] - 1, "segment $l$")
    style.note(
        figure,
        "Computed stand-in for the paper's photographs: a chain drawn as a folding ruler, one "
        "chain a row. Each segment opens by the elongation of its spring; ring: the wall, arrow: "
        f"the pull toward the target (dotted). Preset {cube.attrs.get('preset', 'unstated')}. "
        f"{parameters_told(chain, ('noise_strength',))}",
    )
    return figure


def _ruler(axes: Axes, x: np.ndarray, target: float, stick: float, colours, gid: str) -> None:
    """Hinges at x_0 … x_L; segments of length `stick` alternate up and down."""
    extent = np.diff(x)
    # A rigid segment cannot cross itself: a block pushed back is drawn folded.
    rise = np.sqrt(np.maximum(stick**2 - extent**2, 0.0))
    height = np.concatenate([[0.0], np.cumsum(rise * np.resize([1, -1], len(rise)))])
    for i in range(len(extent)):
        axes.plot(
            x[i : i + 2], height[i : i + 2], color=colours[i], lw=2.4, solid_capstyle="round",
            zorder=2, gid=f"{gid}:{i + 1}",
        )  # fmt: skip
    axes.plot(x[1:], height[1:], "o", ms=1.6, color="0.15", mec="white", mew=0.2, zorder=3)
    axes.plot(x[0], height[0], "o", ms=4, color="white", mec=mechanics.EDGE, mew=0.9, zorder=4)
    axes.axvline(target, color="0.6", lw=0.7, ls=":")
    tip = (float(x[-1]), float(height[-1]))
    mechanics.arrow(axes, tip, (target, tip[1]), lw=0.8, mutation_scale=6, color="0.45")
    axes.set(xlim=(-0.08, 1.06 * target), xticks=[0, target], xticklabels=["0", "$y$"], yticks=[])
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.margins(y=0.15)


# ---------------------------------------------------------------------------------------------
# The authors' two notebooks
# ---------------------------------------------------------------------------------------------


@style.styled
def first_order_chain(cubes: Cubes, references: References) -> Figure:
    """Final profile and motion of the overdamped chain: chains, their mean, and theory."""
    cube = cubes["first_order_chain"]
    D = _variable(cube, "spring_separation").sortby("noise_strength")
    D = D.transpose("noise_strength", "seed", "step", "layer").astype(float).compute()
    noisy = D.isel(noise_strength=-1)
    chain = chain_settings(cube)
    length, y = chain["length"], chain["target"]
    colours = layer_colours(length + 1)
    layers = np.arange(length + 1)
    figure = style.new_figure(style.PAGE, 2.9)
    profile, motion = figure.subplots(1, 2, width_ratios=(1, 1.35))

    final = noisy.isel(step=-1)
    profile.plot(layers, final.values.T, color="0.8", lw=0.4, zorder=1)
    stationary = stationary_state(
        length, chain["friction_right"], chain["friction_left"], chain["stiffness"], y
    )
    profile.plot(layers, y - stationary[:-1], color=THEORY, lw=1.0, zorder=2, label="theory")
    mean, spread = final.mean("seed").values, final.std("seed", ddof=1).values
    profile.errorbar(
        layers, mean, spread, fmt="o", ms=3.5, color=style.CURVE, lw=0.8, capsize=1.5, zorder=4,
        label=rf"$\bar{{\epsilon}}$ = {float(noisy['noise_strength']):g}",
    )  # fmt: skip
    if float(D["noise_strength"].values[0]) == 0:
        exact = noise_free_state(length, chain["friction_right"], chain["stiffness"], y)
        quiet = D.isel(noise_strength=0, seed=0, step=-1)
        profile.plot(layers, y - exact[:-1], color=THEORY, lw=1.0, zorder=2)
        profile.plot(
            layers, quiet, "s", ms=3.2, color="0.35", zorder=3, label=r"$\bar{\epsilon}$ = 0"
        )
    profile.set(xlabel="block $l$", ylabel=r"distance to the target $y-x_l$", xticks=layers)
    profile.set_title("a", loc="left", fontweight="bold")
    profile.set_title("at the end")
    profile.legend(loc="lower left")

    steps = D["step"].values
    for layer in layers:
        motion.plot(
            steps, noisy.isel(seed=0, layer=layer), color=colours[layer], lw=0.5, alpha=0.45
        )
        motion.plot(
            steps, noisy.mean("seed").isel(layer=layer), color=colours[layer], lw=1.3,
            gid=f"mean:{layer}",
        )  # fmt: skip
    motion.set(xlabel="step", ylabel=r"distance to the target $y-x_l$", xlim=(0, steps[-1]))
    motion.set_title("b", loc="left", fontweight="bold")
    motion.set_title("over time: mean (thick) and one chain (thin)")
    layer_bar(figure, motion, length + 1, "block $l$")
    for axes in (profile, motion):
        axes.spines[["top", "right"]].set_visible(False)
    style.note(
        figure,
        f"First-order chain. {_population(cube)} {parameters_told(chain, ('noise_strength',))} "
        "Red: mean ± standard deviation; grey: each chain; blue: exact stationary state with "
        "noise, exact final state without.",
    )
    return figure


@style.styled
def second_order_chain(cubes: Cubes, references: References) -> Figure:
    """Motion, velocity and final profile under common and under independent noise."""
    figure = style.new_figure(style.PAGE, 4.4)
    grid = figure.subplots(2, 3, width_ratios=(1.15, 1.15, 1), sharex="col", sharey="col")
    rows = (("second_order_chain_common", "common noise"),
            ("second_order_chain_independent", "independent noise"))  # fmt: skip
    for (experiment, words), panels in zip(rows, grid, strict=True):
        _second_order_row(panels, cubes[experiment], words)
    for letter, axes in zip("abcdef", grid.flat, strict=True):
        axes.set_title(letter, loc="left", fontweight="bold")
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelbottom=True)
    cube = cubes["second_order_chain_common"]
    chain = chain_settings(cube)
    for axes, name in zip(grid[1], ("time $t$", "time $t$", "block $l$"), strict=True):
        axes.set_xlabel(name)
    grid[0, 2].legend(loc="lower left", borderaxespad=0.2)
    layer_bar(figure, grid, chain["length"] + 1, "block $l$")
    style.note(
        figure,
        "Second-order chain, Euler–Maruyama. Left and middle: mean over chains (thick) and one "
        "chain (thin). Common: every block gets the sum of all blocks' noises, as in the authors' "
        "notebook; independent: its own. Right: mean ± standard deviation over chains; blue: "
        "stationary parabola of strong noise. "
        f"{_population(cube)} {parameters_told(chain, ('noise_strength',))}",
    )
    return figure


def _second_order_row(panels: Sequence[Axes], cube: xr.DataTree, words: str) -> None:
    distance, velocity, profile = panels
    chain = chain_settings(cube)
    length, y = chain["length"], chain["target"]
    layers, colours = np.arange(length + 1), layer_colours(length + 1)
    D, v = (
        _variable(cube, name)
        .sortby("noise_strength")
        .transpose("noise_strength", "seed", "step", "layer")
        .astype(float)
        .compute()
        for name in ("spring_separation", "spring_velocity")
    )
    time = D["step"].values * chain["step_size"]
    for axes, values in ((distance, D), (velocity, v)):
        noisy = values.isel(noise_strength=-1)
        for layer in layers[1:] if axes is velocity else layers:
            axes.plot(
                time, noisy.isel(seed=0, layer=layer), color=colours[layer], lw=0.4, alpha=0.5
            )
            axes.plot(time, noisy.mean("seed").isel(layer=layer), color=colours[layer], lw=1.2)
        axes.set_xlim(0, time[-1])
    distance.set_ylabel(r"distance to the target $y-x_l$")
    velocity.set_ylabel(r"velocity $v_l$")
    # The first pull is many times what the noise does later, and would hide it.
    peak = float(v.isel(noise_strength=-1).mean("seed").max())
    if np.isfinite(peak):
        velocity.set_ylim(-0.2 * peak, 0.35 * peak)
        velocity.annotate(
            f"first pull: mean $v_{length}$ up to {peak:.3f}", (0.97, 0.95),
            xycoords="axes fraction", ha="right", va="top", fontsize=6, color="0.25",
        )  # fmt: skip
    distance.set_title(words)
    final = D.isel(step=-1)
    noise = final["noise_strength"].values
    parabola = stationary_state(
        length, chain["friction_right"], chain["friction_left"], chain["stiffness"], y
    )
    profile.plot(layers, y - parabola[:-1], color=THEORY, lw=1.0, zorder=2, label="parabola")
    shaken = final.isel(noise_strength=-1)
    ci = float(load_curves.convexity_index(shaken.mean("seed")))
    profile.errorbar(
        layers, shaken.mean("seed"), shaken.std("seed", ddof=1), fmt="o", ms=3.2, lw=0.8,
        capsize=1.5, color=style.CURVE, zorder=4, label=rf"$\epsilon$ = {noise[-1]:g}",
    )  # fmt: skip
    if noise[0] == 0:
        profile.plot(
            layers, final.isel(noise_strength=0, seed=0), "s-", ms=3, lw=0.6, color="0.35",
            zorder=3, label=r"$\epsilon$ = 0",
        )  # fmt: skip
    profile.set(ylabel=r"$y-x_l$ at the end", xticks=layers)
    profile.set_title(f"CI = {ci:+.3f}".replace("-", "−"))


# ---------------------------------------------------------------------------------------------
# What several figures share
# ---------------------------------------------------------------------------------------------


def layer_colours(count: int) -> np.ndarray:
    """One colour a layer, from the wall or input (dark) outward."""
    from cmcrameri import cm

    # The palest end of the map would vanish on white.
    return cm.batlow(np.linspace(0.0, 0.9, count))


def layer_bar(figure, axes, count: int, label: str, **shape) -> None:
    """The colours of the layers, one box each; `shape` as of matplotlib's colour bars."""
    offset = 0 if label.startswith(("block", "layer")) else 1
    norm = Normalize(offset - 0.5, offset + count - 0.5)
    colours = ListedColormap(layer_colours(count))
    bar = figure.colorbar(
        ScalarMappable(norm, colours),
        ax=axes,
        **{"fraction": 0.04, "pad": 0.015, "aspect": 30} | shape,
    )
    bar.set_ticks(range(offset, offset + count))
    bar.ax.tick_params(length=0)
    bar.set_label(label)
    bar.outline.set_linewidth(0.6)


def _variable(cube: xr.DataTree, name: str) -> xr.DataArray:
    return selecting.recorded(cube, name)


def chain_settings(cube: xr.DataTree) -> dict[str, Any]:
    """Settings of the chain that the experiment states."""
    return json.loads(cube.attrs["settings"])["chain"]


#: Symbols of the settings that a note states.
_SYMBOLS = {
    "length": "L",
    "stiffness": "k",
    "target": "y",
    "mass": "m",
    "damping": r"\gamma",
    "step_size": r"\eta",
    "friction_right": r"\mu_\to",
    "friction_left": r"\mu_\leftarrow",
    "noise_decay": r"\lambda",
}


def parameters_told(chain: Mapping[str, Any], varied: Sequence[str]) -> str:
    """The fixed settings, in symbols: L = 7, k = 1, …; steps at the end."""
    symbols = _SYMBOLS | ({"step_size": r"\mathrm{d}t"} if chain["order"] == "second" else {})
    told = [
        f"${symbol}$\u00a0=\u00a0{chain[name]:g}"
        for name, symbol in symbols.items()
        if name in chain and name not in varied
    ]
    return f"{', '.join(told)}, {chain['steps']:,} steps.".replace(",000", "\u2009000")


def _population(cube: xr.DataTree) -> str:
    n = cube["/"].sizes["seed"]
    what = "chain" if n == 1 else "chains"
    return f"n\u00a0=\u00a0{n} {what} a setting, preset {cube.attrs.get('preset', 'unstated')}."


def _one_or_range(values: set[int]) -> str:
    return "–".join(str(v) for v in sorted({min(values), max(values)}))


def lost_told(cube: xr.DataTree) -> str:
    lost = int((cube["/"].to_dataset()["status"] != selecting.STATUS_OK).sum())
    return f" {lost} runs diverged or missing: left out of the means." if lost else ""
