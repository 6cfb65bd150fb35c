"""Claims on the alignment of layers in the networks of Baratin et al.

Thresholds are those of the project's specification of the paper (§9, B2). Control: the alignment of
labels permuted over the same kernels, which stands below at the same layer.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.architectures import Trained, representatives
from layeratlas.papers.signal_propagation.networks import networks
from layeratlas.papers.signal_propagation.source import BARATIN

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(
    inside=1.0,  # layers
    permuted=1.0,  # of the peak
)


def baratin_hierarchy(cubes: Cubes, references: References) -> list[Claim]:
    """The layer of highest alignment is inside the network; its labels matter."""
    ledger = Ledger("baratin_hierarchy", f"{BARATIN}; thresholds: specification §9 (B2)")
    for one in representatives(cubes):
        shape = one.network.shape
        unless = None if shape.seeds else "no run is there"
        ledger.decide(
            "interior",
            one.subject,
            "layers between the peak of A_l and the nearer end of the network",
            ">=",
            THRESHOLD.inside,
            partial(_inside, one),
            unless=unless,
        )
        ledger.decide(
            "permuted_below",
            one.subject,
            "control: at the peak, A_l of permuted labels (exact mean, same kernels) over A_l",
            "<",
            THRESHOLD.permuted,
            partial(_permuted, cubes, one),
            unless=unless,
        )
    return ledger.claims


def _inside(one: Trained) -> tuple[float, int, str]:
    shape = one.network.shape
    inside = min(shape.peak - 1, one.network.layers - shape.peak)
    return inside, shape.seeds, f"{shape.told}; presence by the rule of §2.5: {shape.presence}"


def _permuted(cubes: Cubes, one: Trained) -> tuple[float, int, str]:
    name = one.network.experiment
    every = networks(cubes[name], name, variable="alignment_null", record=one.record)
    null = next(n for n in every if n.point == one.network.point)
    at = int(one.network.shape.peak) - 1
    ratio = null.profiles.isel(layer=at) / one.network.profiles.isel(layer=at)
    before = one.start.profiles.isel(layer=at) / one.network.profiles.isel(layer=at)
    told = f"layer {at + 1}; before training A_l is {float(before.mean()):.2f} of it"
    return float(ratio.mean()), one.network.shape.seeds, told
