"""Phase diagram of the chain, alone and beside those of networks (arXiv 2407.19353)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, ListedColormap, Normalize
from matplotlib.figure import Figure, FigureBase

from layeratlas.cubes import selecting
from layeratlas.cubes.population import seeds
from layeratlas.cubes.statistics import spearman
from layeratlas.figures import cells, palette, style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.beside_springs import ALIKE, beside_springs, spring_table
from layeratlas.papers.spring_block.chain_cubes import chain_curves, chain_settings
from layeratlas.papers.spring_block.figures.chain_words import parameters_told
from layeratlas.papers.spring_block.figures.panel_words import spread_told, told_by_letter
from layeratlas.papers.spring_block.figures.words import signed
from layeratlas.papers.spring_block.layout import diagram
from layeratlas.papers.spring_block.noise import noise_axis
from layeratlas.papers.spring_block.panels import DIGITISED, PANELS
from layeratlas.papers.spring_block.published import published_panel, published_phase_diagram

#: CI at the ends of the colour scale; the springs' corners are at −0.29 and +0.22.
_REACH = 0.32
_DOT = palette.BLUE
_AXES = ("friction_right", "noise_strength")


@style.styled
def spring_phase_diagram(cubes: Cubes, references: References) -> Figure:
    """Load curves of the chain over noise and friction, laid out as the network's diagram.

    Rows are frictions μ→, the most at the top; columns have less noise ε̄ to the right. In each
    cell the mean curve over chains, rescaled to the cell's own height, on a colour for its CI.
    """
    cube = cubes["spring_phase_diagram"]
    figure = style.new_figure(4.6, 3.3)
    axes = figure.subplots()
    spread = _spring_panel(axes, cube)
    axes.set_xlabel(r"more noise  ←  noise strength $\bar{\epsilon}$  →  less noise")
    axes.set_ylabel(r"no friction  ←  friction $\mu_\to$  →  nonlinear")
    _bar(figure, axes, "convexity index CI")
    chain = chain_settings(cube)
    style.note(
        figure,
        f"Red: $y-x_l$ against block, $l$ = 0 … {chain['length']}, mean over chains, each cell on "
        f"its own scale; colour: its convexity index.{_spread_told(spread)} "
        f"First-order chain, {parameters_told(chain, _AXES)}",
    )
    return figure


@style.styled
def two_phase_diagrams(cubes: Cubes, references: References) -> Figure:
    """The network's four diagrams and the springs' on one scale of CI, and how alike they are.

    Cells correspond by their place in the published layout (`beside_springs`).
    """
    figure = style.new_figure(style.PAGE, 4.4)
    ((left, right),) = figure.subfigures(1, 2, squeeze=False, width_ratios=(1.22, 1))
    springs = cubes["spring_phase_diagram"]
    table = spring_table(springs)
    likeness: list[_Likeness] = []
    spreads: dict[str, str] = {}
    for axes, panel in zip(left.subplots(2, 2).flat, PANELS, strict=True):
        cube = cubes[panel.experiment]
        spreads[panel.letter] = _network_panel(axes, cube)
        axes.set_title(panel.letter, loc="left", fontweight="bold")
        axes.set_title(panel.title)
        likeness.append(_alike(panel.subject, cube, table))
    above, below = right.subfigures(2, 1, height_ratios=(1.45, 1))
    axes = above.subplots()
    spreads["e"] = _spring_panel(axes, springs)
    axes.set_title("Springs")
    axes.set_title("e", loc="left", fontweight="bold")
    axes.set_xlabel(r"more noise  ←  $\bar{\epsilon}$  →  less")
    axes.set_ylabel(r"friction $\mu_\to$")
    # Some networks bend more than any chain.
    _bar(above, axes, "convexity index CI", extend="both")
    published = published_phase_diagram(references[DIGITISED])
    for letter in published["panel"].values:
        noise = str(published["noise_axis"].sel(panel=letter).item())
        curves = published_panel(published, noise)["separation_normalised"]
        subject = f"{letter} {noise.replace('_', ' ')}, published"
        rho, count = _rank(curves, table)
        likeness.append(_Likeness(subject, rho, count, np.nan, ours=False))
    _likeness(below.subplots(), likeness)
    chain = chain_settings(springs)
    told = told_by_letter({letter: spread for letter, spread in spreads.items() if spread})
    style.note(
        figure,
        "Red: mean load curve, each cell on its own scale; colour: its convexity index, one scale "
        f"for all panels.{_spread_told(told)} f: Spearman's ρ over cells that share a place in the "
        r"published 6 × 8 layout ($\alpha$ = 0 … 1 ↔ $\mu_\to$ from most to none; columns by rank "
        "of noise), their number in brackets; hollow: published networks; bars: ± standard "
        f"deviation of the single seeds' ρ; dashed: {ALIKE:g}, from which we call diagrams alike. "
        f"Springs: {parameters_told(chain, _AXES)}",
    )
    return figure


def _spread_told(spread: str) -> str:
    if not spread:
        return ""
    return f" Standard deviation of the index over seeds, median cell (worst cell): {spread}."


def _spring_panel(axes: Axes, cube: xr.DataTree) -> str:
    """Returns the index's spread over chains, in words."""
    curves = chain_curves(cube).sortby(list(_AXES), ascending=False)
    _panel(axes, cube, curves.transpose(*_AXES, "layer"), _AXES, 1.2)
    return spread_told(load_curves.convexity_index(chain_curves(cube, over=None)))


