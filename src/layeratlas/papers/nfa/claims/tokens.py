"""Claims on queries, keys and values of a decoder.

Thresholds are those of the project's specification of the paper (§6, fig02 D) and of its issue.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import count_runs
from layeratlas.papers.nfa import curves, tokens
from layeratlas.papers.nfa.claims.deciding import Decided, largest, smallest

__all__ = ["judge"]

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(panels=0.8, error=0.02)
#: Training windows below which a run is too short to have learnt anything.
N_TRAIN = 10_000


def judge(ledger: Ledger, cube: xr.DataTree) -> None:
    """Claims of panel D, all at the shown gain of initial weights but for the loss."""
    n = int(cube.attrs["n_train"])
    short = None if n >= N_TRAIN else f"{n} windows of a text are no training"
    uc, c = (tokens.projections(cube, name) for name in ("uc_nfc", "c_nfc"))
    each = c - uc
    gap = each.mean("seed", skipna=False)
    subject = f"{gap.sizes['block']} blocks × Q, K, V, gain {tokens.scale_shown(cube):g}"
    end = curves.at(gap, "final")
    ledger.decide(
        "panels",
        subject,
        "share of panels in which C-NFC exceeds UC-NFC at the end",
        ">=",
        THRESHOLD.panels,
        partial(_share, end, curves.at(each, "final")),
        unless=short,
    )
    first = str(gap["record"].values[1])
    early, early_each = (
        curves.at(one, first).sel(projection=["query", "key"]) for one in (gap, each)
    )
    ledger.decide(
        "early",
        subject,
        f"C-NFC − UC-NFC of queries and keys at {first}: smallest",
        ">",
        0,
        partial(smallest, early, of=[early_each]),
    )
    losses = curves.evaluated(cube, "test_loss")
    unigram = tokens.yardsticks(cube)["unigram"]
    ledger.decide(
        "loss",
        "validation",
        f"test loss less that of counts of single characters, {unigram:.3f} nats, at the end: "
        "largest over gains and seeds",
        "<",
        0,
        partial(largest, curves.at(losses, "final") - unigram),
        unless=short,
    )
    ledger.decide(
        "loss_untrained",
        "validation",
        "control: the same before training: smallest",
        ">",
        0,
        partial(smallest, curves.at(losses, "init") - unigram),
    )
    errors = [curves.curve(cube, name) for name in ("uc_nfc_error", "c_nfc_error")]
    ledger.decide(
        "error",
        "all gains, records and projections",
        "standard error of a correlation from random projections: largest",
        "<=",
        THRESHOLD.error,
        lambda: (
            max(float(error.max()) for error in errors),
            count_runs(errors[0]),
            f"of {sum(int(np.isfinite(error).sum()) for error in errors)} correlations, by leaving "
            "one projection out at a time",
        ),
    )


def _share(gap: xr.DataArray, each: xr.DataArray) -> Decided:
    """NaN where any panel has no number."""
    known = bool(np.isfinite(gap).all())
    told = ", ".join(
        f"{int(block)}{name[0]} {float(gap.sel(block=block, projection=name)):+.2f}"
        for block in gap["block"].values
        for name in gap["projection"].values
    )
    return (float((gap > 0).mean()) if known else float("nan")), count_runs(each), told
