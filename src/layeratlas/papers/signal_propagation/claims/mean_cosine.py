"""Claims on what the inputs' mean cosine does to the hierarchy.

Beyond "Feature Learning and Signal Propagation" (arXiv 2110.11749): the specification's own
prediction (§11) and thresholds (§5, F14 and F4). A prediction that fails is the result.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.size import too_small
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation import shifts
from layeratlas.papers.signal_propagation.shifts import Condition
from layeratlas.papers.signal_propagation.source import PUBLISHED

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(
    falling=0.0,
    peak=0.25,  # of L; at least two layers
    centroid=0.15,
    follows=0.5,
)


def mean_cosine_shift(cubes: Cubes, references: References) -> list[Claim]:
    """The ascent fades as c0 grows; whether peak and centroid follow the crossing."""
    ledger = Ledger(
        "mean_cosine_shift",
        f"after {PUBLISHED}; prediction, dial and thresholds: specification §11",
    )
    small = next(filter(None, (too_small(cube, images=2000) for cube in cubes.values())), None)
    for depth, conditions in shifts.by_depth(cubes).items():
        _of_depth(ledger, f"L = {depth}", depth, conditions, small)
    return ledger.claims


def _of_depth(
    ledger: Ledger, subject: str, depth: int, conditions: list[Condition], small: str | None
) -> None:
    marked = [one for one in conditions if one.marked]
    few = None if len(marked) > 1 else f"{len(marked)} values of c0 came to the mark in every seed"
    known = [one for one in conditions if one.network.shape.seeds == one.came.size]
    for id, of, chosen, where in (
        ("ascent", "network", marked, "at the mark"),
        ("ascent_all", "network", known, "at the mark or at the last epoch"),
        ("ascent_above_null", "above_null", marked, "at the mark, A_l over its null"),
    ):
        for every, who in ((False, "the seeds' mean"), (True, "every seed")):
            ledger.decide(
                f"{id}_every_seed" if every else id,
                subject,
                f"ascent max A_l/A_1 falls strictly with c0, {where}: largest change from one c0 "
                f"to the next larger, of {who}",
                "<",
                THRESHOLD.falling,
                partial(_largest_step, chosen, of, every),
                unless=small or (few if len(chosen) < 2 else None),
            )
    for name, share in (("peak", THRESHOLD.peak), ("centroid", THRESHOLD.centroid)):
        ledger.decide(
            f"{name}_near",
            subject,
            f"largest over c0 of |{name} − l*_mf| / max(2, {share:g} L)",
            "<=",
            1.0,
            partial(_farthest, known, name, share, depth),
            unless=small or (None if known else "no run was left"),
        )
        ledger.decide(
            f"{name}_follows",
            subject,
            f"{name} moves as the crossing does: its change from the least to the largest c0, over "
            f"that of l*_mf (1 if it follows, 0 if it stays; at least {THRESHOLD.follows:g} asked "
            "for here)",
            ">=",
            THRESHOLD.follows,
            partial(_followed, known, name),
            unless=small or (None if len(known) > 1 else few),
        )
    ledger.decide(
        "initial_flat",
        subject,
        "control: profiles before training do not rise and fall: largest over c0 of the least "
        "prominence of a seed at the others' peak",
        "<=",
        1.0,
        partial(_initial, conditions),
        unless=small
        or (None if min(one.initial.seeds for one in conditions) > 1 else "needs two seeds"),
    )


def _largest_step(conditions, of, every) -> tuple[float, int, str]:
    changes = shifts.steps(conditions, of, every_seed=every)
    shapes = [one.network.shape if of == "network" else one.above_null for one in conditions]
    told = ", ".join(
        f"{one.told}: {shape.ascent:.2f}" for one, shape in zip(conditions, shapes, strict=True)
    )
    return float(changes.max()), sum(shape.seeds for shape in shapes), told


def _farthest(conditions, name, share, depth) -> tuple[float, int, str]:
    values = np.array([getattr(one.network.shape, name) for one in conditions])
    theory = np.array([one.network.mean_field for one in conditions])
    off = np.abs(values - theory) / max(2.0, share * depth)
    told = ", ".join(
        f"{one.told}: {v:.1f} against {t:.1f}"
        for one, v, t in zip(conditions, values, theory, strict=True)
    )
    return float(off.max()), sum(one.network.shape.seeds for one in conditions), told


def _followed(conditions, name) -> tuple[float, int, str]:
    first, last = conditions[0].network, conditions[-1].network
    moved = getattr(last.shape, name) - getattr(first.shape, name)
    predicted = last.mean_field - first.mean_field
    runs = first.shape.seeds + last.shape.seeds
    return moved / predicted, runs, f"moved {moved:+.1f}, crossing {predicted:+.1f}"


def _initial(conditions) -> tuple[float, int, str]:
    least = [float(one.initial.prominence_loo.min()) for one in conditions]
    told = ", ".join(f"{one.label}: {u:.2f}" for one, u in zip(conditions, least, strict=True))
    return max(least), sum(one.initial.seeds for one in conditions), told
