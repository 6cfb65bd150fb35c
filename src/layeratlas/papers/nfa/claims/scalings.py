"""Claims on correlations under hyper-parameter scalings. Beyond the paper; chosen here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace

import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.networks.scalings import TITLES
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa.claims.deciding import largest, mean
from layeratlas.papers.nfa.scaled import EXPERIMENT, Scaled, scaled

#: Every number that decides a claim. Correlations are kept in single precision.
THRESHOLD = SimpleNamespace(gap=0.1, turned=0.0, start=1e-5)
#: Scalings under which features move most and least.
_RICH, _LAZY = "mf_mup", "ntk"


def nfc_under_scalings(cubes: Cubes, references: References) -> list[Claim]:
    """C-NFC is above UC-NFC under each scaling; more than spectra alone where features move."""
    ledger = Ledger("nfc_under_scalings", "beyond the paper; scalings of arXiv 2311.18718")
    found = scaled(cubes[EXPERIMENT])
    for one in found:
        missed = None if one.marked else "not all of its runs came to the mark"
        ledger.decide(
            "gap",
            one.title,
            "C-NFC − UC-NFC at an equal running loss, mean over hidden layers and seeds",
            ">=",
            THRESHOLD.gap,
            partial(_mean, one.c - one.uc),
            unless=missed,
        )
        ledger.decide(
            "above_turned",
            one.title,
            "control: C-NFC less what is expected of it with K's eigenvectors at random, mean over "
            "hidden layers and seeds",
            ">",
            THRESHOLD.turned,
            partial(_mean, one.c - one.turned),
            unless=missed,
        )
    named = {one.name: one for one in found}
    both = [named[n] for n in (_RICH, _LAZY) if n in named and named[n].marked]
    ledger.decide(
        "rich_above_lazy",
        f"{TITLES[_RICH]} against {TITLES[_LAZY]}",
        "C-NFC less that of turned K is larger where features move more: the one's mean over "
        "hidden layers and seeds less the other's",
        ">",
        THRESHOLD.turned,
        lambda: _mean(
            (both[0].c - both[0].turned) - (both[1].c - both[1].turned),
            of=[one.c - one.turned for one in both],
        ),
        unless=None if len(both) == 2 else f"needs all runs of {_RICH} and {_LAZY} at the mark",
    )
    ledger.decide(
        "one_start",
        "all scalings",
        "UC-NFC before training is that of the same networks at other gains, without biases: "
        "largest less smallest over scalings, of all hidden layers and seeds",
        "<=",
        THRESHOLD.start,
        partial(_spread, found),
    )
    return ledger.claims


def _mean(values: xr.DataArray, of: Sequence[xr.DataArray] = ()) -> tuple[float, int, str]:
    return mean(values.mean("layer", skipna=False), of=of)


def _spread(found: list[Scaled]) -> tuple[float, int, str]:
    starts = xr.concat([one.start for one in found], "scaling", coords="minimal", compat="override")
    apart = starts.max("scaling", skipna=False) - starts.min("scaling", skipna=False)
    return largest(apart, of=[one.start for one in found])
