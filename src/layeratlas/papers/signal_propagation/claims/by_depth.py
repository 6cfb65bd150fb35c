"""Claims on where in a network the hierarchy stands as networks get deeper.

Threshold of the project's specification of the paper (§5, F5).
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.depths import Series, series
from layeratlas.papers.signal_propagation.profiles import INIT
from layeratlas.papers.signal_propagation.source import PUBLISHED

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(deeper=0.05)
#: The depth that deeper networks are held against.
_DEPTH = 10


def alignment_by_depth(cubes: Cubes, references: References) -> list[Claim]:
    """In relative terms the hierarchy does not move towards the output with depth."""
    ledger = Ledger(
        "alignment_by_depth", f"{PUBLISHED}, abstract; measure and threshold: specification §5"
    )
    before = {one.experiment: one for one in series(cubes, record=INIT)}
    for one in series(cubes):
        start = before[one.experiment]
        ledger.decide(
            "relative_centroid",
            one.task,
            f"centroid/L at the largest L less that at L = {_DEPTH}, training images at the mark",
            "<=",
            THRESHOLD.deeper,
            partial(_change, one),
            unless=_without(one),
        )
        ledger.decide(
            "learnt",
            one.task,
            "control: smallest over depths of max_l A_l at the mark over that before training",
            ">",
            1.0,
            partial(_rise, one, start),
            unless=None if len(one.networks) else "no run came to the record point",
        )
    return ledger.claims


def _change(one: Series) -> tuple[float, int, str]:
    relative = one.of("centroid") / one.depths
    first = one.depths.tolist().index(_DEPTH)
    told = ", ".join(f"L={L:g}: {r:.3f}" for L, r in zip(one.depths, relative, strict=True))
    runs = sum(one.networks[k].shape.seeds for k in (first, -1))
    return float(relative[-1] - relative[first]), runs, told


def _rise(one: Series, start: Series) -> tuple[float, int, str]:
    heights = {n.layers: n.shape.height for n in start.networks}
    both = [n for n in one.networks if n.layers in heights]
    ratios = [n.shape.height / heights[n.layers] for n in both]
    runs = sum(n.shape.seeds for n in both)
    return float(min(ratios)), runs, ", ".join(f"{ratio:.2f}" for ratio in ratios)


def _without(one: Series) -> str | None:
    if _DEPTH not in one.depths.tolist():
        return f"no run of L = {_DEPTH} at the record point"
    return None if one.depths.max() > _DEPTH else f"the grid has no depth above {_DEPTH}"
