"""Figures of *Spring-block theory of feature learning in deep neural networks*.

C. Shi, L. Pan and I. Dokmanić, arXiv 2407.19353; Phys. Rev. Lett. 2025,
doi 10.1103/ys4n-2tj3. The cubes are the four phase diagrams, one per source of noise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from layeratlas.cubes import selecting
from layeratlas.cubes.statistics import spearman
from layeratlas.errors import LayerAtlasError
from layeratlas.figures import cells, style
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.noise import NOISE_GROWS_WITH_VALUE, noise_axis, order_by_noise
from layeratlas.papers.spring_block.published import compare_with_published, published_phase_diagram

#: Experiment, panel letter and panel title, in the order of the published figure.
PANELS = (
    ("phase_diagram_data_noise", "a", "Data noise"),
    ("phase_diagram_learning_rate", "b", "Learning rate"),
    ("phase_diagram_dropout", "c", "Dropout"),
    ("phase_diagram_batch_size", "d", "Batch size"),
)
PUBLISHED = "spring_block_phase_diagram_published.csv"

Cubes = Mapping[str, xr.DataTree]
References = Mapping[str, Path]


# ---------------------------------------------------------------------------------------------
# The phase diagram
# ---------------------------------------------------------------------------------------------


@style.styled
def phase_diagram(cubes: Cubes, references: References) -> Figure:
    """The published figure: four panels of load curves over noise and nonlinearity.

    Rows are negative slopes, ReLU (α = 0) at the top; columns grow less stochastic to the right.
    In each cell the load curve of the seed mean, rescaled to the cell's own height; behind it the
    seed-mean test accuracy, black to white over the panel's own range.
    """
    return _diagram(
        cubes, "data_separation", r"$D_l=\ln(\mathrm{tr}\,\Sigma_w/\mathrm{tr}\,\Sigma_b)$"
    )


@style.styled
def phase_diagram_he_su(cubes: Cubes, references: References) -> Figure:
    """`phase_diagram` with the pseudo-inverse measure of He and Su instead of the trace ratio."""
    return _diagram(
        cubes, "data_separation_pseudoinverse", r"$D_l=\ln\,\mathrm{tr}(\Sigma_w\Sigma_b^+)$"
    )


def _diagram(cubes: Cubes, variable: str, formula: str) -> Figure:
    figure = style.new_figure(style.PAGE, 5.5)
    spreads = {}
    for axes, (experiment, letter, title) in zip(figure.subplots(2, 2).flat, PANELS, strict=True):
        cube = cubes[experiment]
        _panel(axes, cube, variable)
        axes.set_title(title)
        axes.set_title(letter, loc="left", fontweight="bold")
        spreads[letter] = _seed_spread(cube, variable)
    style.note(
        figure,
        f"Red: {formula} against layer, mean over seeds, each cell on its own scale; "
        f"grey: mean test accuracy. {_population(cubes)}{_spreads(spreads)}"
        f"{_gaps(cubes, hatched=True)}",
    )
    return figure


def _panel(axes: Axes, cube: xr.DataTree, variable: str) -> None:
    """One panel; cell (column i, row j) is the unit square centred on (i, j)."""
    noise = noise_axis(cube)
    curves = _cells(load_curves.load_curve(cube, variable=variable), noise)
    shade = _cells(selecting.mean_accuracy(cube), noise).transpose("negative_slope", noise)
    finished = _cells(selecting.finished_runs(cube), noise)
    seeds = cube["/"].sizes["seed"]

    low, high = _limits(shade.values)
    image = cells.shade(axes, shade.values, cmap="gray", vmin=low, vmax=high)
    slopes, columns = shade["negative_slope"].values, shade[noise].values
    slope_labels = style.tick_labels("negative_slope", slopes)
    column_labels = style.tick_labels(noise, columns)
    for j, slope in enumerate(slopes):
        for i, value in enumerate(columns):
            here = {"negative_slope": slope, noise: value}
            name = f"{noise}={column_labels[i]},negative_slope={slope_labels[j]}"
            curve = load_curves.range_normalised(curves.sel(here)).values
            cells.curve(axes, curve, i, j, name)
            cells.finished(axes, int(finished.sel(here)), seeds, i, j, name)

    cells.frame(axes, column_labels, slope_labels)
    axes.set_xlabel(f"more noise  ←  {style.axis_label(noise)}  →  less noise")
    axes.set_ylabel(f"linear  ←  {style.axis_label('negative_slope')}  →  ReLU")

    bar = axes.figure.colorbar(image, ax=axes, fraction=0.05, pad=0.02, aspect=30)
    bar.set_ticks([low, high], labels=[f"{low:.1f}", f"{high:.1f}"])
    bar.set_label("test accuracy (%)", labelpad=-8)
    bar.outline.set_linewidth(0.6)
    bar.ax.tick_params(length=0)


def _cells(array: xr.DataArray, noise: str) -> xr.DataArray:
    """The panel's layout: noisiest column first, ReLU row first, nothing else but the layer."""
    array = _two_axes(array, noise)
    # Read once: a cube opened from its file would be read again for every cell.
    return order_by_noise(array, noisiest_first=True).sortby("negative_slope").compute()


