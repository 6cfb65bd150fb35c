"""Claims on the alignment of a whole network along training, with clean and redrawn labels.

Thresholds are those of the project's specification of the paper (§9, B1). Control: labels permuted
over the same kernels.
"""

from __future__ import annotations

import math
from functools import partial
from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.size import too_small
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.kernels_along import EXPERIMENT, Along, trainings
from layeratlas.papers.signal_propagation.source import BARATIN

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(
    rises=3.0,  # over its value before training
    lower=1.0,  # of that of clean labels
    before=1.0,  # of the steps until labels are memorised
)
#: The noise of the comparison.
_HALF = 0.5


def baratin_alignment(cubes: Cubes, references: References) -> list[Claim]:
    """A rises in training, less with redrawn labels; of test images until these are learnt."""
    ledger = Ledger("baratin_alignment", f"{BARATIN}; thresholds: specification §9 (B1)")
    found = trainings(cubes[EXPERIMENT])
    small = too_small(cubes[EXPERIMENT], images=1000)
    for one in found:
        unless = None if np.isfinite(one.steps).any() else "no run is there"
        ledger.decide(
            "rises",
            one.subject,
            "largest A of the network along training, training images, over A before it",
            ">=",
            THRESHOLD.rises,
            partial(_rise, one, "network_alignment"),
            unless=small or unless,
        )
        ledger.decide(
            "permuted_does_not",
            one.subject,
            "control: the same of permuted labels (exact mean, same kernels)",
            "<",
            THRESHOLD.rises,
            partial(_rise, one, "network_alignment_null"),
            unless=unless,
        )
    for one in found:
        if one.noise:
            _noisy(ledger, one, _clean(one, found), small)
    return ledger.claims


def _clean(one: Along, found: list[Along]) -> Along | None:
    """The training with clean labels that is else as `one`."""
    wanted = {**one.point, "label_noise": 0.0}
    return next((other for other in found if dict(other.point) == wanted), None)


def _noisy(ledger: Ledger, one: Along, clean: Along | None, small: str | None) -> None:
    gone = None if one.runs and (clean is None or clean.runs) else "no run is there"
    if one.noise == _HALF:
        ledger.decide(
            "noise_lowers",
            one.subject,
            "largest A of the network, training images, over that of clean labels",
            "<",
            THRESHOLD.lower,
            partial(_lower, one, clean),
            is_order=True,
            unless=small or gone or (None if clean else "the grid has no clean labels"),
        )
    never = None
    if not math.isfinite(one.memorised):
        never = "redrawn labels were never memorised: the training loss stayed above their entropy"
    ledger.decide(
        "test_peaks_before",
        one.subject,
        "step at which A of test images is largest over the step from which on redrawn labels are "
        "memorised (mean training loss of an epoch below their entropy)",
        "<=",
        THRESHOLD.before,
        partial(_peaks, one),
        unless=small or gone or never,
    )


def _rise(one: Along, variable: str) -> tuple[float, int, str]:
    values = one.network(variable)
    at = int(np.nanargmax(values))
    note = (
        f"{values[0]:.4f} before, {values[at]:.4f} at step {one.steps[at]:g}; {len(values)} records"
    )
    return float(values[at] / values[0]), one.runs, note


def _lower(one: Along, clean: Along | None) -> tuple[float, int, str]:
    assert clean is not None
    noisy, plain = (float(np.nanmax(each.network("network_alignment"))) for each in (one, clean))
    note = f"{noisy:.4f} against {plain:.4f}; {len(one.steps)} records"
    return noisy / plain, one.runs + clean.runs, note


def _peaks(one: Along) -> tuple[float, int, str]:
    values = one.network("network_alignment", "test")
    at = int(np.nanargmax(values))
    note = (
        f"step {one.steps[at]:g} of {np.nanmax(one.steps):g}, memorised from {one.memorised:g} on; "
        f"A of test images {values[at]:.4f} there, {values[-1]:.4f} at the end"
    )
    return float(one.steps[at] / one.memorised), one.runs, note
