"""Where C-NFC begins, predicted from moments of the data and observed."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from layeratlas.figures import palette, style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa import reversing
from layeratlas.papers.nfa.figures import looks

_MEAN = palette.BLUE


@style.styled
def nfa_fig03(cubes: Cubes, references: References) -> Figure:
    """ρ(F″, G″) over the balance: predicted, observed, and one against the other.

    Shaded lines: data seeds, solid blue: their mean. Right: a point a balance, means over data
    seeds with standard deviations; the identity. Source: arXiv 2402.05271, Fig. 3; specification
    §2.3, §5.3.
    """
    cube = cubes[reversing.EXPERIMENT]
    found = reversing.correlations(cube)
    figure = style.new_figure(style.PAGE, 2.5)
    panels = figure.subplots(1, 3)
    for axes, letter, name in zip(panels, "ab", ("predicted", "observed"), strict=False):
        _over_balance(axes, found[name], name)
        looks.panel_title(axes, letter, name)
        axes.set_ylabel(r"$\rho(F'', G'')$" if name == "predicted" else "C-NFC after one step")
    _against(panels[2], found)
    looks.panel_title(panels[2], "c", "one against the other")
    low = min(axes.get_ylim()[0] for axes in panels[:2])
    for axes in panels[:2]:
        axes.set_ylim(low, 1.02)
    seeds = found.sizes["draw_seed"]
    style.note(
        figure,
        "Networks of one hidden layer of squares (chosen here) on a mixture whose second part was "
        "chosen here, n = d = width as in the paper. a: from moments of the data alone, by free "
        "probability (derived here). b: C-NFC after one full-batch step of 1e-6 in double "
        f"precision. Shaded: data seeds, n\u00a0=\u00a0{seeds}; solid: their mean. c: means, bars "
        "standard deviations over data seeds; dashed: equal. Weights of one seed.",
    )
    return figure


def _over_balance(axes: Axes, values: xr.DataArray, name: str) -> None:
    for seed, one in zip(values["draw_seed"].values, values.T.values, strict=True):
        axes.plot(values["balance"], one, color=_MEAN, lw=0.8, alpha=0.3, gid=f"{name},{seed}")
    axes.plot(
        values["balance"], values.mean("draw_seed"), color=_MEAN, marker="o", ms=2.5,
        gid=f"{name},mean",
    )  # fmt: skip
    axes.set_xlabel("balance")
    axes.set_xlim(0, 1.03)
    style.open_frame(axes)


def _against(axes: Axes, found: xr.Dataset) -> None:
    mean, spread = found.mean("draw_seed"), found.std("draw_seed", ddof=1)
    several = found.sizes["draw_seed"] > 1
    axes.errorbar(
        mean["predicted"], mean["observed"],
        spread["observed"] if several else None, spread["predicted"] if several else None,
        ls="none", marker="o", ms=3, color=_MEAN, elinewidth=0.7, gid="against",
    )  # fmt: skip
    known = np.concatenate([mean["predicted"].values, mean["observed"].values])
    low = float(np.nanmin(known)) - 0.03 if np.isfinite(known).any() else 0.0
    axes.plot([low, 1], [low, 1], color="0.5", lw=0.8, ls=(0, (4, 2)), zorder=0)
    axes.set_xlabel("predicted")
    axes.set_ylabel("observed")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(4, min_n_ticks=3))
    style.open_frame(axes)
