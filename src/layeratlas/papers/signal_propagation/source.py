"""Where the paper is, as figures and claims cite it."""

from __future__ import annotations

__all__ = ["BARATIN", "PREPRINT", "PUBLISHED", "REFERENCE"]

REFERENCE = (
    "Lou, Mingard, Nam and Hayou, Feature Learning and Signal Propagation in Deep Neural Networks, "
    "ICML 2022, arXiv:2110.11749"
)
PREPRINT = "arXiv 2110.11749"
PUBLISHED = f"{PREPRINT}, ICML 2022"
#: The paper that this one builds on, where alignment as it is measured here comes from.
BARATIN = "arXiv 2008.00938"
