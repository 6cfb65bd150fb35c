"""Claims on the hierarchy of VGG networks.

Thresholds are those of the project's specification of the paper (§5, F8). Control: the same rule on
the profiles before training.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.size import too_small
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.architectures import EXPERIMENTS, Trained, trained
from layeratlas.papers.signal_propagation.networks import Network
from layeratlas.papers.signal_propagation.source import PUBLISHED

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(
    inside=1.0,  # layers
    end=0.9,  # of the peak
)


def architectures(cubes: Cubes, references: References) -> list[Claim]:
    """In VGG networks the peak is inside, and both ends stand below it."""
    ledger = Ledger("architectures", f"{PUBLISHED}; thresholds: specification §5 (F8)")
    for one in trained(cubes, EXPERIMENTS[:1]):
        _vgg(ledger, one, too_small(cubes[EXPERIMENTS[0]], images=1000))
    return ledger.claims


def _vgg(ledger: Ledger, one: Trained, small: str | None) -> None:
    network, shape = one.network, one.network.shape
    unless = small or (None if shape.seeds else "no run is there")
    told = f"{shape.told}; presence by the rule of §2.5: {shape.presence}"
    ledger.decide(
        "peak_interior",
        one.subject,
        "layers between the peak of A_l and the nearer end of the network",
        ">=",
        THRESHOLD.inside,
        lambda: (min(shape.peak - 1, network.layers - shape.peak), shape.seeds, told),
        unless=unless,
    )
    for id, words, at in (("first", "first convolution", 0), ("read_out", "read-out", -1)):
        ledger.decide(
            f"{id}_below",
            one.subject,
            f"A_l of the {words} over that of the peak, means over seeds",
            "<=",
            THRESHOLD.end,
            partial(_end, network, at),
            unless=unless,
        )
    ledger.decide(
        "start_without",
        f"{one.start.subject}, before training",
        "control: of the three criteria above all are met (1) or not (0) before training",
        "==",
        0.0,
        partial(_met, one.start),
        unless=small or (None if one.start.shape.seeds else "no run is there"),
    )


def _end(network: Network, at: int) -> tuple[float, int, str]:
    mean = network.profiles.mean("seed")
    end, peak = float(mean.isel(layer=at)), float(mean.max())
    return end / peak, network.shape.seeds, f"{end:.4f} against {peak:.4f}"


def _met(network: Network) -> tuple[float, int, str]:
    inside = min(network.shape.peak - 1, network.layers - network.shape.peak)
    ends = [_end(network, at)[0] for at in (0, -1)]
    met = inside >= THRESHOLD.inside and max(ends) <= THRESHOLD.end
    note = f"{network.shape.told}; ends over the peak: {ends[0]:.2f} and {ends[1]:.2f}"
    return float(met), network.shape.seeds, note
