"""Claims that hold of the definitions exactly, on trained networks.

Exact relations of the project's specification of the paper (§2.3, §5, F13).
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.definitions import EXPERIMENT, VARIABLES
from layeratlas.papers.signal_propagation.profiles import INIT, MARK, profile
from layeratlas.papers.signal_propagation.source import PUBLISHED

#: Every number that decides a claim. Cubes hold single precision.
THRESHOLD = SimpleNamespace(round_off=1e-6, another=0.01)
_RECORDS, _VIEWS = (INIT, MARK), ("train", "test")


def definitions(cubes: Cubes, references: References) -> list[Claim]:
    """A² ≤ S ≤ 1, all in [0, 1], on every network, record and view of the experiment."""
    ledger = Ledger("definitions", f"{PUBLISHED}: released scripts; relations: specification §2.3")
    cube = cubes[EXPERIMENT]
    values = {name: _all(cube, name) for name in VARIABLES}
    A, S = values["alignment"], values["alignment_second_moment"]

    def decide(id, statement, comparison, threshold, found: np.ndarray, how, note=""):
        known = found[np.isfinite(found)]
        ledger.decide(
            id,
            "all networks, records and views",
            statement,
            comparison,
            threshold,
            lambda: (float(how(known)), known.size, note),
            unless=None if known.size else "no run came to the record points",
        )

    decide("square", "largest A_l² − S_l", "<=", THRESHOLD.round_off, A**2 - S, np.max)
    decide("one", "largest S_l − 1", "<=", THRESHOLD.round_off, S - 1, np.max)
    every = np.concatenate(list(values.values()))
    decide("least", "smallest of all variants", ">=", -THRESHOLD.round_off, every, np.min)
    decide("most", "largest of all variants", "<=", 1 + THRESHOLD.round_off, every, np.max)
    decide(
        "another_quantity",
        "control: the class-traced variant is another quantity: largest |A_l^tr − A_l|",
        ">",
        THRESHOLD.another,
        np.abs(values["alignment_traced"] - A),
        np.max,
        "chosen here",
    )
    return ledger.claims


def _all(cube: xr.DataTree, variable: str) -> np.ndarray:
    found = [profile(cube, variable, view, record) for record in _RECORDS for view in _VIEWS]
    return np.concatenate([array.values.ravel() for array in found])
