"""The variants of alignment on one trained network: what each is called, and which network."""

from __future__ import annotations

from layeratlas.papers.given import Cubes
from layeratlas.papers.signal_propagation.networks import Network, networks
from layeratlas.papers.signal_propagation.profiles import MARK, VIEW

__all__ = ["EXPERIMENT", "VARIABLES", "variants"]

EXPERIMENT = "alignment_fashion_mnist"

#: Variable of the cube, its symbol, and its definition in a word (specification §2.3).
VARIABLES = {
    "alignment": ("$A_l$", "centred, all outputs"),
    "alignment_traced": (r"$A_l^{\mathrm{tr}}$", "traced over classes"),
    "alignment_uncentred": (r"$A_l^{\mathrm{raw}}$", "uncentred"),
    "alignment_null": (r"$A_l^{\mathrm{null}}$", "mean under permuted labels, exact"),
    "alignment_second_moment": ("$S_l$", "second moment"),
}
_DEPTH = 10


def variants(cubes: Cubes, view: str = VIEW, record: str = MARK) -> dict[str, Network]:
    """The network of depth 10, or the one nearest to it, under every definition."""
    found = {}
    for name in VARIABLES:
        every = networks(
            cubes[EXPERIMENT], EXPERIMENT, variable=name, view=view, record=record, equilibria=False
        )
        found[name] = min(every, key=lambda network: abs(network.layers - _DEPTH))
    return found
