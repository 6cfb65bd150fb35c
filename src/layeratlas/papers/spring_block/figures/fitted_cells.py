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

from layeratlas.cubes.population import seeds
from layeratlas.figures import cells, style
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

    Laid out as the phase diagram. The number is the fit of the seed-mean curve ± its standard
    deviation over seeds; hatched cells do not identify the parameter (half of the library or
    more fits as well), a cross marks cells that no chain of the library resembles.
    """
    from cmcrameri import cm

    figure = style.new_figure(style.PAGE, 4.6)
    grid = figure.subplots(2, 4)
    for row, (parameter, label) in enumerate(_ROWS):
        fits = [_fits(cubes[panel.fit]) for panel in PANELS]
        top = max(float(np.nanmax(f[f"{parameter}_fit"], initial=0.0)) for f in fits)
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


def _panel(axes: Axes, fit: xr.Dataset, parameter: str, top: float, cmap: Colormap) -> AxesImage:
    noise = noise_axis(fit)
    best, spread = fit[f"{parameter}_fit"].values, fit[f"{parameter}_seed_std"].values
    known = fit[f"{parameter}_identifiable"].values == 1
    poor = is_poor(fit).values
    image = cells.shade(axes, best, cmap=cmap, vmin=0, vmax=top or 1.0)
    small = best.size > 24
    for j, i in np.ndindex(*best.shape):
        if not np.isfinite(best[j, i]):
            continue
        dark = best[j, i] > 0.55 * (top or 1.0)
        ink = "white" if dark else "0.15"
        text = f"{best[j, i]:.2f}"
        if not small and np.isfinite(spread[j, i]):
            text += f"\n±{spread[j, i]:.2f}"
        label = axes.text(
            i, j, text, ha="center", va="center", fontsize=4 if small else 6, color=ink, zorder=3
        )
        # A rim in the cell's own colour keeps numbers readable on hatching.
        own = cmap(best[j, i] / (top or 1.0))
        label.set_path_effects([Stroke(linewidth=2.0, foreground=own), Normal()])
        if not known[j, i]:
            axes.add_patch(
                Rectangle((i - 0.5, j - 0.5), 1, 1, fill=False, hatch="////", lw=0, ec=ink)
            )
        if poor[j, i]:
            axes.plot([i - 0.4, i + 0.4], [j - 0.4, j + 0.4], color=style.CURVE, lw=0.8)
            axes.plot([i - 0.4, i + 0.4], [j + 0.4, j - 0.4], color=style.CURVE, lw=0.8)
    cells.frame(
        axes,
        style.tick_labels(noise, fit[noise].values),
        style.tick_labels("negative_slope", fit["negative_slope"].values),
    )
    return image


def _note(cubes: Sequence[xr.DataTree]) -> str:
    fits = [cube["cells"].to_dataset().compute() for cube in cubes]
    residual = np.concatenate([f["residual"].values.ravel() for f in fits])
    poor = sum(int(is_poor(f).sum()) for f in fits)
    counts = {
        name: sum(int((f[f"{name}_identifiable"] == 1).sum()) for f in fits) for name, _ in _ROWS
    }
    runs = [seeds(cube) for cube in cubes]
    told = f"{runs[0]}" if len(set(runs)) == 1 else ", ".join(map(str, runs)) + " (a–d)"
    return (
        "Chain (first order, k = y = 1, μ← = 0.15, 10,000 steps) whose normalised load curve is "
        "nearest to the network's; fit of the seed mean ± standard deviation over "
        f"n = {told} seeds. Hatched: not identifiable, half of the library or more "
        f"fits as well (identified: μ→ in {counts['friction_right']}, ε̄ in "
        f"{counts['noise_strength']} of {residual.size} cells). Crossed: no chain of the library "
        f"comes within {POOR:g} tolerances ({poor} cells). "
        f"Median residual {np.nanmedian(residual):.3f} of the curve's range."
    )
