"""Claims on where signals are in balance in the three phases, before training.

Thresholds are those of the specification (§5, F6). Profiles after training are shown, not judged:
networks in order and in chaos may not train.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.phases import CHAOTIC, EDGE, ORDERED, Phase, phases
from layeratlas.papers.signal_propagation.source import PREPRINT

#: Layers, and shares of all layers.
THRESHOLD = SimpleNamespace(ordered=3.0, edge=(0.2, 0.6), chaotic=0.8)


def phase_comparison(cubes: Cubes, references: References) -> list[Claim]:
    """Near the input in order, in between at the edge, near the read-out in chaos."""
    ledger = Ledger("phase_comparison", f"{PREPRINT}; derived in the specification, §3.3")
    every = phases(cubes["phase_comparison"])
    for name, ends in (
        (ORDERED, (("high", "<=", THRESHOLD.ordered, 1.0),)),
        (EDGE, (("low", ">=", THRESHOLD.edge[0], None), ("high", "<=", THRESHOLD.edge[1], None))),
        (CHAOTIC, (("low", ">=", THRESHOLD.chaotic, None),)),
    ):
        here = [phase for phase in every if phase.name == name]
        for end, comparison, threshold, unit in ends:
            _decide(ledger, name, here, end, comparison, threshold, unit)
    return ledger.claims


def _decide(
    ledger: Ledger,
    name: str,
    here: list[Phase],
    end: str,
    comparison: str,
    threshold: float,
    unit: float | None,
) -> None:
    def worst() -> tuple[float, int, str]:
        share = [float(v) / (unit or phase.layers) for phase in here for v in phase.empirical]
        note = "; ".join(
            f"σ_w = {p.weight_std:.4g}: mean {p.empirical.mean():.1f}, infinite width "
            f"{p.mean_field:.1f}, L = {p.layers}, c0 = {p.c0:.3f}"
            for p in here
        )
        runs = int(np.isfinite(share).sum())
        return (max if comparison == "<=" else min)(share), runs, note

    ledger.decide(
        f"{name.replace(' ', '_')}-{end}",
        name,
        f"equilibrium layer before training, {'in layers' if unit else 'as a share of L'}, worst "
        "seed",
        comparison,
        threshold,
        worst,
        unless=None if here else "no run of such a phase",
    )
