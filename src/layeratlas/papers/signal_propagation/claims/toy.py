"""Claims on eigenfunctions of the tangent kernel on a disc (Baratin et al., arXiv 2008.00938)."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.size import too_small
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.source import BARATIN
from layeratlas.papers.signal_propagation.toy import EXPERIMENT, toy

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(rise=0.0, more=0.0, learnt=0.9)


def baratin_toy(cubes: Cubes, references: References) -> list[Claim]:
    """The top eigenfunction turns towards the label, and not towards what was not taught."""
    ledger = Ledger("baratin_toy", f"{BARATIN}; claim: specification §9 (B5); controls chosen here")
    found = toy(cubes[EXPERIMENT])
    rise = found.taught[:, -1] - found.taught[:, 0]
    other = found.untaught[:, -1] - found.untaught[:, 0]
    known = np.isfinite(rise) & np.isfinite(other)
    unless = too_small(cubes[EXPERIMENT], epochs=3000)
    unless = unless or (None if known.any() else "no run was left")
    rise, other = rise[known], other[known]

    def decide(id, statement, comparison, threshold, value, note="") -> None:
        ledger.decide(
            id,
            "top eigenfunction, grid",
            statement,
            comparison,
            threshold,
            lambda: (float(value()), int(known.sum()), note),
            unless=unless,
        )

    before, after = (found.taught[known, k].mean() if known.any() else np.nan for k in (0, -1))
    told = f"{before:.3f} at iteration 0, {after:.3f} at {found.steps[-1]:g}, means over seeds"
    decide(
        "turns",
        "centred correlation of the top eigenfunction with the label: end less beginning, mean "
        "over seeds",
        ">",
        THRESHOLD.rise,
        lambda: rise.mean(),
        told,
    )
    decide(
        "turns_every_seed",
        "the same, least over seeds",
        ">",
        THRESHOLD.rise,
        lambda: rise.min(),
    )
    decide(
        "only_what_was_taught",
        "control: it turns to the label and not to a linear function of x: rise of the former less "
        "rise of the latter, mean over seeds",
        ">",
        THRESHOLD.more,
        lambda: (rise - other).mean(),
        f"linear part {other.mean():+.3f}" if known.any() else "",
    )
    decide(
        "learnt",
        "training accuracy at the end, least over seeds",
        ">=",
        THRESHOLD.learnt,
        lambda: found.accuracy[known, -1].min(),
    )
    return ledger.claims
