"""How the neural feature matrix and the average gradient outer product of a map go together.

    F = VᵀV,   G = VᵀKV,   ρ(F, G) = tr(F G) / (|F| |G|)

with V the weights W, what training added W − W₀, or the rate Ẇ at which it adds, each
`(fan_out, fan_in)`, and K a second moment of cotangents (`layeratlas.signals.moments`). Source:
Beaglehole, Mitliagkas and Agarwala, TMLR 2024, arXiv:2402.05271; specification §1, §5.1, §5.2.

All that is needed are traces, and those of F and G, `(fan_in, fan_in)`, are those of S = VVᵀ and K,
`(fan_out, fan_out)`:

    tr F = tr S,  |F|² = tr S²,  tr G = tr KS,  tr FG = tr KS²,  tr G G' = tr KSK'S

so the smaller side is taken. |G|² of estimates is a mean over pairs of different draws: it has no
bias then, where the square of the mean would have the noise of the draws added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from layeratlas.signals.gram import of_columns, of_rows

__all__ = ["Matrices", "centred", "double_centred", "matrices", "rate", "uncentred"]


@dataclass(frozen=True)
class Matrices:
    """Traces and sums of entries of F and of G by draw, of every member, float64.

    `feature_trace` tr F, `feature_square` |F|², `feature_sum` the sum of all entries of F,
    `(member,)`; `gradient_trace` tr G, `gradient_sum`, `inner` tr FG, `(member, draw)`; `gram`
    tr G_p G_q, `(member, draw, draw)`; `entries`: of a matrix, fan_in².
    """

    feature_trace: np.ndarray
    feature_square: np.ndarray
    feature_sum: np.ndarray
    gradient_trace: np.ndarray
    gradient_sum: np.ndarray
    inner: np.ndarray
    gram: np.ndarray
    entries: int

    def cosine(self) -> np.ndarray:
        """ρ(F, G), `(member,)`; NaN where F or G is 0."""
        return _ratio(self.inner.mean(-1), self.feature_square, pairs_of(self.gram))

    def pearson(self) -> np.ndarray:
        """The same of their entries about their mean."""
        along, square, gram = self._about_means()
        return _ratio(along.mean(-1), square, pairs_of(gram))

    def error(self) -> np.ndarray:
        """Standard error of `cosine`, by leaving one draw out at a time; 0 where K is exact."""
        draws = self.inner.shape[-1]
        if draws == 1:
            return np.where(np.isnan(self.cosine()), np.nan, 0.0)
        if draws == 2:
            # Without one of two draws there is no pair: half their difference, as one by one.
            each = [
                _ratio(self.inner[:, p], self.feature_square, self.gram[:, p, p]) for p in (0, 1)
            ]
            return np.abs(each[0] - each[1]) / 2
        left = [
            _ratio(
                np.delete(self.inner, p, -1).mean(-1),
                self.feature_square,
                pairs_of(np.delete(np.delete(self.gram, p, -1), p, -2)),
            )
            for p in range(draws)
        ]
        return np.sqrt((draws - 1) * np.var(left, axis=0))

    def _about_means(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """tr FG, |F|² and tr G G' of the entries about their means."""
        f, g, n = self.feature_sum, self.gradient_sum, self.entries
        return (
            self.inner - f[:, None] * g / n,
            _left(self.feature_square, f * f / n),
            self.gram - g[:, :, None] * g[:, None] / n,
        )


def matrices(values: Any, moments: Any) -> Matrices:
    """Of V `(member, fan_out, fan_in)` and K `(member, draw, fan_out, fan_out)`.

    F is in double precision, G in that of K, whose estimates are many.
    """
    v = torch.as_tensor(values).double()
    k = torch.as_tensor(moments, device=v.device)
    ones = v.sum(-1)
    # G_p in one of two bases: KS has its traces, and is not symmetric.
    if v.shape[1] <= v.shape[2]:
        f = of_rows(v)
        g = k @ f[:, None].to(k.dtype)
        turned = g.mT
    else:
        f = of_columns(v)
        w = v[:, None].to(k.dtype)
        g = turned = w.mT @ k @ w
    rows, sums = g.flatten(2), ones.to(k.dtype)
    return Matrices(
        feature_trace=_array(f.diagonal(dim1=1, dim2=2).sum(-1)),
        feature_square=_array(f.square().sum((1, 2))),
        feature_sum=_array(ones.square().sum(-1)),
        gradient_trace=_array(g.diagonal(dim1=2, dim2=3).sum(-1)),
        gradient_sum=_array(torch.einsum("mo,mdop,mp->md", sums, k, sums)),
        inner=_array((rows @ f.to(k.dtype).flatten(1)[:, :, None])[..., 0]),
        gram=_array(rows @ turned.flatten(2).mT),
        entries=v.shape[2] ** 2,
    )


def _array(values: torch.Tensor) -> np.ndarray:
    return values.double().cpu().numpy()


def uncentred(weights: Any, moments: Any) -> Matrices:
    """Of W and K: UC-NFC."""
    return matrices(weights, moments)


def centred(weights: Any, initial: Any, moments: Any) -> Matrices:
    """Of W − W₀ and K, which is not centred: C-NFC."""
    return matrices(weights - initial, moments)


def double_centred(weights: Any, initial: Any, moments: Any, initial_moments: Any) -> Matrices:
    """Of W − W₀ and K − K₀, of the same draws, which may be negative."""
    return matrices(weights - initial, moments - initial_moments)


def rate(gradient: Any, moments: Any) -> Matrices:
    """Of Ẇ = −∂loss/∂W and K: where C-NFC begins, ρ(F'', G'') of small steps of all images."""
    return matrices(gradient, moments)


def pairs_of(gram: np.ndarray) -> np.ndarray:
    """The mean over pairs of different draws, `(member,)`, of `(member, draw, draw)`.

    Of a single draw, which is exact, its own.
    """
    draws = gram.shape[-1]
    if draws == 1:
        return gram[..., 0, 0]
    same = np.trace(gram, axis1=-2, axis2=-1)
    return (gram.sum((-2, -1)) - same) / (draws * (draws - 1))


def _left(whole: np.ndarray, part: np.ndarray) -> np.ndarray:
    """The difference, and 0 where it is no more than rounding."""
    return np.where(whole - part > 1e-13 * whole, whole - part, 0.0)


def _ratio(inner: np.ndarray, f: np.ndarray, g: np.ndarray) -> np.ndarray:
    """inner/√(f g); NaN where one of these is not positive."""
    product = np.asarray(f * g, np.float64)
    root = np.sqrt(np.where(product > 0, product, np.nan))
    return inner / root
