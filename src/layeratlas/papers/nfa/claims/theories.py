"""Claims on four theories on the same networks. Beyond the papers; thresholds chosen here."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import seeds
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa.claims.deciding import Decided
from layeratlas.papers.nfa.theories import EXPERIMENT, Related, related, shuffled, theories

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(beyond_zero=0.0, above_shuffled=0.0)
#: Cells below which intervals over resampled cells say nothing.
_FEW = 8
_READINGS = {
    "tilts": "deep less shallow layers, over cells",
    "layers": "every layer of every cell",
}


def four_theories(cubes: Cubes, references: References) -> list[Claim]:
    """The ranks of every two theories agree over the grid, or go against each other."""
    ledger = Ledger("four_theories", "beyond the papers: chosen here")
    cube = cubes[EXPERIMENT]
    found = theories(cube)
    for reading, words in _READINGS.items():
        tilts = reading == "tilts"
        control = shuffled(found, tilts=tilts)
        for one in related(found, tilts=tilts):
            subject = f"{one.first} and {one.second}"
            few = None if one.cells >= _FEW else f"{one.cells} cells decide nothing of ranks"
            ledger.decide(
                f"related_{reading}",
                subject,
                f"Spearman's correlation of {words}: distance of its 95 % interval from 0, below 0 "
                "where 0 is inside",
                ">",
                THRESHOLD.beyond_zero,
                partial(_interval, one, seeds(cube)),
                unless=few,
            )
            ledger.decide(
                f"above_shuffled_{reading}",
                subject,
                "control: its magnitude less the 95th percentile with the cells of one shuffled",
                ">",
                THRESHOLD.above_shuffled,
                partial(_above, one, control[one.first, one.second], seeds(cube)),
                unless=few,
            )
    return ledger.claims


# A cell that has lost a seed counts nowhere, so those that count have all of them.


def _interval(one: Related, seeds_each: int) -> Decided:
    note = f"{one.value:.3f}, 95 % [{one.low:.3f}, {one.high:.3f}] over {one.cells} cells"
    return one.beyond_zero, one.cells * seeds_each, note


def _above(one: Related, reach: float, seeds_each: int) -> Decided:
    note = f"|{one.value:.3f}| against {reach:.3f}"
    return abs(one.value) - reach, one.cells * seeds_each, note
