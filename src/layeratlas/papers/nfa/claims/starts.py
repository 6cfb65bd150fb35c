"""Claims on where UC-NFC starts. Thresholds: the project's specification of the paper, §5.6."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import count_runs
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa.claims.deciding import Decided, largest
from layeratlas.papers.nfa.starts import CHAIN, Start, at_every_gain, over_gains, starts

#: Every number that decides a claim. Correlations are kept in single precision.
THRESHOLD = SimpleNamespace(off=0.06, gain=1e-5)
#: Networks below this width have no mean field.
_WIDE = 128
_FORMS = {
    "mean_field": "K of backward correlations alone (the specification's)",
    "finite_width": "K of second moments carried through finite width (derived here)",
}


def nfa_initialisation(cubes: Cubes, references: References) -> list[Claim]:
    """UC-NFC before training follows from ranks, and these from signal propagation."""
    ledger = Ledger("nfa_initialisation", "beyond the paper: specification §5.6")
    for one in starts(cubes):
        ledger.decide(
            "measured_ranks",
            one,
            "|UC-NFC before training − that of K with eigenvectors at random|, means over seeds: "
            "largest over layers",
            "<=",
            THRESHOLD.off,
            partial(_off, one, one.turned.mean("seed", skipna=False).values),
        )
        for id, words in _FORMS.items():
            if getattr(one, id) is None:
                continue
            ledger.decide(
                id,
                one,
                f"the same, of {words}, from cosines of inputs and sizes alone",
                "<=",
                THRESHOLD.off,
                partial(_off, one, getattr(one, id)),
                unless=None if (one.width or 0) >= _WIDE else f"not asked for below {_WIDE} units",
            )
        if one.alike is not None:
            ledger.decide(
                "alike",
                one,
                "control: were all inputs alike, the latter would be off by more",
                ">",
                THRESHOLD.off,
                partial(_off, one, one.alike),
            )
    if CHAIN in cubes:
        spread = over_gains(cubes[CHAIN])
        ledger.decide(
            "gain",
            "chain monomials",
            "UC-NFC before training does not depend on the gain of a network without biases: "
            "largest less smallest over gains, of all layers and seeds",
            "<=",
            THRESHOLD.gain,
            partial(largest, spread, of=[at_every_gain(cubes[CHAIN])]),
        )
    return ledger.claims


def _off(one: Start, told: np.ndarray) -> Decided:
    off = one.off(told)
    layers = ", ".join(f"{value:.3f}" for value in off)
    return float(np.max(off)), count_runs(one.measured), f"by layer: {layers}"
