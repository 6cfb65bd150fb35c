"""Where UC-NFC starts: spectra alone, and what signal propagation says of them.

Before training the left singular vectors of W are Haar-distributed relative to K, up to the masks
of activations, so that ρ(WᵀW, WᵀKW) is about that of K with its eigenvectors at random. Of means
over them, with k = fan_out, r_F = (tr F)²/|F|² of F = WᵀW and r_K = (tr K)²/|K|²,

    ρ_Q = (1/k)/√(a + b + b r_F) ≈ (1 + r_F/r_K)^(−1/2),
    a = (k + 1 − 2/r_K)/(k (k − 1)(k + 2)),   b = (k/r_K − 1)/(k (k − 1)(k + 2)) .

r_F of a fresh matrix is known, and r_K is that of the layer's cotangents, which signal propagation
has. Derived here (specification §5.5, §5.6), not the paper's. The ratio of means lies up to 0.06
below the mean over eigenvectors.

Of r_K there are two forms. `mean_field_ranks` is the specification's: what is left of backward
correlations is at random among all units. `finite_width_ranks` carries second moments from layer to
layer: cotangents of two outputs pass the same masks, half of the units, and what width leaves to
chance adds up. Against perceptrons of width 128 and more, of 1 and of 10 outputs, the latter's
UC-NFC is within 0.04; the former's within 0.06 of one output, and up to 0.2 too high of ten.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from layeratlas.infinite_width.recursion import correlations
from layeratlas.infinite_width.relu import Rectifier

__all__ = [
    "finite_width_ranks",
    "fresh_rank",
    "mean_field_ranks",
    "rank_of_cotangents",
    "start",
    "turned",
]

Numbers = Float[np.ndarray, "*any"]


def turned(feature_rank: Numbers, cotangent_rank: Numbers, fan_out: Numbers) -> Numbers:
    """ρ_Q, E tr(F WᵀQW)/(|F| √E|WᵀQW|²), from effective ranks; shapes broadcast.

    1 for one output, where K is a number. Exact but for rounding, as the ratio of means it is.
    """
    k = np.asarray(fan_out, float)
    r_f, r_k = np.asarray(feature_rank, float), np.asarray(cotangent_rank, float)
    # k³ (k − 1)(k + 2) of each, over k: no division by k − 1, which is 0 for one output.
    a, b = k + 1 - 2 / r_k, k / r_k - 1
    below = k * (a + b + b * r_f)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.sqrt((k - 1) * (k + 2) / below)
    return np.where(k == 1, np.where(np.isnan(r_f + r_k), np.nan, 1.0), found)


def fresh_rank(fan_out: Numbers, fan_in: Numbers) -> Numbers:
    """r_F of independent normal weights, k d/(k + d + 1): (E tr F)² over E|F|².

    Other laws of the same variance differ by their kurtosis over k + d.
    """
    k, d = np.asarray(fan_out, float), np.asarray(fan_in, float)
    return k * d / (k + d + 1)


def rank_of_cotangents(squared: Numbers, outputs: Numbers, fan_out: Numbers) -> Numbers:
    """r_K from E[bc²] over all ordered pairs of samples, equal ones included.

    1/r_K is the mean of squared cosines of all cotangents of the layer, of two samples and two of c
    outputs each. Those of one output are bc apart, with the rest at random among k units; those of
    two outputs are at random:

        1/r_K = E[bc²]/c + (1 − 1/c)/k + (1 − E[bc²])/(k c) .

    Of layers below the read-out, whose own r_K is c.
    """
    b, c, k = (np.asarray(x, float) for x in (squared, outputs, fan_out))
    return 1 / (b / c + (1 - 1 / c) / k + (1 - b) / (k * c))


def mean_field_ranks(
    own: Rectifier,
    cosines: Float[np.ndarray, " pair"],
    samples: int,
    widths: Float[np.ndarray, " layer"],
) -> Float[np.ndarray, " layer"]:
    """r_K of every layer, the read-out last, by `rank_of_cotangents`, in a network without biases.

    `cosines` are those of all pairs of different inputs, NaN left out; `widths` is fan_out of every
    layer, the last one's the network's outputs. ValueError without a pair.
    """
    backward = correlations(own, _known(cosines), len(widths)).backward
    squared = 1 / samples + (1 - 1 / samples) * np.square(backward).mean(0)
    fan_outs = np.asarray(widths, float)
    found = rank_of_cotangents(squared, fan_outs[-1], fan_outs)
    found[-1] = fan_outs[-1]
    return found


def finite_width_ranks(
    own: Rectifier,
    cosines: Float[np.ndarray, " pair"],
    samples: int,
    widths: Float[np.ndarray, " layer"],
) -> Float[np.ndarray, " layer"]:
    """The same of finite width, with q = E⟨g, g′⟩² and w = E|g|²|g′|², both over (E|g|²)².

    A layer down, through independent normal weights and masks D, D′ of two inputs, of k units,

        q ← f² q (1 − 1/k) + s (w + 2q)/k ,    w ← w (1 − 1/k) + s (w + 2q)/k ,
        f = E DD′/E D² ,   s = E D²D′²/(E D²)² ;

    of ReLU s = 2f. They start at the read-out with w = 1, and q = 1 of one output, 0 of two.
    r_K = mean w/mean q over all pairs, equal inputs and outputs included. Exact in the mean but for
    the masks, which are not independent of the weights, and of inputs' cosines at finite width.
    """
    known = _known(cosines)
    fan_outs = np.asarray(widths, float)
    loss = correlations(own, known, len(fan_outs)).loss
    outputs = fan_outs[-1]
    # (output pair: same, other; sample pair: same, then every other) of their weights in the mean.
    weight = np.concatenate([[1 / samples], np.full(known.size, (1 - 1 / samples) / known.size)])
    weights = np.array([1 / outputs, 1 - 1 / outputs])[:, None] * weight
    q = np.array([1.0, 0.0])[:, None] + np.zeros_like(weight)
    w = np.ones_like(q)
    found = np.full(len(fan_outs), outputs)
    for layer in range(len(fan_outs) - 2, -1, -1):
        k = fan_outs[layer]
        # Of equal inputs no correlation is lost.
        lost = np.concatenate([[0.0], loss[:, layer]])
        met = _second_moment(own, lost) * (w + 2 * q) / k
        q = np.square(own.backward(lost)) * q * (1 - 1 / k) + met
        w = w * (1 - 1 / k) + met
        found[layer] = (weights * w).sum() / (weights * q).sum()
    return found


def start(
    ranks: Float[np.ndarray, " layer"], sizes: Float[np.ndarray, " size"]
) -> Float[np.ndarray, " layer"]:
    """UC-NFC of every layer before training, from r_K and sizes, inputs first and outputs last.

    1 at the read-out, where K is the identity.
    """
    all_sizes = np.asarray(sizes, float)
    fan_ins, fan_outs = all_sizes[:-1], all_sizes[1:]
    return turned(fresh_rank(fan_outs, fan_ins), ranks, fan_outs)


def _known(cosines: np.ndarray) -> np.ndarray:
    known = np.asarray(cosines, float)
    known = known[np.isfinite(known)]
    if not known.size:
        raise ValueError("no pair of inputs has a cosine")
    # Of single precision some are above one by a digit.
    return np.clip(known, -1, 1)


def _second_moment(own: Rectifier, loss: np.ndarray) -> np.ndarray:
    """E D²D′²/(E D²)² of slopes 1 and a, with θ/π the share of units at which two inputs differ."""
    a = own.negative_slope
    differ = 2 * np.arcsin(np.sqrt(loss / 2)) / np.pi
    return ((1 - differ) * (1 + a**4) / 2 + differ * a**2) / ((1 + a**2) / 2) ** 2
