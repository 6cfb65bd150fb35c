"""Claims on correlations over noise and nonlinearity. Beyond the paper; thresholds chosen here."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa.claims.deciding import smallest
from layeratlas.papers.nfa.theories import EXPERIMENT, correlations_over_grid

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(gap=0.0, turned=0.0)


def nfc_phase_diagram(cubes: Cubes, references: References) -> list[Claim]:
    """C-NFC is above UC-NFC in every cell, and above what spectra alone give."""
    ledger = Ledger("nfc_phase_diagram", "beyond the paper: chosen here")
    each = correlations_over_grid(cubes[EXPERIMENT])
    found = each.mean(("seed", "layer"), skipna=False)
    cells = f"{found['c_nfc'].size} cells"
    ledger.decide(
        "gap",
        "every cell",
        "C-NFC − UC-NFC at the end, mean over hidden layers and seeds: smallest over cells",
        ">",
        THRESHOLD.gap,
        partial(smallest, found["c_nfc"] - found["uc_nfc"], cells, of=[each["c_nfc"]]),
    )
    ledger.decide(
        "above_turned",
        "every cell",
        "control: C-NFC less what is expected of it with K's eigenvectors at random, mean over "
        "hidden layers and seeds: smallest over cells",
        ">",
        THRESHOLD.turned,
        partial(smallest, found["beyond_turned"], cells, of=[each["beyond_turned"]]),
    )
    return ledger.claims
