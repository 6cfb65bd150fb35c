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

__all__ = ["ROTATIONS", "Rotations", "haar", "rotations"]

#: Draws of V.
ROTATIONS = 20


@dataclass(frozen=True)
class Rotations:
    """ρ(WᵀW, WᵀQW), `(member, draw)` float64; `first`: WᵀQW of the first draw, of every member."""

    cosines: np.ndarray
    first: Tensor


def rotations(weights: Any, moments: Any) -> Rotations:
    """Of W `(member, fan_out, fan_in)` and K `(member, draw, fan_out, fan_out)`, its mean taken."""
    w = torch.as_tensor(weights).double()
    k = torch.as_tensor(moments, device=w.device).double().mean(1)
    values = torch.linalg.eigvalsh(k)
    turned = [
        (v * values[:, None]) @ v.T for v in (haar(k.shape[-1], n).to(w) for n in range(ROTATIONS))
    ]
    s = w @ w.mT
    norms = s.square().sum((1, 2)).sqrt()
    found = []
    for q in turned:
        # tr F WᵀQW = tr SQS and |WᵀQW|² = tr QSQS, of S = WWᵀ.
        qs = q @ s
        square = (qs * qs.mT).sum((1, 2))
        found.append((qs * s).sum((1, 2)) / (norms * square.sqrt()))
    return Rotations(torch.stack(found, 1).cpu().numpy(), w.mT @ turned[0] @ w)


@lru_cache(2 * ROTATIONS)
def haar(size: int, draw: int) -> Tensor:
    """Draw number `draw` of V, the same for all networks: Q of a Gaussian matrix's QR."""
    stream = generator(draw, f"signals/rotations/{size}")
    return torch.linalg.qr(torch.from_numpy(stream.standard_normal((size, size))))[0]