def _two_axes(array: xr.DataArray, noise: str) -> xr.DataArray:
    """A user's grid may have more axes than the paper's two: only single values can be drawn."""
    extra = [axis for axis in selecting.grid_axes(array) if axis not in (noise, "negative_slope")]
    long = [axis for axis in extra if array.sizes[axis] > 1]
    if long or "negative_slope" not in array.dims:
        raise LayerAtlasError(
            "a phase diagram needs the grid axes negative_slope and one of "
            f"{sorted(NOISE_GROWS_WITH_VALUE)}; select one value of {long or extra}"
        )
    return array.squeeze(extra, drop=True)


def _limits(values: np.ndarray) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 100.0
    low, high = float(finite.min()), float(finite.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


# ---------------------------------------------------------------------------------------------
# Uniformity and generalisation
# ---------------------------------------------------------------------------------------------


@style.styled
def load_uniformity(cubes: Cubes, references: References) -> Figure:
    """Test accuracy against |CI|, one point a cell, one colour a panel."""
    figure = style.new_figure(style.COLUMN, 3.3)
    axes = figure.subplots()
    for experiment, letter, title in PANELS:
        cube = cubes[experiment]
        noise = noise_axis(cube)
        uniformity = abs(load_curves.convexity_index(load_curves.load_curve(cube)))
        accuracy = selecting.mean_accuracy(cube)
        rho = float(_spearman_of_finite(uniformity, accuracy))
        colour, marker = style.PANELS[noise]
        axes.scatter(
            uniformity.values.ravel(),
            accuracy.transpose(*uniformity.dims).values.ravel(),
            s=14,
            marker=marker,
            facecolor=colour,
            edgecolor="white",
            linewidth=0.4,
            alpha=0.9,
            label=rf"{letter} {title.lower()}, $\rho$ = {_signed(rho)}",
            gid=f"cells:{noise}",
        )
    axes.set_xlabel("distance from even load |CI|")
    axes.set_ylabel("test accuracy (%)")
    axes.set_xlim(left=0)
    axes.grid(color="0.9", lw=0.5)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper center", ncols=2, handletextpad=0.1, columnspacing=1.0)
    style.note(
        figure,
        f"CI: convexity index of the seed-mean load curve; ρ: Spearman over the cells of a panel. "
        f"{_population(cubes)}{_gaps(cubes)}",
    )
    return figure


def _spearman_of_finite(a: xr.DataArray, b: xr.DataArray) -> xr.DataArray:
    """Over the cells that are drawn; the claim on the same number does not leave out any."""
    b = b.transpose(*a.dims)
    kept = (np.isfinite(a) & np.isfinite(b)).values.ravel()
    x = xr.DataArray(a.values.ravel()[kept], dims="cell")
    y = xr.DataArray(b.values.ravel()[kept], dims="cell")
    return spearman(x, y, "cell") if kept.sum() > 2 else xr.DataArray(np.nan)


# ---------------------------------------------------------------------------------------------
# Reproduced against published
# ---------------------------------------------------------------------------------------------


@style.styled
def phase_diagram_fidelity(cubes: Cubes, references: References) -> Figure:
    """Convexity index and accuracy of each coinciding cell, reproduced against published."""
    published = published_phase_diagram(references[PUBLISHED])
    cubes = {name: cubes[name] for name, letter, _ in PANELS if letter in published["panel"]}
    figure = style.new_figure(style.PAGE, 3.7)
    quantities = (
        ("convexity_index", "convexity index CI", "", 3),
        ("test_accuracy_percent", "test accuracy (%)", " points", 2),
    )
    counts = []
    for axes, (quantity, label, unit, digits) in zip(
        figure.subplots(1, 2), quantities, strict=True
    ):
        seen = []
        for experiment, letter, title in PANELS:
            if experiment not in cubes:
                continue
            pairs = compare_with_published(cubes[experiment], published)
            ours, theirs = pairs[quantity].values, pairs[f"{quantity}_published"].values
            colour, marker = style.PANELS[noise_axis(cubes[experiment])]
            axes.scatter(
                theirs,
                ours,
                s=16,
                marker=marker,
                facecolor=colour,
                edgecolor="white",
                linewidth=0.4,
                alpha=0.9,
                label=f"{letter} {title.lower()}: {_agreement(ours, theirs, unit, digits)}",
                gid=f"cells:{letter}",
            )
            seen += [ours, theirs]
            if quantity == "convexity_index":
                counts.append(
                    f"{letter} {np.isfinite(ours).sum()}\u00a0of\u00a0{_published_cells(published)}"
                )
        _identity_line(axes, np.concatenate([np.ravel(values) for values in seen] or [[]]))
        axes.set_xlabel(f"published {label}")
        axes.set_ylabel(f"reproduced {label}")
        axes.grid(color="0.9", lw=0.5)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), borderaxespad=0.3)
    style.note(
        figure,
        "Published: panels a and c, read from the vector figure; only cells whose coordinates "
        f"coincide with a published cell are compared: {', '.join(counts)}. {_population(cubes)} "
        f"{_difference_in_kind(cubes)}{_gaps(cubes)}",
    )
    return figure


