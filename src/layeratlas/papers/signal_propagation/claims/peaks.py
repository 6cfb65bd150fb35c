"""Claims of the table of peaks: those of the distance from the equilibrium layer, row by row.

Thresholds are those of the project's specification of the paper (§5, T1: as F4).
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.depths import far
from layeratlas.papers.signal_propagation.networks import Network
from layeratlas.papers.signal_propagation.peaks import Judged, groups
from layeratlas.papers.signal_propagation.source import PUBLISHED

#: Every number that decides a claim: shares of L, at least two layers.
THRESHOLD = SimpleNamespace(peak=0.25, centroid=0.15)


def peak_table(cubes: Cubes, references: References) -> list[Claim]:
    """Peak and centroid of every network near its equilibrium layer."""
    ledger = Ledger(
        "peak_table",
        f"{PUBLISHED}, abstract: Equilibrium Hypothesis; crossing and thresholds: specification "
        "§2.6, §5",
    )
    for group in groups(cubes):
        for found in group:
            wanted, rule = _wanted(found.network)
            for name, share in vars(THRESHOLD).items():
                ledger.decide(
                    f"{name}_near",
                    found.network.subject,
                    f"|{name} − {rule}| / max(2, {share:g} L), training images at the mark",
                    "<=",
                    1.0,
                    partial(_off, found.network, name, wanted, share),
                    unless=_without(found, wanted),
                )
    return ledger.claims


def _wanted(network: Network) -> tuple[float, str]:
    """l*_mf of perceptrons; of architectures without a recursion the network's own crossing."""
    if np.isfinite(network.mean_field):
        return network.mean_field, "l*_mf"
    known = network.empirical[np.isfinite(network.empirical)]
    return (float(known.mean()) if known.size else np.nan), "l*_emp"


def _off(network: Network, name: str, wanted: float, share: float) -> tuple[float, int, str]:
    found = getattr(network.shape, name)
    off = far(np.array([found]), np.array([wanted]), np.array([float(network.layers)]), share)
    return float(off[0]), network.shape.seeds, f"{found:.1f} against {wanted:.1f}"


def _without(found: Judged, wanted: float) -> str | None:
    if not found.at_mark:
        return "no run came to the mark"
    return None if np.isfinite(wanted) else "no equilibrium layer is known of it"
