"""Claims on what changes an alignment: the residual, and two terms of a step.

Thresholds are those of the project's specification of the paper (§5, F10).
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import count_runs
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation import dynamics, mechanism, moments
from layeratlas.papers.signal_propagation.source import PUBLISHED

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(start=-0.85, first_order=mechanism.FIRST_ORDER)


def alignment_mechanism(cubes: Cubes, references: References) -> list[Claim]:
    """The residual begins as minus the labels; one small step is first order."""
    ledger = Ledger(
        "alignment_mechanism",
        f"{PUBLISHED}: released scripts; first order and thresholds: specification §2.7, §5",
    )
    _residual(ledger, cubes[dynamics.EXPERIMENT])
    _small_step(ledger, cubes[mechanism.EXPERIMENT])
    return ledger.claims


def _residual(ledger: Ledger, cube: xr.DataTree) -> None:
    records = moments.logged(cube)
    cosine = dynamics.residual_cosine(cube, "train", records)
    unless = None if cosine is not None else "residual_label_cosine was not measured"
    ends = xr.zeros_like(moments.steps(cube, records)) if cosine is None else cosine
    first, last = ends.isel(record=0, drop=True), ends.isel(record=-1, drop=True)
    ledger.decide(
        "residual_at_start",
        "training images",
        "SIM, cosine of the residual and the centred labels, at initialisation: largest",
        "<",
        THRESHOLD.start,
        lambda: (float(first.max(skipna=False)), count_runs(first), ""),
        unless=unless,
    )
    ledger.decide(
        "residual_rises",
        "training images",
        f"SIM at {records[-1]} less SIM at initialisation: smallest over learning rates and seeds "
        "whose runs are ok",
        ">",
        0,
        lambda: (
            float((last - first).min()),
            count_runs(last - first),
            f"SIM at the end from {float(last.min()):.3f} to {float(last.max()):.3f}",
        ),
        unless=unless,
    )


def _small_step(ledger: Ledger, cube: xr.DataTree) -> None:
    steps = mechanism.tiny_steps(cube)
    rate = mechanism.tiny_rate(steps)
    unless = None if rate is not None else "at no step do most layers change by more than round-off"

    def errors(of: xr.Dataset, how) -> tuple[float, int, str]:
        found = mechanism.relative_errors(of).sel(learning_rate=rate)
        known = found.values[np.isfinite(found.values)]
        largest = float(abs(of["observed"]).sel(learning_rate=rate).max())
        note = (
            f"step of size {rate:g}; of {found.size} layers and seeds the {known.size} with a "
            f"change above {mechanism.ROUND_OFF:g}, up to {largest:.2g}"
        )
        return float(how(known)) if known.size else np.nan, count_runs(found), note

    ledger.decide(
        "first_order",
        "one small step at initialisation",
        "|(r1 − r2) − d log A| / |d log A|: largest over layers and seeds",
        "<",
        THRESHOLD.first_order,
        lambda: errors(steps, np.max),
        unless=unless,
    )
    # Had all layers the same change, any prediction would do.
    beside = steps.assign(predicted=steps["predicted"].roll(layer=1, roll_coords=False))
    ledger.decide(
        "another_layers_terms",
        "one small step at initialisation",
        "control: the same with r1 − r2 of the layer before, in a ring: median",
        ">",
        THRESHOLD.first_order,
        lambda: errors(beside, np.median),
        unless=unless,
    )