def _agreement(ours: np.ndarray, theirs: np.ndarray, unit: str, digits: int) -> str:
    both = np.isfinite(ours) & np.isfinite(theirs)
    if not both.any():
        return "no cell coincides"
    difference = float(np.abs(ours - theirs)[both].mean())
    text = rf"mean $|\Delta|$ = {difference:.{digits}f}{unit}"
    if both.sum() > 2 and np.ptp(ours[both]) > 0 and np.ptp(theirs[both]) > 0:
        text += f", $r$ = {_signed(np.corrcoef(ours[both], theirs[both])[0, 1])}"
    return text


def _identity_line(axes: Axes, values: np.ndarray) -> None:
    low, high = _limits(values)
    margin = 0.05 * (high - low)
    axes.axline((low, low), slope=1, color="0.4", lw=0.8, ls=(0, (4, 2)), zorder=0)
    axes.set(xlim=(low - margin, high + margin), ylim=(low - margin, high + margin))
    axes.set_aspect("equal")
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_locator(MaxNLocator(6))


def _published_cells(published: xr.Dataset) -> int:
    return published["test_accuracy_percent"].isel(panel=0).size


# ---------------------------------------------------------------------------------------------
# Words under the figures
# ---------------------------------------------------------------------------------------------


def _population(cubes: Cubes) -> str:
    """How many seeds and images, of which data set, at which preset."""
    shown = [(cubes[name], letter) for name, letter, _ in PANELS if name in cubes]
    seeds = {letter: cube["/"].sizes["seed"] for cube, letter in shown}
    images = {letter: cube.attrs.get("n_train") for cube, letter in shown}
    sources = {letter: _dataset_name(cube) for cube, letter in shown}
    presets = {letter: cube.attrs.get("preset") for cube, letter in shown}
    return (
        f"n\u00a0=\u00a0{_by_panel(seeds)} seed{'s' if max(seeds.values()) > 1 else ''} a cell, "
        f"{_by_panel(images)} training images ({_by_panel(sources)}); "
        f"preset {_by_panel(presets)}."
    )


def _dataset_name(cube: xr.DataTree) -> str | None:
    try:
        recipe = json.loads(cube.attrs.get("dataset", "{}"))
    except (TypeError, ValueError):
        recipe = {}
    name = recipe.get("name") if isinstance(recipe, dict) else None
    source = cube.attrs.get("dataset_source")
    return source or name


def _by_panel(values: Mapping[str, object]) -> str:
    """One value when all panels share it; otherwise the rule, and the exceptions by letter."""
    shown = {letter: _plain(value) for letter, value in values.items()}
    distinct = list(dict.fromkeys(shown.values()))
    if len(distinct) == 1:
        return distinct[0]
    return ", ".join(
        f"{value} ({' '.join(k for k, v in shown.items() if v == value)})" for value in distinct
    )


def _plain(value) -> str:
    if value is None:
        return "unstated"
    if isinstance(value, (int, float, np.number)):
        return f"{int(value):,}".replace(",", "\u2009")
    return str(value)


def _seed_spread(cube: xr.DataTree, variable: str) -> str | None:
    single = load_curves.convexity_index(load_curves.load_curve(cube, variable=variable, over=None))
    if single.sizes["seed"] < 2:
        return None
    spread = single.std("seed", ddof=1)
    values = spread.values[np.isfinite(spread.values)]
    return f"{np.median(values):.3f}" if values.size else None


def _spreads(spreads: Mapping[str, str | None]) -> str:
    shown = [f"{letter}\u00a0{spread}" for letter, spread in spreads.items() if spread]
    if not shown:
        return ""
    return (
        " Spread of the convexity index over seeds (median of the cells' standard deviations): "
        f"{', '.join(shown)}."
    )


def _gaps(cubes: Cubes, *, hatched: bool = False) -> str:
    lost = 0
    for name, _, _ in PANELS:
        if name in cubes:
            status = cubes[name]["/"].to_dataset()["status"]
            lost += int((status != selecting.STATUS_OK).sum())
    if not lost:
        return ""
    return f" {lost} run{'s' if lost > 1 else ''} diverged or missing: left out of the means" + (
        "; hatched where no seed is left." if hatched else "; no point where no seed is left."
    )


def _difference_in_kind(cubes: Cubes) -> str:
    presets = {str(cube.attrs.get("preset")) for cube in cubes.values()}
    if presets == {"paper"}:
        return ""
    return "A smaller preset has fewer seeds and may use another test set than the published one."


def _signed(value: float) -> str:
    """A number with a real minus sign."""
    return f"{value:.2f}".replace("-", "−")
