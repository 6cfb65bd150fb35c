"""Claims on the share of the centred correlation that changes of K carry.

Thresholds are those of the project's specification of the paper (§6, fig05).
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa import chain, curves
from layeratlas.papers.nfa.claims.deciding import largest, smallest
from layeratlas.papers.nfa.claims.init_scales import N_TRAIN
from layeratlas.papers.nfa.figures.double_centred import scales_shown
from layeratlas.papers.nfa.source import PREPRINT

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(first_steps=0.3, end=0.85)
_EARLY = ["step 1", "step 2"]


def nfa_fig05(cubes: Cubes, references: References) -> list[Claim]:
    """Nothing of K has changed as training begins; at the end all that counts has."""
    ledger = Ledger("nfa_fig05", f"{PREPRINT}, Fig. 5; thresholds: specification §6")
    gd = cubes[chain.GD]
    ratio = curves.curve(gd, "ratio_dc_c").sel(init_gain=scales_shown(gd))
    n = int(gd.attrs["n_train"])
    small = None if n >= N_TRAIN else f"{n} samples and as many steps as that are no end"
    for layer in (0, 1):
        one = ratio.sel(layer=layer, drop=True)
        early = [curves.at(one, label) for label in _EARLY]
        ledger.decide(
            "first_steps",
            f"layer {layer}",
            "|double-centred / centred numerator| in the first two steps: largest over scales and "
            "seeds",
            "<",
            THRESHOLD.first_steps,
            partial(largest, abs(xr.concat(early, "step"))),
        )
        end = curves.at(one, "final")
        ledger.decide(
            "end",
            f"layer {layer}",
            "double-centred / centred numerator at the end: smallest over scales and seeds",
            ">",
            THRESHOLD.end,
            partial(smallest, end),
            unless=small,
        )
    readout = curves.at(ratio.sel(layer=2, drop=True), "final")
    ledger.decide(
        "read_out",
        "control: the read-out, whose K cannot change",
        "|double-centred / centred numerator| at the end: largest over scales and seeds",
        "<",
        THRESHOLD.first_steps,
        partial(largest, abs(readout)),
    )
    return ledger.claims
