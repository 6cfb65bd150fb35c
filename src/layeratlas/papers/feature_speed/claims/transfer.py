"""Claim on the transfer of learning rates across depth.

Beyond L. Chizat and P. Netrapalli, "The Feature Speed Formula" (arXiv 2311.18718): whether FSC
keeps the best learning rate fixed as depth grows is this project's question, with a threshold that
was set before the first result.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import count_runs
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed.source import PREPRINT
from layeratlas.papers.feature_speed.trainings import (
    TRANSFER,
    optimal_learning_rate,
    training_loss,
)
from layeratlas.papers.given import Cubes, References

QUESTION = f"an extension of {PREPRINT}"

#: Every number that decides a claim, and nothing else.
THRESHOLD = SimpleNamespace(slope=0.25)
#: Depths that a slope needs.
DEPTHS = 3


def learning_rate_transfer(cubes: Cubes, references: References) -> list[Claim]:
    """Whether the best master step under FSC stays as depth grows."""
    cube = cubes[TRANSFER]
    loss = training_loss(cube)
    best = optimal_learning_rate(loss)
    slopes = fs.log_slope(best, "depth")
    named = fs.axis(cube, "scaling")
    depths, seeds = best.sizes["depth"], best.sizes["seed"]
    ledger = Ledger("learning_rate_transfer", QUESTION)
    unless = None
    if "fsc" not in named:
        unless = f"the grid has no scaling fsc; it has {', '.join(named)}"
    elif depths < DEPTHS:
        unless = f"{depths} depth{'s' if depths > 1 else ''}: a slope needs at least {DEPTHS}"

    def slope() -> tuple[float, int, str]:
        told = []
        for name in named:
            one, optima = slopes.sel(scaling=name), best.sel(scaling=name)
            spread = f" ± {float(one.std('seed', ddof=1)):.2f}" if seeds > 1 else ""
            at = ", ".join(
                f"{np.exp(np.log(o).mean()):.3g}" for o in optima.transpose("depth", ...)
            )
            told.append(f"{name} {float(one.mean(skipna=False)):+.2f}{spread} (optima {at})")
        found = abs(float(slopes.sel(scaling="fsc").mean("seed", skipna=False)))
        note = "; ".join(told) + f"; {seeds} seed{'s' if seeds > 1 else ''}"
        return found, count_runs(loss.sel(scaling="fsc")), note

    ledger.decide(
        "transfer",
        "fsc",
        "FSC keeps the best learning rate fixed across depth: |mean over seeds of the slope of "
        "ln(optimal learning rate) against ln(depth)|",
        "<=",
        THRESHOLD.slope,
        slope,
        unless=unless,
    )
    return ledger.claims
