"""Claims on the hierarchy under hyper-parameter scalings, at an equal running loss.

Beyond "Feature Learning and Signal Propagation" (arXiv 2110.11749); thresholds chosen here, but the
rule of ascent-descent (specification §2.5).
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.networks.scalings import TITLES
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.networks import DEEP
from layeratlas.papers.signal_propagation.scaled import EXPERIMENT, PLAIN, Scaled, scaled
from layeratlas.papers.signal_propagation.shape import PROMINENCE, shape_of
from layeratlas.papers.signal_propagation.source import PUBLISHED

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(prominence=PROMINENCE, less=1.0, aligned=5.0, flat=1.0)
#: The scaling under which features move least.
_LAZY = "ntk"


def alignment_under_scalings(cubes: Cubes, references: References) -> list[Claim]:
    """Ascent-descent under each scaling; less alignment where features move less."""
    ledger = Ledger(
        "alignment_under_scalings",
        f"after {PUBLISHED} and arXiv 2311.18718: an extension; rule of specification §2.5",
    )
    cube = cubes[EXPERIMENT]
    found = scaled(cube)
    for one in found:
        subject = f"{TITLES.get(one.name, one.name)}, L = {one.layers}"
        few = _undecided(one)
        ledger.decide(
            "ascent_descent",
            subject,
            "ascent-descent at the mark: prominence of the peak of the seeds' mean, where it is "
            "inside, and of every seed at the peak of the others (least and mean), the smallest of "
            "what is over its threshold; needs the mark in every seed",
            ">=",
            1.0,
            partial(_rule, one),
            unless=few,
        )
        ledger.decide(
            "aligned",
            subject,
            "max_l A_l over its mean under permuted labels at that layer",
            ">=",
            THRESHOLD.aligned,
            partial(_above_null, one),
            unless=None if one.shape.seeds else "no run was left",
        )
        ledger.decide(
            "initial_flat",
            subject,
            "control: before training profiles do not rise and fall: least prominence of a seed at "
            "the peak of the others",
            "<=",
            THRESHOLD.flat,
            partial(_initial, one),
            unless=None if shape_of(one.initial).seeds > 1 else "needs two seeds",
        )
    named = {one.name: one for one in found}
    both = _LAZY in named and PLAIN in named
    ledger.decide(
        "lazy_aligns_less",
        f"{TITLES.get(_LAZY)} against {TITLES.get(PLAIN)}",
        "at an equal running loss a scaling that moves features less aligns them less: its max_l "
        "A_l over that of one rate for all layers",
        "<",
        THRESHOLD.less,
        lambda: _less(named[_LAZY], named[PLAIN]),
        is_order=True,
        unless=None
        if both and all(named[n].marked for n in (_LAZY, PLAIN))
        else f"needs all runs of {_LAZY} and {PLAIN} at the mark",
    )
    return ledger.claims


def _undecided(one: Scaled) -> str | None:
    if one.layers < DEEP:
        return f"not asked for below L = {DEEP}"
    if not one.marked:
        return f"{int((~one.came).sum())} of {one.came.size} runs missed the mark"
    return "fewer than three seeds decide nothing" if one.shape.presence == "undecided" else None


def _rule(one: Scaled) -> tuple[float, int, str]:
    shape = one.shape
    u = shape.prominence_loo
    inside = 1 < shape.peak < shape.layers
    # Each part over its threshold; a peak at an end has a prominence of at most one.
    parts = (
        shape.prominence / THRESHOLD.prominence if inside else 0.0,
        u.mean() / THRESHOLD.prominence,
        u.min(),
    )
    peaked = "single-peaked" if shape.single_peaked else "not single-peaked"
    return float(min(parts)), shape.seeds, f"{shape.presence}, {peaked}: {shape.told}"


def _above_null(one: Scaled) -> tuple[float, int, str]:
    at = int(one.shape.peak)
    null = float(one.null.sel(layer=at).mean("seed"))
    grown = f"{one.growth:.1f} times its largest before training"
    return one.shape.height / null, one.shape.seeds, f"A = {one.shape.height:.3f}, {grown}"


def _initial(one: Scaled) -> tuple[float, int, str]:
    shape = shape_of(one.initial)
    return float(shape.prominence_loo.min()), shape.seeds, shape.told


def _less(lazy: Scaled, plain: Scaled) -> tuple[float, int, str]:
    told = ", ".join(f"{one.name} {one.shape.height:.3f}" for one in (lazy, plain))
    runs = lazy.shape.seeds + plain.shape.seeds
    return lazy.shape.height / plain.shape.height, runs, told
