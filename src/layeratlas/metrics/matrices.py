"""Numbers of neural feature matrices and average gradient outer products, of every affine map.

    F = WᵀW,   G = WᵀKW,   K the second moment of cotangents (`layeratlas.signals.moments`)

UC-NFC ρ(F, G), and centred: with what training added to W, and to K. Arrays are `(member,)` of a
map. Source: Beaglehole, Mitliagkas and Agarwala, TMLR 2024, arXiv:2402.05271; specification §1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from layeratlas.signals.matrices import Matrices, pairs_of
from layeratlas.signals.rotations import Rotations


def cosine(found: Matrices) -> np.ndarray:
    """ρ(F, G) = tr FG/(|F| |G|); NaN where either is 0."""
    return found.cosine()


def pearson(found: Matrices) -> np.ndarray:
    """The correlation coefficient of their entries."""
    return found.pearson()


def error(found: Matrices) -> np.ndarray:
    """Standard error of ρ where K is estimated; 0 where it is exact."""
    return found.error()


def ratio_c_uc(centred: Matrices, uncentred: Matrices) -> np.ndarray:
    """tr(F̄ Ḡ)/tr(F G), with F̄, Ḡ of W − W₀; neither bounded by 1 nor by 0."""
    return _over(centred.inner.mean(-1), uncentred.inner.mean(-1))


def ratio_dc_c(double: Matrices, centred: Matrices) -> np.ndarray:
    """The same with K − K₀ over that with K."""
    return _over(double.inner.mean(-1), centred.inner.mean(-1))


def dw_rel(weights: Any, initial: Any) -> np.ndarray:
    """|W − W₀|/|W|."""
    now, change = _norm(weights), _norm(weights - initial)
    return _over(change, now)


def nfm_trace(found: Matrices) -> np.ndarray:
    """tr F."""
    return found.feature_trace


def nfm_norm(found: Matrices) -> np.ndarray:
    """|F|."""
    return np.sqrt(found.feature_square)


def agop_trace(found: Matrices) -> np.ndarray:
    """tr G."""
    return found.gradient_trace.mean(-1)


def agop_norm(found: Matrices) -> np.ndarray:
    """|G|, of estimates from pairs of different draws."""
    return np.sqrt(pairs_of(found.gram))


def nfm_effective_rank(found: Matrices) -> np.ndarray:
    """r_F = (tr F)²/|F|²."""
    return _over(found.feature_trace**2, found.feature_square)


def cotangent_effective_rank(moments: Any) -> np.ndarray:
    """r_K = (tr K)²/|K|², of estimates from pairs of different draws."""
    _, squared, square = _traces(moments)
    return _over(squared, square)


def rotated_nfc(found: Rotations) -> np.ndarray:
    """Mean of ρ(WᵀW, WᵀQW) over draws."""
    return found.cosines.mean(-1)


def rotated_nfc_sd(found: Rotations) -> np.ndarray:
    """Standard deviation of that over draws."""
    return found.cosines.std(-1, ddof=1)


def expected_rotated_nfc(found: Matrices, moments: Any) -> np.ndarray:
    """E tr(FG_Q)/(|F| √E|G_Q|²), G_Q = WᵀQW, in closed form.

    k = fan_out, p₁ = tr K, p₂ = tr K², m₁ = tr WWᵀ, m₂ = tr (WWᵀ)²:

        E tr(F G_Q) = (p₁/k) m₂,   E|G_Q|² = (a + b) m₂ + b m₁²,
        a = ((k + 1) p₁² − 2 p₂)/(k (k − 1)(k + 2)),   b = (k p₂ − p₁²)/(k (k − 1)(k + 2))

    A ratio of means; the mean over draws lies up to 0.06 above it (specification §5.5). 1 of a map
    of one output. Of estimates of K squares are taken of pairs of different draws. Of matrices of
    what training added to W: C-NFC were K's eigenvectors anywhere.
    """
    m1, m2, k = found.feature_trace, found.feature_square, moments.shape[-1]
    if k == 1:
        return _over(m2, m2)
    p1, p1_squared, p2 = _traces(moments)
    below = k * (k - 1) * (k + 2)
    a, b = ((k + 1) * p1_squared - 2 * p2) / below, (k * p2 - p1_squared) / below
    return _over(p1 / k * np.sqrt(m2), np.sqrt((a + b) * m2 + b * m1**2))


def nfm(weights: Any) -> Any:
    """F, `(member, fan_in, fan_in)`."""
    return weights.swapaxes(1, 2) @ weights


def agop(weights: Any, moments: Any) -> Any:
    """G, `(member, fan_in, fan_in)`."""
    return weights.swapaxes(1, 2) @ _mean(moments) @ weights


def rotated_agop(found: Rotations) -> Tensor:
    """WᵀQW of the first draw of Q, `(member, fan_in, fan_in)`."""
    return found.first


def _traces(moments: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """tr K, (tr K)² and tr K², `(member,)`, of estimates without bias."""
    k = torch.as_tensor(moments).double()
    trace = k.diagonal(dim1=2, dim2=3).sum(-1)
    rows = k.flatten(2)
    squared = pairs_of((trace[:, :, None] * trace[:, None]).cpu().numpy())
    return trace.mean(1).cpu().numpy(), squared, pairs_of((rows @ rows.mT).cpu().numpy())


def moment_traces(traces: np.ndarray) -> np.ndarray:
    """Traces of data moments (`layeratlas.signals.data_moments.MOMENTS`), `(member, moment)`."""
    return traces


def _mean(moments: Any) -> Any:
    return moments[:, 0] if moments.shape[1] == 1 else moments.mean(1)


def _norm(values: Any) -> np.ndarray:
    return torch.as_tensor(values).double().square().sum((1, 2)).sqrt().cpu().numpy()


def _over(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """NaN where there is nothing below."""
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below != 0)
