"""Claims on the spectrum of a network's tangent kernel along training.

Thresholds are those of the project's specification of the paper (§9, B3). Control: the spectrum is
that of the kernel whose norm the alignments divide by.
"""

from __future__ import annotations

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
    falls=0.5,  # of its value before training
    rises=0.0,
    norm=1e-3,  # relative; cubes hold single precision
)
#: Of so many eigenvalues the share in the trace rises.
_LEADING = 40


def baratin_spectrum(cubes: Cubes, references: References) -> list[Claim]:
    """The kernel concentrates on few directions."""
    ledger = Ledger("baratin_spectrum", f"{BARATIN}; thresholds: specification §9 (B3)")
    small = too_small(cubes[EXPERIMENT], images=1000)
    for one in trainings(cubes[EXPERIMENT]):
        unless = None if np.isfinite(one.steps).any() else "no run is there"
        count = one.network("network_kernel_spectrum").shape[1]
        ledger.decide(
            "rank_falls",
            one.subject,
            "least effective rank along training over that before it",
            "<=",
            THRESHOLD.falls,
            partial(_rank, one),
            unless=small or unless,
        )
        ledger.decide(
            "leading_share_rises",
            one.subject,
            f"change of T_{_LEADING}, the share of the {_LEADING} largest eigenvalues, in training",
            ">",
            THRESHOLD.rises,
            partial(_share, one),
            unless=small or unless or (None if count > _LEADING else f"{count} eigenvalues only"),
        )
        ledger.decide(
            "norm",
            one.subject,
            "control: largest relative difference of √Σλ² from the Frobenius norm of the kernel",
            "<=",
            THRESHOLD.norm,
            partial(_norm, one),
            unless=unless,
        )
    return ledger.claims


def _rank(one: Along) -> tuple[float, int, str]:
    ranks = one.network("network_effective_rank")
    at = int(np.nanargmin(ranks))
    note = f"{ranks[0]:.1f} before, {ranks[at]:.1f} at step {one.steps[at]:g}; {len(ranks)} records"
    return float(ranks[at] / ranks[0]), one.runs, note


def _share(one: Along) -> tuple[float, int, str]:
    shares = _leading(one)
    return (
        float(shares[-1] - shares[0]),
        one.runs,
        f"{shares[0]:.3f} before, {shares[-1]:.3f} at the end",
    )


def _leading(one: Along) -> np.ndarray:
    spectrum = np.sort(one.network("network_kernel_spectrum"), axis=1)[:, ::-1]
    return spectrum[:, :_LEADING].sum(1) / spectrum.sum(1)


def _norm(one: Along) -> tuple[float, int, str]:
    spectrum = one.network("network_kernel_spectrum").astype(np.float64)
    norms = np.sqrt((spectrum**2).sum(1))
    apart = np.abs(norms / one.network("network_kernel_norm") - 1)
    return float(apart.max()), one.runs, f"{len(apart)} records"
