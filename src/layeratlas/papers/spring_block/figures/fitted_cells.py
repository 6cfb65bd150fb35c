"""Which chain does a network's load curve resemble, cell by cell of the phase diagram?

Beyond the paper; see `layeratlas.chains.fits`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.patheffects import Normal, Stroke

from layeratlas.figures import cells, palette, style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block.figures.poor_fits import POOR, is_poor
from layeratlas.papers.spring_block.noise import noise_axis, order_by_noise
from layeratlas.papers.spring_block.panels import PANELS

_ROWS = (
    ("friction_right", r"friction $\mu_\rightarrow$"),
    ("noise_strength", r"noise $\bar\varepsilon$"),
)


@style.styled
def spring_fit(cubes: Cubes, references: References) -> Figure:
    """Fitted friction (top) and noise (bottom) over the four panels of the phase diagram.

    Laid out as the phase diagram. Colour and number are the fit of the seed-mean curve ± its
    standard deviation over seeds, without numbers where cells are small. Cells that do not identify
    the parameter (half of the library or more fits as well) are hatched and have neither; a cross
    in the corner marks cells that no chain of the library resembles.
    """
    from cmcrameri import cm

    figure = style.new_figure(style.PAGE, 4.6)
    grid = figure.subplots(2, 4)
    for row, (parameter, label) in enumerate(_ROWS):
        fits = [_fits(cubes[panel.fit]) for panel in PANELS]
        top = max(float(np.nanmax(_known(f, parameter), initial=0.0)) for f in fits)
        for column, (fit, panel) in enumerate(zip(fits, PANELS, strict=True)):
            axes = grid[row, column]
            image = _panel(axes, fit, parameter, top, cm.lapaz_r)
            if row == 0:
                axes.set_title(panel.title)
                axes.set_title(panel.letter, loc="left", fontweight="bold")
            else:
                axes.set_xlabel(style.axis_label(noise_axis(fit)))
            if column == 0:
                axes.set_ylabel(style.axis_label("negative_slope"))
        bar = figure.colorbar(image, ax=list(grid[row]), fraction=0.02, pad=0.01)
        bar.set_label(label)
        bar.outline.set_linewidth(0.6)
    style.note(figure, _note([cubes[panel.fit] for panel in PANELS]))
    return figure


def _fits(cube: xr.DataTree) -> xr.Dataset:
    """The fits of the cells, (slope, noise): ReLU first, noisiest first."""
    fit = cube["cells"].to_dataset().drop_dims("seed").compute()
    noise = noise_axis(fit)
    order = order_by_noise(fit["residual"], noisiest_first=True)[noise].values
    return fit.sel({noise: order}).sortby("negative_slope").transpose("negative_slope", noise)


def _known(fit: xr.Dataset, parameter: str) -> np.ndarray:
    """The fitted values that the curves identify; NaN elsewhere."""
    return fit[f"{parameter}_fit"].where(fit[f"{parameter}_identifiable"] == 1).values


def _panel(axes: Axes, fit: xr.Dataset, parameter: str, top: float, cmap: Colormap) -> AxesImage:
    noise = noise_axis(fit)
    best, spread = fit[f"{parameter}_fit"].values, fit[f"{parameter}_seed_std"].values
    known = fit[f"{parameter}_identifiable"].values == 1
    poor = is_poor(fit).values
    image = cells.shade(axes, _known(fit, parameter), cmap=cmap, vmin=0, vmax=top or 1.0)
    small = best.shape[1] > 5
    for j, i in np.ndindex(*best.shape):
        if not np.isfinite(best[j, i]):
            continue
        ground = cmap(best[j, i] / (top or 1.0)) if known[j, i] else style.MISSING
        ink = max(("white", "0.1"), key=lambda colour: palette.contrast(colour, ground))
        if not known[j, i]:
            cell = Rectangle((i - 0.5, j - 0.5), 1, 1, hatch="////", lw=0, zorder=0.5)
            cell.set(facecolor=style.MISSING, edgecolor="0.5", gid="unidentified")
            axes.add_patch(cell)
        elif not small:
            text = _short(float(best[j, i]))
            if np.isfinite(spread[j, i]):
                text += f"\n±{_short(float(spread[j, i]))}"
            axes.text(
                i, j + 0.04, text, ha="center", va="center", fontsize=style.SMALLEST, color=ink,
                zorder=3,
            )  # fmt: skip
        if poor[j, i]:
            (cross,) = axes.plot(
                i + 0.32, j - 0.35, "x", ms=3, mew=0.9, color=style.CURVE, zorder=4, gid="poor"
            )
            # A casing keeps red readable on any ground.
            cross.set_path_effects([Stroke(linewidth=2.4, foreground="white"), Normal()])
    cells.frame(
        axes,
        style.tick_labels(noise, fit[noise].values),
        style.tick_labels("negative_slope", fit["negative_slope"].values),
    )
    if small:
        # Labels of so many columns do not fit beside each other.
        axes.tick_params(axis="x", labelrotation=90, labelsize=style.SMALLEST)
    return image


def _short(value: float) -> str:
    """Two decimals without the nought before them, which takes the room of a third."""
    return f"{value:.2f}".replace("0.", ".", 1) if 0 <= value < 1 else f"{value:.2f}"


def _note(cubes: Sequence[xr.DataTree]) -> str:
    fits = [cube["cells"].to_dataset().compute() for cube in cubes]
    residual = np.concatenate([f["residual"].values.ravel() for f in fits])
    poor = sum(int(is_poor(f).sum()) for f in fits)
    counts = {
        name: sum(int((f[f"{name}_identifiable"] == 1).sum()) for f in fits) for name, _ in _ROWS
    }
    spreads = {name: _spread_told(fits, name) for name, _ in _ROWS}
    spread = (
        "; ± standard deviation over seeds, median (worst) of the identified cells: μ→ "
        f"{spreads['friction_right']}, ε̄ {spreads['noise_strength']}"
        if all(spreads.values())
        else ""
    )
    found = residual[np.isfinite(residual)]
    missed = (
        f" Residual: median {np.median(found):.3f}, worst {found.max():.3f} of the curve's range."
        if found.size
        else ""
    )
    return (
        "Chain (first order, k = y = 1, μ← = 0.15, 10\u2009000 steps) whose normalised load curve "
        f"is nearest to that of the seed mean{spread}. Hatched, without a value: not identifiable, "
        f"half of the library or more fits as well (identified: μ→ in {counts['friction_right']}, "
        f"ε̄ in {counts['noise_strength']} of {residual.size} cells). Cross in the corner: no chain "
        f"of the library comes within {POOR:g} tolerances ({poor} cells).{missed}"
    )


def _spread_told(fits: Sequence[xr.Dataset], parameter: str) -> str:
    """Median and worst standard deviation over seeds; "" where there is none."""
    spread = np.concatenate(
        [
            f[f"{parameter}_seed_std"].where(f[f"{parameter}_identifiable"] == 1).values.ravel()
            for f in fits
        ]
    )
    known = spread[np.isfinite(spread)]
    return f"{np.median(known):.3f}\u00a0({known.max():.3f})" if known.size else ""
