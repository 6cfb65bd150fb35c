"""Claims on alignment with easy and with difficult examples (Baratin et al., arXiv 2008.00938)."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.difficulty import (
    CLEAN,
    DIFFICULT,
    EASY,
    EXPERIMENT,
    Along,
    along,
)
from layeratlas.papers.signal_propagation.source import BARATIN

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(ahead=0.0, true=0.0, initial=0.5)


def baratin_easy_difficult(cubes: Cubes, references: References) -> list[Claim]:
    """Easy examples align first; with their true labels difficult ones are no different."""
    ledger = Ledger(
        "baratin_easy_difficult", f"{BARATIN}; claim: specification §9 (B4); controls chosen here"
    )
    found = along(cubes[EXPERIMENT])
    half = found.first_half
    unless = None if half.any() else "no record is in the first half of training"
    ledger.decide(
        "easy_first",
        "network, training images",
        "A on easy less A on difficult images, labels trained on: least over iterations of the "
        "first half of training (0 left out) of the seeds' mean",
        ">=",
        THRESHOLD.ahead,
        lambda: _least(found, EASY, DIFFICULT),
        unless=unless,
    )
    ledger.decide(
        "labels_not_images",
        "network, difficult images",
        "control: the same images are aligned with their true labels: these less the labels "
        "trained on, mean over the first half of training",
        ">",
        THRESHOLD.true,
        lambda: _mean(found, CLEAN, DIFFICULT),
        unless=unless,
    )
    ledger.decide(
        "alike_before",
        "network, iteration 0",
        "control: before training easy images are not ahead as they are later: difference at "
        "iteration 0 over its mean in the first half",
        "<=",
        THRESHOLD.initial,
        lambda: _before(found),
        unless=unless,
    )
    return ledger.claims


def _least(found: Along, one: str, other: str) -> tuple[float, int, str]:
    ahead = np.where(found.first_half, found.ahead(one, other), np.inf)
    at = int(ahead.argmin())
    values = [float(np.nanmean(found.alignment[view][:, at])) for view in (one, other)]
    note = (
        f"at iteration {found.steps[at]:g} of {int(found.first_half.sum())}: "
        f"{values[0]:.4f} against {values[1]:.4f}"
    )
    return float(ahead[at]), found.runs, note


def _mean(found: Along, one: str, other: str) -> tuple[float, int, str]:
    ahead = found.ahead(one, other)[found.first_half]
    note = f"{ahead.size} records, from {ahead.min():.4f} to {ahead.max():.4f}"
    return float(ahead.mean()), found.runs, note


def _before(found: Along) -> tuple[float, int, str]:
    ahead = found.ahead()
    later = float(ahead[found.first_half].mean())
    note = f"{ahead[0]:+.4f} before, {later:+.4f} in the mean"
    return float(abs(ahead[0]) / abs(later)), found.runs, note
