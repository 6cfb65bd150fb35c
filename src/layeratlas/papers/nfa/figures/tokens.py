"""Fig. 2D: correlations of queries, keys and values along training, and the validation loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from layeratlas.figures import style, widths
from layeratlas.papers.nfa import curves, tokens
from layeratlas.papers.nfa.figures import by_layer, looks

__all__ = ["draw", "told"]


def draw(part: Any, cube: xr.DataTree) -> None:
    """A grid of blocks × {Q, K, V}, and the loss beside it with what counts alone would cost.

    part: a figure or a part of one. Source: arXiv 2402.05271, Fig. 2D; specification §1.4, §3.3.
    """
    scale = tokens.scale_shown(cube)
    found = {name: tokens.projections(cube, name) for name in by_layer.SHOWN}
    steps = curves.steps(cube).sel(init_gain=scale, method="nearest").mean("seed").values
    blocks = found["uc_nfc"]["block"].values
    left, right = np.ravel(part.subfigures(1, 2, width_ratios=[3, 1.25], squeeze=False))
    grid = left.subplots(len(blocks), 3, sharex=True, sharey=True, squeeze=False)
    for row, block in zip(grid, blocks, strict=True):
        for axes, name in zip(row, tokens.PROJECTIONS, strict=True):
            here = {"block": block, "projection": name}
            one = {key: values.sel(here, drop=True) for key, values in found.items()}
            start = float(curves.at(one["uc_nfc"], "init").mean())
            by_layer.both(axes, steps, one, f"D,{block},{name}", start)
            looks.step_axis(axes, "step" if block == blocks[-1] else "")
            axes.set_title(f"block {block}, {name}", fontsize=6.5, pad=2)
        row[0].set_ylabel("correlation")
    widths.keep_whole(grid[0, 0])
    _loss(right.subplots(), cube)


def _loss(axes: Axes, cube: xr.DataTree) -> None:
    """Test loss at every scale of initial weights."""
    losses, every = curves.evaluated(cube, "test_loss"), curves.steps(cube)
    scales = losses["init_gain"].values
    for scale, colour in looks.scale_colours(list(scales)).items():
        here = {"init_gain": scale}
        looks.band(
            axes, every.sel(here).mean("seed").values, losses.sel(here), colour,
            f"loss,{scale:g}", lw=1.0, label=f"gain {scale:.2g}",
        )  # fmt: skip
    for name, dashes in (("unigram", (0, (4, 2))), ("bigram", (0, (1, 1.2)))):
        cost = tokens.yardsticks(cube)[name]
        axes.axhline(cost, color="0.3", lw=0.8, ls=dashes, label=f"{name}: {cost:.2f}", gid=name)
    looks.step_axis(axes)
    style.open_frame(axes)
    axes.set_ylabel("loss (nats a character)")
    axes.set_title("validation", fontsize=6.5, pad=2)
    axes.yaxis.set_major_locator(MaxNLocator(5, min_n_ticks=3))
    # Below: the yardsticks cross the whole panel.
    axes.figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)


def told(cube: xr.DataTree) -> str:
    """What a note says of panel D."""
    error = max(float(curves.curve(cube, name).max()) for name in ("uc_nfc_error", "c_nfc_error"))
    return (
        f"D: a character-level decoder on {tokens.text_of(cube)} (size, text and optimiser chosen "
        f"here), {looks.over_seeds(cube)}, initial gain of Q, K, V "
        f"{tokens.scale_shown(cube):g}; K from random projections, standard error of a "
        f"correlation at most {error:.3f}; validation loss beside that of counts of one and of two "
        "characters."
    )
