"""Claims on the alignment along training.

Thresholds are those of the project's specification of the paper (§5, F2). The profile before
training is what the trained one is held against; permuted labels are the control of its rise.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation import moments
from layeratlas.papers.signal_propagation.dynamics import EXPERIMENT
from layeratlas.papers.signal_propagation.profiles import profile
from layeratlas.papers.signal_propagation.source import PUBLISHED

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(
    rise=2.0,
    flat=0.5,
    deep=0.75,  # as a share of the depth
    permuted=2.0,  # chosen here: what `rise` asks of labels, permuted ones must not do
)

_Pair = Callable[[xr.DataArray, xr.DataArray], float]


def alignment_dynamics(cubes: Cubes, references: References) -> list[Claim]:
    """The hierarchy is learnt: it rises, inside the network, from a profile without it."""
    ledger = Ledger("alignment_dynamics", f"{PUBLISHED}, observation; thresholds: specification §5")
    cube = cubes[EXPERIMENT]
    rates = _came(cube)
    real, permuted = (
        [_of_rates(cube, name, record, rates) for record in (moments.INIT, moments.MARK)]
        for name in ("alignment", "alignment_permuted")
    )
    runs = int(moments.reached(cube, moments.MARK).sum())
    deep = THRESHOLD.deep * real[1].sizes["layer"]

    def decide(id, statement, comparison, threshold, value: _Pair, how, of=real):
        def found() -> tuple[float, int, str]:
            values = [value(*(p.sel(learning_rate=rate) for p in of)) for rate in rates]
            told = ", ".join(f"{v:.3g} at {r:g}" for v, r in zip(values, rates, strict=True))
            return float(how(values)), runs, f"by learning rate: {told}"

        ledger.decide(
            id,
            "every learning rate whose runs came to running loss 0.1, training images",
            statement,
            comparison,
            threshold,
            found,
            unless=None if rates else "no run came to running loss 0.1",
        )

    decide(
        "rises",
        "max A_l at running loss 0.1 over that at initialisation: smallest",
        ">=",
        THRESHOLD.rise,
        lambda before, after: float(after.max() / before.max()),
        np.min,
    )
    decide(
        "permuted_does_not_rise",
        "control: the same ratio for labels permuted at random, mean of 20 draws: largest",
        "<",
        THRESHOLD.permuted,
        lambda before, after: float(after.max() / before.max()),
        np.max,
        permuted,
    )
    decide(
        "flat_before",
        "flat by comparison before training: max A_l there over that at running loss 0.1: largest",
        "<=",
        THRESHOLD.flat,
        lambda before, after: float(before.max() / after.max()),
        np.max,
    )
    decide(
        "peak_before",
        f"before training the peak is at l = 1 or l ≥ {THRESHOLD.deep:g} L: largest distance in "
        "layers from there",
        "<=",
        0,
        lambda before, _: max(min(_peak(before) - 1, deep - _peak(before)), 0.0),
        np.max,
    )
    decide(
        "peak_after_first",
        "the trained peak lies inside: smallest l of a peak",
        ">",
        1,
        lambda _, after: _peak(after),
        np.min,
    )
    decide(
        "peak_before_deep",
        f"the trained peak lies before {THRESHOLD.deep:g} L: largest l of a peak",
        "<",
        deep,
        lambda _, after: _peak(after),
        np.max,
    )
    return ledger.claims


def _came(cube: xr.DataTree) -> list[float]:
    """Learning rates any of whose runs came to the mark."""
    came = moments.reached(cube, moments.MARK).any("seed")
    return [float(rate) for rate in came["learning_rate"].values[came.values]]


def _of_rates(cube: xr.DataTree, name: str, record: str, rates: list[float]) -> xr.DataArray:
    """Means over the seeds that came to the mark, (learning_rate, layer)."""
    came = moments.reached(cube, moments.MARK)
    found = profile(cube, name, "train", record).where(came).mean("seed")
    return found.sel(learning_rate=rates).transpose("learning_rate", "layer")


def _peak(values: xr.DataArray) -> float:
    """The layer, from 1, of the largest value; NaN where one is missing."""
    whole = bool(values.notnull().all())
    return float(values["layer"][int(values.argmax("layer"))]) if whole else float("nan")
