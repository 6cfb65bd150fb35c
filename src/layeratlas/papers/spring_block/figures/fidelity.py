"""Reproduced against published phase diagram (Shi, Pan and Dokmanić, arXiv 2407.19353)."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from layeratlas.figures import cells, style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block.figures.panel_points import points
from layeratlas.papers.spring_block.figures.panel_words import told_by_letter
from layeratlas.papers.spring_block.figures.words import gaps_told, signed
from layeratlas.papers.spring_block.panels import DIGITISED, PANELS
from layeratlas.papers.spring_block.published import compare_with_published, published_phase_diagram

#: Quantity → its label, its unit in running text, and the decimals of a difference.
_QUANTITIES = {
    "convexity_index": ("convexity index CI", "", 3),
    "test_accuracy_percent": ("test accuracy (%)", " points", 2),
}


@style.styled
def phase_diagram_fidelity(cubes: Cubes, references: References) -> Figure:
    """Convexity index and accuracy of each coinciding cell, reproduced against published."""
    published = published_phase_diagram(references[DIGITISED])
    shown = [panel for panel in PANELS if panel.letter in published["panel"]]
    cubes = {panel.experiment: cubes[panel.experiment] for panel in shown}
    pairs = {panel: compare_with_published(cubes[panel.experiment], published) for panel in shown}
    figure = style.new_figure(style.PAGE, 3.7)
    for axes, (quantity, (label, unit, digits)) in zip(
        figure.subplots(1, 2), _QUANTITIES.items(), strict=True
    ):
        drawn = [np.empty(0)]
        for panel, both in pairs.items():
            ours, theirs = both[quantity].values, both[f"{quantity}_published"].values
            agreement = _agreement(ours, theirs, unit, digits)
            spread = both[f"{quantity}_seed_std"].values
            told = f"{panel.subject}: {agreement}"
            points(axes, panel, theirs, ours, s=16, label=told, y_spread=spread)
            drawn += [ours, theirs, ours - spread, ours + spread]
        _identity_line(axes, np.concatenate(drawn))
        axes.set_xlabel(f"published {label}")
        axes.set_ylabel(f"reproduced {label}")
        style.open_frame(axes)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), borderaxespad=0.3)
    all_cells = published["test_accuracy_percent"].isel(panel=0).size
    several = any(np.isfinite(both["convexity_index_seed_std"]).any() for both in pairs.values())
    finite = {
        panel.letter: int(np.isfinite(both["convexity_index"].values).sum())
        for panel, both in pairs.items()
    }
    counts = {letter: f"{count}\u00a0of\u00a0{all_cells}" for letter, count in finite.items()}
    style.note(
        figure,
        "Published: panels a and c, read from the vector figure; only cells whose coordinates "
        f"coincide with a published cell are compared: {told_by_letter(counts)}. Δ: reproduced − "
        "published, mean and worst cell; dashed: equal."
        f"{' Bars: ± standard deviation over seeds.' if several else ''} "
        f"{_difference_in_kind(cubes)}"
        f"{gaps_told(*cubes.values(), gaps='No point where no seed is left')}",
    )
    return figure


def _agreement(ours: np.ndarray, theirs: np.ndarray, unit: str, digits: int) -> str:
    both = np.isfinite(ours) & np.isfinite(theirs)
    if not both.any():
        return "no cell coincides"
    apart = np.abs(ours - theirs)[both]
    text = rf"$|\Delta|$ mean {apart.mean():.{digits}f}, worst {apart.max():.{digits}f}{unit}"
    if both.sum() > 2 and np.ptp(ours[both]) > 0 and np.ptp(theirs[both]) > 0:
        text += f", $r$ = {signed(np.corrcoef(ours[both], theirs[both])[0, 1])}"
    return text


def _identity_line(axes: Axes, values: np.ndarray) -> None:
    low, high = cells.limits(values)
    margin = 0.05 * (high - low)
    axes.axline(
        (low, low), slope=1, color="0.4", lw=0.8, ls=(0, (4, 2)), zorder=0, gid="guide:equal"
    )
    axes.set(xlim=(low - margin, high + margin), ylim=(low - margin, high + margin))
    axes.set_aspect("equal")
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_locator(MaxNLocator(6))


def _difference_in_kind(cubes: Cubes) -> str:
    presets = {str(cube.attrs.get("preset")) for cube in cubes.values()}
    if presets == {"paper"}:
        return ""
    return "A smaller preset has fewer seeds and may use another test set than the published one."
