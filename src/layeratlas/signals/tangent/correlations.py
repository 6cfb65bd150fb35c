"""How alike examples look to an affine map, forward in what it reads and backward in cotangents.

    fc = mean over pairs i < j of cos(a(x_i), a(x_j))
    bc = mean over outputs c and pairs of cos(δ^c(x_i), δ^c(x_j))

Rows of all positions of an example are one vector; of a convolution these are its patches. An
example whose vector is zero, of a narrow ReLU network, has no direction: its pairs are left out and
counted.

Source: Lou, Mingard and Hayou, ICML 2022, arXiv:2110.11749; specification §2.6, §11.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from layeratlas.signals.tangent.factors import Factors

__all__ = ["Correlations", "correlations_of", "cosines", "pairs"]

#: Numbers of a map that are looked at in double precision; larger ones stay as they are.
DOUBLE = 2**24

#: Numbers that are centred at once.
AT_ONCE = 2**23


@dataclass(frozen=True)
class Correlations:
    """`forward` fc and `backward` bc; pairs left out of each, over all outputs of the backward one.

    `participation` is (tr G)²/‖G‖² of the forward Gram matrix centred over examples, G = H A Aᵀ H:
    over how many directions the examples are spread.
    """

    forward: float
    backward: float
    forward_left_out: int
    backward_left_out: int
    participation: float


def correlations_of(factors: Factors) -> Correlations:
    """Mean cosines of one map."""
    a, g = _flat(factors.inputs), _flat(factors.cotangents)
    n = len(a)
    forward, kept = _mean_cosine(a)
    backward, kept_behind = _mean_cosine(g)
    known = backward[torch.isfinite(backward)]
    gram = a.new_zeros(n, n, dtype=torch.float64)
    for part in a.split(max(1, AT_ONCE // n), dim=1):
        # Centred before the products, so that nothing cancels in them.
        centred = part - part.mean(0)
        gram += centred @ centred.T
    square = float((gram**2).sum())
    every = n * (n - 1) // 2
    return Correlations(
        float(forward),
        float(known.mean()) if len(known) else float("nan"),
        every - int(kept),
        every * len(g) - int(kept_behind.sum()),
        float(gram.trace()) ** 2 / square if square else float("nan"),
    )


def cosines(vectors: Tensor) -> Tensor:
    """cos of every pair i < j of `(…, sample, feature)`, `(…, pair)` in the order of `pairs`."""
    unit = vectors / torch.linalg.vector_norm(vectors, dim=-1, keepdim=True)
    n = unit.shape[-2]
    first, second = torch.triu_indices(n, n, 1)
    return (unit @ unit.mT)[..., first, second].clamp(-1, 1)


def pairs(samples: int) -> int:
    """How many there are."""
    return samples * (samples - 1) // 2


def _flat(rows: Tensor) -> Tensor:
    """`(…, sample, position, fan)` → `(…, sample, position·fan)`."""
    flat = rows.flatten(-2)
    return flat.double() if flat.numel() <= DOUBLE else flat


def _mean_cosine(vectors: Tensor) -> tuple[Tensor, Tensor]:
    """Mean cosine over pairs of `(…, sample, feature)` that have directions, and their number.

    From one sum: Σ_{i≠j} u_i·u_j = |Σ u|² − m for m unit vectors u.
    """
    norms = torch.linalg.vector_norm(vectors, dim=-1)
    there = norms > 0
    shares = torch.where(there, 1 / norms, 0.0)
    m = there.sum(-1)
    # Σ v/|v| as one product: no copy of the vectors is made.
    total = ((shares[..., None, :] @ vectors).double() ** 2).sum((-2, -1))
    return ((total - m) / (m * (m - 1))).clamp(-1, 1), m * (m - 1) // 2
