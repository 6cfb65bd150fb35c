"""A map's gradient outer product with the eigenvectors of K put elsewhere at random.

    Q = V Λ Vᵀ,   Λ the eigenvalues of K,  V Haar-distributed on O(fan_out)

ρ(WᵀW, WᵀQW) is what is left of ρ(WᵀW, WᵀKW) where only spectra agree: the control of Fig. 1 of
Beaglehole, Mitliagkas and Agarwala, TMLR 2024, arXiv:2402.05271; specification §5.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from layeratlas.runs.streams import generator
from layeratlas.signals.matrices import matrices

__all__ = ["ROTATIONS", "Rotations", "haar", "rotations"]

#: Draws of V.
ROTATIONS = 20


@dataclass(frozen=True)
class Rotations:
    """ρ(WᵀW, WᵀQW) `(member, draw)` float64, and WᵀQW of the first draw `(member, fan_in, fan_in)`.

    `size` is fan_out; `traces` are p₁ = tr K, p₂ = tr K², m₁ = tr WWᵀ and m₂ = tr (WWᵀ)²,
    `(member,)` each.
    """

    cosines: np.ndarray
    first: Tensor
    traces: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    size: int


def rotations(weights: Any, moments: Any) -> Rotations:
    """Of W `(member, fan_out, fan_in)` and K `(member, draw, fan_out, fan_out)`, its mean taken."""
    w = torch.as_tensor(weights).double()
    k = torch.as_tensor(moments, device=w.device).double().mean(1)
    values = torch.linalg.eigvalsh(k)
    turned = [
        (v * values[:, None]) @ v.T for v in (haar(k.shape[-1], n).to(w) for n in range(ROTATIONS))
    ]
    # As draws of a moment, each is compared with F alone.
    found = np.stack([matrices(w, q[:, None]).cosine() for q in turned], axis=1)
    gram = w @ w.mT
    traces = (
        values.sum(-1),
        values.square().sum(-1),
        w.square().sum((1, 2)),
        gram.square().sum((1, 2)),
    )
    p1, p2, m1, m2 = (part.cpu().numpy() for part in traces)
    return Rotations(found, w.mT @ turned[0] @ w, (p1, p2, m1, m2), k.shape[-1])


@lru_cache(2 * ROTATIONS)
def haar(size: int, draw: int) -> Tensor:
    """Draw number `draw` of V, the same for all networks: Q of a Gaussian matrix's QR."""
    stream = generator(draw, f"signals/rotations/{size}")
    return torch.linalg.qr(torch.from_numpy(stream.standard_normal((size, size))))[0]
