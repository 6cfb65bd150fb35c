"""Claims that hold of the definitions exactly, on trained networks.

Exact relations of the project's specification of the paper (§2.3, §5, F13).
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import count_runs
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.definitions import EXPERIMENT, VARIABLES
from layeratlas.papers.signal_propagation.profiles import INIT, MARK, profile
from layeratlas.papers.signal_propagation.source import PUBLISHED

#: Every number that decides a claim. Cubes hold single precision.
THRESHOLD = SimpleNamespace(round_off=1e-6, another=0.01)
_How = Callable[[xr.DataArray], xr.DataArray]
_RECORDS, _VIEWS = (INIT, MARK), ("train", "test")


def definitions(cubes: Cubes, references: References) -> list[Claim]:
    """A² ≤ S ≤ 1, all in [0, 1], on every network, record and view of the experiment."""
    ledger = Ledger("definitions", f"{PUBLISHED}: released scripts; relations: specification §2.3")
    cube = cubes[EXPERIMENT]
    values = {name: _all(cube, name) for name in VARIABLES}
    A, S = values["alignment"], values["alignment_second_moment"]

    def decide(id, statement, comparison, threshold, found: xr.DataArray, how: _How, note=""):
        runs = count_runs(found)
        ledger.decide(
            id,
            "all networks, records and views",
            statement,
            comparison,
            threshold,
            lambda: (float(how(found)), runs, note),
            unless=None if runs else "no run came to the record points",
        )

    decide("square", "largest A_l² − S_l", "<=", THRESHOLD.round_off, A**2 - S, xr.DataArray.max)
    decide("one", "largest S_l − 1", "<=", THRESHOLD.round_off, S - 1, xr.DataArray.max)
    every = xr.Dataset(values).to_array("variant").transpose(..., "variant")
    decide("least", "smallest of all variants", ">=", -THRESHOLD.round_off, every, xr.DataArray.min)
    decide(
        "most", "largest of all variants", "<=", 1 + THRESHOLD.round_off, every, xr.DataArray.max
    )
    decide(
        "another_quantity",
        "control: the class-traced variant is another quantity: largest |A_l^tr − A_l|",
        ">",
        THRESHOLD.another,
        abs(values["alignment_traced"] - A),
        xr.DataArray.max,
        "chosen here",
    )
    return ledger.claims


def _all(cube: xr.DataTree, variable: str) -> xr.DataArray:
    """(axes…, seed, layer, moment), a moment each record and view."""
    found = [profile(cube, variable, view, record) for record in _RECORDS for view in _VIEWS]
    return xr.concat([array.drop_vars("layer_name") for array in found], "moment").transpose(
        ..., "moment"
    )
