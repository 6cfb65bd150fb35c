"""Claims on the two boundaries. Beyond both papers; what is asked of them was chosen here."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.size import too_small
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.boundaries import EXPERIMENTS
from layeratlas.papers.signal_propagation.source import PUBLISHED
from layeratlas.refining.boundary import apart
from layeratlas.refining.results import Found
from layeratlas.refining.surface import Surface

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(foretold=0.85, shuffled=0.7, distinct=2.0)
_NAMES = ("load curve", "peak of the alignment")


def two_boundaries(cubes: Cubes, references: References) -> list[Claim]:
    """Whether there are boundaries, which points foretell of one another, and whether they
    differ.
    """
    ledger = Ledger(
        "two_boundaries",
        f"after {PUBLISHED} and arXiv 2407.19353: an extension; thresholds chosen here",
    )
    found = [Found.of(cubes[name]) for name in EXPERIMENTS]
    small = too_small(cubes[EXPERIMENTS[0]], images=1000, epochs=100)
    for name, one in zip(_NAMES, found, strict=True):
        none = None if one.boundary.lines else "no boundary is seen in this plane"
        ledger.decide(
            "foretold",
            name,
            "on which side of the boundary a point is, all other points foretell: mean share of "
            "both sides that is right",
            ">=",
            THRESHOLD.foretold,
            partial(_foretold, one, shuffled=False),
            unless=small or none,
        )
        ledger.decide(
            "foretold_control",
            name,
            "the same of values shuffled over points: nothing is left to foretell",
            "<=",
            THRESHOLD.shuffled,
            partial(_foretold, one, shuffled=True),
            unless=small or none,
        )
    missing = [name for name, one in zip(_NAMES, found, strict=True) if not one.boundary.lines]
    ledger.decide(
        "distinct",
        "both",
        "the two boundaries are apart: root mean square distance over the sum of how far off "
        "each is",
        ">=",
        THRESHOLD.distinct,
        partial(_distinct, *found),
        unless=small or (f"no boundary of the {missing[0]} is seen" if missing else None),
    )
    return ledger.claims


def _foretold(found: Found, *, shuffled: bool) -> tuple[float, int, str]:
    surface, level = found.surface, found.boundary.level
    samples = surface.samples
    if shuffled:
        order = np.random.default_rng(0).permutation(len(samples.places))
        samples = type(samples).of(samples.places, samples.values[order])
        surface = Surface(samples)
    told, side = surface.foretold() > level, samples.mean > level
    shares = [float((told[side == one] == one).mean()) for one in (True, False)]
    return float(np.mean(shares)), found.runs, f"{side.sum()} of {len(side)} points above"


def _distinct(one: Found, other: Found) -> tuple[float, int, str]:
    away = apart(one.boundary, other.boundary)
    off = one.boundary.offset + other.boundary.offset
    return away / off, one.runs + other.runs, f"{away:.3f} apart, off by {off:.3f} together"