def _network_panel(axes: Axes, cube: xr.DataTree) -> str:
    """Returns the index's spread over seeds, in words."""
    noise = noise_axis(cube)
    curves = diagram(load_curves.load_curve(cube), noisiest_first=True)
    curves = curves.transpose("negative_slope", noise, "layer")
    _panel(axes, cube, curves, ("negative_slope", noise), 1.0)
    axes.set_xlabel(style.axis_label(noise))
    axes.set_ylabel(style.axis_label("negative_slope"))
    if curves.sizes[noise] > 6:
        # Eight labels do not fit under a narrow panel.
        axes.tick_params(axis="x", labelrotation=45, labelsize=6)
    return spread_told(load_curves.convexity_index(load_curves.load_curve(cube, over=None)))


def _panel(
    axes: Axes, cube: xr.DataTree, curves: xr.DataArray, names: tuple[str, str], width: float
) -> None:
    """Cells of one diagram over (row, column) = `names`, already in the order of the page."""
    cells.shade(axes, load_curves.convexity_index(curves).values, cmap=_colour_map(), norm=_norm())
    shapes = load_curves.range_normalised(curves).values
    rows, columns = (style.tick_labels(name, curves[name].values) for name in names)
    finished = selecting.finished_runs(cube)
    for j, row in enumerate(rows):
        for i, column in enumerate(columns):
            gid = f"{names[1]}={column},{names[0]}={row}"
            cells.curve(axes, shapes[j, i], i, j, gid, width=width)
            here = {name: curves[name].values[k] for name, k in zip(names, (j, i), strict=True)}
            cells.finished(axes, int(finished.sel(here).squeeze()), seeds(cube), i, j, gid)
    cells.frame(axes, columns, rows)


def _colour_map() -> Colormap:
    """Concave blue, straight white, convex ochre; light enough for red curves everywhere."""
    from cmcrameri import cm

    # The dark ends would hide the curves.
    return ListedColormap(cm.broc(np.linspace(0.2, 0.8, 256)), name="broc_light")


def _norm() -> Normalize:
    return Normalize(-_REACH, _REACH)


def _bar(figure: FigureBase, axes: Axes, label: str, extend: str = "neither") -> None:
    bar = figure.colorbar(
        ScalarMappable(_norm(), _colour_map()),
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


@dataclass(frozen=True)
class _Likeness:
    """Spearman's ρ of the CI of a diagram and that of the springs, over `cells` cells.

    `spread` is the standard deviation over seeds of the ρ of each seed alone, NaN where it is not
    known.
    """

    subject: str
    rho: float
    cells: int
    spread: float
    ours: bool


def _alike(subject: str, cube: xr.DataTree, springs: xr.DataArray) -> _Likeness:
    rho, count = _rank(load_curves.load_curve(cube), springs)
    runs = load_curves.load_curve(cube, over=None)
    each = [_rank(runs.isel(seed=k), springs)[0] for k in range(runs.sizes["seed"])]
    known = np.array(each)[np.isfinite(each)]
    spread = round(float(known.std(ddof=1)), 9) if known.size > 1 else np.nan
    return _Likeness(subject, rho, count, spread, ours=True)


def _rank(curves: xr.DataArray, springs: xr.DataArray) -> tuple[float, int]:
    """ρ and the number of cells, those finite in both; the claim leaves out none."""
    both = beside_springs(load_curves.convexity_index(curves), springs)
    both = both.isel(cell=np.isfinite(both["convexity_index"].values))
    count, rho = both.sizes["cell"], np.nan
    if count >= 3:
        rho = float(spearman(both["convexity_index"], both["convexity_index_springs"], "cell"))
    # Sums over cells in another order, as they may be stored, differ in their last digits.
    return round(rho, 9), count


def _likeness(axes: Axes, rows: Sequence[_Likeness]) -> None:
    """One dot a diagram: its rank correlation with the springs'."""
    values = [row.rho for row in rows]
    place = np.arange(len(rows))
    for y, rho in enumerate(values):
        axes.plot([0, rho], [y, y], color="0.7", lw=1.0, zorder=1, gid="guide:stem")
    fills = [_DOT if row.ours else "white" for row in rows]
    for y, row in enumerate(rows):
        if np.isfinite(row.spread):
            # ρ ends at 1.
            bar = [[row.spread], [min(row.spread, 1 - row.rho)]]
            axes.errorbar(row.rho, y, xerr=bar, color="0.2", elinewidth=0.8, capsize=2, zorder=2)
    axes.scatter(values, place, s=22, c=fills, edgecolors=_DOT, linewidths=1.0, zorder=3)
    for y, row in enumerate(rows):
        if np.isfinite(row.rho):
            axes.text(
                1.06, y, f"{signed(row.rho)} ({row.cells})", va="center", fontsize=style.SMALLEST
            )
    axes.axvline(ALIKE, color="0.4", lw=0.8, ls=(0, (4, 2)), zorder=0, gid="guide:alike")
    axes.set_yticks(place, [row.subject for row in rows])
    axes.set_ylabel("networks")
    axes.set(xlim=(min([0.0, *np.nan_to_num(values)]), 1.02), ylim=(len(rows) - 0.5, -0.5))
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0], ["0", "0.25", "0.5", "0.75", "1"])
    axes.set_xlabel(r"rank correlation with the springs $\rho$ (cells)")
    axes.set_title("f", loc="left", fontweight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
