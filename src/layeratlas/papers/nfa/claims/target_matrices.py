"""Claims on the first layer's matrices after training, and on the target's own.

Thresholds are those of the project's specification of the paper (§6, fig01).
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa import chain, curves
from layeratlas.papers.nfa.claims.deciding import largest, mean, told
from layeratlas.papers.nfa.claims.init_scales import N_TRAIN
from layeratlas.papers.nfa.figures.target_matrices import scale_shown
from layeratlas.papers.nfa.source import PREPRINT

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(
    matched=0.93, matched_within=0.05, turned=0.53, turned_low=0.43, turned_high=0.65,
    drop=0.25, nfm_target=0.85, agop_target=0.95,
)  # fmt: skip


def nfa_fig01(cubes: Cubes, references: References) -> list[Claim]:
    """Feature matrix and gradient outer product agree with each other and with the target's."""
    ledger = Ledger("nfa_fig01", f"{PREPRINT}, Fig. 1; tolerances: specification §6")
    cube = cubes[chain.GD_MATRICES]
    scale = scale_shown(cube)
    subject = f"layer 0, s = {scale:g}, end of training"
    n = int(cube.attrs["n_train"])
    small = None if n >= N_TRAIN else f"{n} samples and as few steps are no end of training"

    def ends(name: str, moment: str = "final") -> xr.DataArray:
        found = curves.at(curves.curve(cube, name), moment)
        return found.sel(init_gain=scale, layer=0, drop=True)

    matched, turned = ends("uc_nfc"), ends("rotated_nfc")
    ledger.decide(
        "nfm_agop",
        subject,
        "distance of ρ(WᵀW, WᵀKW), mean over seeds, from the paper's 0.93",
        "<=",
        THRESHOLD.matched_within,
        partial(
            largest,
            abs(matched.mean(skipna=False) - THRESHOLD.matched),
            told(matched),
            of=[matched],
        ),
        unless=small,
    )
    for side, comparison in (("low", ">="), ("high", "<=")):
        ledger.decide(
            f"turned_{side}",
            subject,
            "ρ(WᵀW, WᵀQW), mean over draws of Q and seeds; the paper's 0.53",
            comparison,
            vars(THRESHOLD)[f"turned_{side}"],
            partial(mean, turned),
            unless=small,
        )
    ledger.decide(
        "drop",
        subject,
        "control: ρ(WᵀW, WᵀKW) − ρ(WᵀW, WᵀQW), mean over seeds",
        ">=",
        THRESHOLD.drop,
        partial(mean, matched - turned),
        unless=small,
    )
    target = chain.egop_of(cube)
    for name, threshold in (("nfm", THRESHOLD.nfm_target), ("agop", THRESHOLD.agop_target)):
        found = chain.correlation(chain.matrices(cube, name).sel(init_gain=scale), target)
        before = chain.correlation(chain.matrices(cube, name, "init").sel(init_gain=scale), target)
        ledger.decide(
            f"{name}_target",
            subject,
            f"ρ({name.upper()}, EGOP of the target), mean over seeds",
            ">=",
            threshold,
            partial(mean, found),
            unless=small,
        )
        ledger.decide(
            f"{name}_target_untrained",
            subject.replace("end of training", "before training"),
            f"control: ρ({name.upper()}, EGOP of the target), mean over seeds, before training",
            "<",
            threshold,
            partial(mean, before),
        )
    return ledger.claims
