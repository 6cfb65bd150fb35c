"""Automatic FSC: spreads and learning rates calibrated on a draw, an input and a loss.

Symbols as in `layeratlas.probes`. Source: Chizat and Netrapalli, "The Feature Speed Formula", §4.2.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from layeratlas.networks.scalings import ScalingError
from layeratlas.probes.losses import Loss
from layeratlas.probes.measures import measure
from layeratlas.probes.networks import Network, Weights
from layeratlas.probes.passes import passes
from layeratlas.probes.rates import balanced_rates
from layeratlas.probes.sums import total

__all__ = ["calibrate_fsc"]


def calibrate_fsc(
    weights: Weights, network: Network, inputs, loss: Loss, *, tolerance: float = 1e-12
) -> tuple[Network, np.ndarray]:
    """Automatic FSC scaling (§4.2 of the paper): a rescaled network and learning rates.

    1. Forward: multipliers such that |f_l|_rms = 1, l < L (of a residual branch: the positive root
       of s²|h|² + 2as⟨f, h⟩ = β² |f|², h the branch).
    2. Contributions: η_l = 1/(L |G_l|²), all layers trained.
    3. Sensitivity: σ_L times q = ((L−1)/L)/(cos θ_{L−1} · dim · |b_{L−1}|_rms); a linear loss needs
       one pass, others a root of ln q in ln σ_L, found by secants to `tolerance`.

    Then −dloss/dt = |ḟ_{L−1}|_rms = 1 and every C_l is 1/L. Returns the network and
    η `(setting, L)`.
    ScalingError if the network has biases (not homogeneous), a feature or gradient vanishes, or
    the read-out does not settle (the loss then has no such scale nearby).
    """
    if weights.biases is not None:
        raise ScalingError("FSC calibration is not defined for a network with biases")
    network = _normalise_features(weights, network, inputs)
    depth = network.depth
    before = None
    for _ in range(200):
        point = passes(weights, network, inputs, loss)
        rates = balanced_rates(point)
        result = measure(point, rates)
        dim = point.f[depth - 1][0].size
        factor = ((depth - 1) / depth) / (
            result.cos_theta[:, depth - 1] * dim * result.b_rms[:, depth - 1]
        )
        if not np.isfinite(factor).all():
            break
        if (np.abs(factor - 1) <= tolerance).all():
            return network, rates
        move = _towards_root(np.log(factor), before)
        before = np.log(factor), move
        multipliers = network.multipliers.copy()
        multipliers[:, -1] *= np.exp(move)
        network = replace(network, multipliers=multipliers)
    raise ScalingError("FSC calibration: the scale of the read-out does not settle for this loss")


def _normalise_features(weights: Weights, network: Network, inputs) -> Network:
    """Multipliers such that |f_l|_rms = 1 for l = 1 … L − 1."""
    x = np.atleast_2d(np.asarray(inputs, float))
    f = np.broadcast_to(x, (network.settings, *x.shape))
    multipliers = np.array(network.multipliers)
    current = replace(network, multipliers=multipliers)
    for layer in range(1, network.depth):
        h = current.product(weights, layer, network.incoming(f, layer))
        short = network.shortcut(f, layer) + np.zeros_like(h)
        # s²|h|² + 2 s⟨short, h⟩ + |short|² = dim; a branch of scale zero has nothing to rescale.
        hh, sh, ss = (total(u * v) for u, v in ((h, h), (short, h), (short, short)))
        still = (hh == 0) & np.isclose(ss, h[0].size)
        if ((hh == 0) & ~still).any():
            raise ScalingError(f"FSC calibration: feature {layer} vanishes")
        root = np.sqrt(sh * sh + hh * (h[0].size - ss))
        scale = np.where(still, 1.0, (root - sh) / np.where(still, 1.0, hh))
        multipliers[:, layer - 1] *= scale
        f = short + scale[:, None, None] * h
    return current


def _towards_root(value: np.ndarray, before: tuple[np.ndarray, np.ndarray] | None) -> np.ndarray:
    """Next move of ln σ_L, given ln q now and (ln q, move) of last time: a guarded secant step.

    Repeating σ_L ← q σ_L, the first step, need not settle where b_L depends on f_L.
    """
    if before is None:
        return value
    last, move = before
    with np.errstate(divide="ignore", invalid="ignore"):
        secant = -value * move / (value - last)
    return np.where(np.isfinite(secant), np.clip(secant, -1.0, 1.0), value / 2)
