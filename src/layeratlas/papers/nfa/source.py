"""Where the paper is, as figures and claims cite it."""

from __future__ import annotations

__all__ = ["PREPRINT", "REFERENCE"]

REFERENCE = (
    "Beaglehole, Mitliagkas and Agarwala, Feature learning as alignment: a structural property of "
    "gradient descent in non-linear neural networks, TMLR 2024, arXiv:2402.05271"
)
PREPRINT = "arXiv 2402.05271"
