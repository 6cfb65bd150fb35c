"""Claims on the movement of parameters: it is there, and it is counted from the start.

The specification of the paper asks for finite, positive numbers and no more (§5, F12).
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.depths import Series, series
from layeratlas.papers.signal_propagation.profiles import INIT
from layeratlas.papers.signal_propagation.source import PUBLISHED

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(positive=0.0, start=1e-6)


def movement(cubes: Cubes, references: References) -> list[Claim]:
    """Finite and positive of every layer that was trained to the mark; 1 before training."""
    ledger = Ledger("movement", f"{PUBLISHED}: released scripts; specification §5")
    before = {o.experiment: o for o in series(cubes, variable="parameter_movement", record=INIT)}
    for one in series(cubes, variable="parameter_movement"):
        absent = None if len(one.networks) else "no run came to the record point"
        ledger.decide(
            "positive",
            one.task,
            "smallest ‖θ_l(T)‖²/‖θ_l(0)‖² over layers, depths and seeds, all of them finite",
            ">",
            THRESHOLD.positive,
            partial(_smallest, one),
            unless=absent,
        )
        ledger.decide(
            "start",
            one.task,
            "control: largest distance of the same from 1 before training",
            "<=",
            THRESHOLD.start,
            partial(_off, before[one.experiment]),
            unless=None if len(before[one.experiment].networks) else "no run is ok",
        )
        ledger.decide(
            "moved",
            one.task,
            "control: smallest distance of the same from 1 at the mark",
            ">",
            THRESHOLD.start,
            partial(_apart, one),
            unless=absent,
        )
    return ledger.claims


def _values(one: Series) -> tuple[np.ndarray, int]:
    """All layers of the runs that came to the record, and how many runs these are."""
    every = [n.profiles.transpose("seed", "layer").values for n in one.networks]
    came = [own[np.isfinite(own).any(1)] for own in every]
    return np.concatenate([own.ravel() for own in came]), sum(len(own) for own in came)


def _smallest(one: Series) -> tuple[float, int, str]:
    values, runs = _values(one)
    return float(values.min()), runs, f"{values.size} layers, largest {values.max():.3g}"


def _off(one: Series) -> tuple[float, int, str]:
    values, runs = _values(one)
    return float(np.abs(values - 1).max()), runs, f"{values.size} layers"


def _apart(one: Series) -> tuple[float, int, str]:
    values, runs = _values(one)
    return float(np.abs(values - 1).min()), runs, f"{values.size} layers"
