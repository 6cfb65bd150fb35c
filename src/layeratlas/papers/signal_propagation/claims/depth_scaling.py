"""Claims on the depth of the peak, and on its distance from the equilibrium layer.

Thresholds are those of the project's specification of the paper (§5, F4). Controls, chosen here:
profiles before training, and a peak that is proportional to depth.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.depths import Series, far, series, slope
from layeratlas.papers.signal_propagation.profiles import INIT
from layeratlas.papers.signal_propagation.source import PUBLISHED

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(
    peak=0.25,  # of L; at least two layers
    centroid=0.15,
    rank=0.9,
    slope=(0.4, 1.0),
)
#: Fewest depths of which a rank correlation or an exponent is told.
_FEWEST = 3


def equilibrium_depth_scaling(cubes: Cubes, references: References) -> list[Claim]:
    """The peak is near the equilibrium layer at every depth, and moves deeper as that does."""
    ledger = Ledger(
        "equilibrium_depth_scaling",
        f"{PUBLISHED}, abstract: l = Θ(L^(3/5)); crossing and thresholds: specification §2.6, §5",
    )
    before = {one.experiment: one for one in series(cubes, record=INIT)}
    for one in series(cubes):
        near_equilibrium(ledger, one)
        _before_training(ledger, before[one.experiment])
        _deeper(ledger, one)
    return ledger.claims


def near_equilibrium(ledger: Ledger, one: Series) -> None:
    """Peak and centroid of every depth within what §5 allows of l*_mf: the claims of F4 and T1."""
    for id, name, share in (
        ("peak_near", "peak", THRESHOLD.peak),
        ("centroid_near", "centroid", THRESHOLD.centroid),
    ):
        ledger.decide(
            id,
            one.task,
            f"largest over depths of |{name} − l*_mf| / max(2, {share:g} L), training images",
            "<=",
            1.0,
            partial(_farthest, one, name, share),
            unless=_without(one),
        )


def _farthest(one: Series, name: str, share: float) -> tuple[float, int, str]:
    values = one.of(name)
    off = far(values, one.mean_field, one.depths, share)
    told = ", ".join(
        f"L={L:g}: {v:.1f} against {m:.1f}"
        for L, v, m in zip(one.depths, values, one.mean_field, strict=True)
    )
    if one.absent:
        told += f"; no run came there of L = {', '.join(map(str, one.absent))}"
    return float(off.max()), one.runs, told


def _before_training(ledger: Ledger, one: Series) -> None:
    ledger.decide(
        "initial_elsewhere",
        one.task,
        "control: before training the peak is not near the crossing at every depth: largest over "
        f"depths of |peak − l*_mf| / max(2, {THRESHOLD.peak:g} L)",
        ">",
        1.0,
        partial(_farthest, one, "peak", THRESHOLD.peak),
        unless=_without(one),
    )


def _deeper(ledger: Ledger, one: Series) -> None:
    few = _without(one)
    if few is None and len(one.networks) < _FEWEST:
        few = f"runs of {len(one.networks)} of its depths are there; an order needs {_FEWEST}"

    def rank() -> tuple[float, int, str]:
        from scipy import stats

        peaks = one.of("peak")
        if np.ptp(peaks) == 0:
            return 0.0, one.runs, "the peak is at the same layer in all"
        rho = float(stats.spearmanr(peaks, one.depths).statistic)
        return rho, one.runs, f"over {peaks.size} depths"

    ledger.decide(
        "rank",
        one.task,
        "Spearman's correlation of the peak of the seeds' mean with depth",
        ">=",
        THRESHOLD.rank,
        rank,
        unless=few,
    )
    peaks = [(n.layers, peak) for n in one.networks for peak in n.shape.peaks]
    fit = slope(*np.array(peaks, float).reshape(-1, 2).T)
    theory = slope(one.depths, one.mean_field)
    note = (
        f"{fit.value:.2f}, 95 % from {fit.low:.2f} to {fit.high:.2f}; the crossing itself "
        f"{theory.value:.2f}"
    )

    def of(value: float) -> Callable[[], tuple[float, int, str]]:
        return lambda: (value, fit.points, note)

    low, high = THRESHOLD.slope
    told = "exponent of the seeds' peaks in depth, least squares in logarithms"
    ledger.decide("slope_low", one.task, f"{told}: at least {low:g}", ">=", low, of(fit.value),
                  unless=few)  # fmt: skip
    ledger.decide("slope_high", one.task, f"{told}: at most {high:g}", "<=", high, of(fit.value),
                  unless=few)  # fmt: skip
    ledger.decide("slope_interval", one.task, f"{told}: lower end of its 95 % interval", ">", 0.0,
                  of(fit.low), unless=few)  # fmt: skip

    def nearer() -> tuple[float, int, str]:
        peaks, depths = one.of("peak"), one.depths
        line = peaks[0] * depths / depths[0]
        beside = [np.abs(peaks - line)[1:].mean(), np.abs(peaks - one.mean_field)[1:].mean()]
        return (
            float(beside[0] - beside[1]),
            one.runs,
            f"{beside[0]:.2f} layers off the line, {beside[1]:.2f} off the crossing; chosen here",
        )

    ledger.decide(
        "not_proportional",
        one.task,
        "control: mean distance of the peaks from a line through the origin and the shallowest "
        "network's peak, less that from l*_mf, deeper networks alone",
        ">",
        0.0,
        nearer,
        unless=few,
    )


def _without(one: Series) -> str | None:
    if not len(one.networks):
        return "no run came to the record point"
    return None if np.isfinite(one.mean_field).all() else "no recursion for these networks"
