"""How fast features move in one gradient step (Chizat and Netrapalli, NeurIPS 2024).

A network f_l = T_l(f_{l−1}, w_l), l = 1 … L, and a loss of f_L. With b_l = ∂loss/∂f_l (the backward
pass), G_l the gradient of matrix l and η_l its learning rate, gradient flow moves w_l at −η_l G_l
and feature l at velocity ḟ_l. The angle θ_v between ḟ_v and −b_v (backward–feature angle) obeys,
for every architecture and at any time,

    |ḟ_v| cos θ_v |b_v| = D_v := Σ_{l≤v} C_l,   C_l := η_l |G_l|²   (feature speed formula)

D_v is the loss decay due to layers up to v, S_v := |ḟ_v|_rms / D_v the sensitivity of feature v.

Networks, with φ(z) = z for z > 0 and s z otherwise (s = 0 ReLU, s = 1 linear), a = √(1 − β²):

    f_1 = W_1 x,   f_l = a f_{l−1} + β W_l φ(f_{l−1}),   f_L = W_L f_{L−1}      ResNet (Eq. 12)
    β = 1 and f_L = W_L φ(f_{L−1})                                            MLP (Eq. 10)

A batch is part of the feature: norms and angles run over samples and units together. No gradient
matrix is formed: with g_l the vector that W_l multiplies, β included, G_l = Σ_i b_l(i) g_l(i)ᵀ, so
|G_l|² = Σ_ij (b_l(i)·b_l(j)) (g_l(i)·g_l(j)), and velocities need products of samples only.

Arrays are float64, `(setting, sample, unit)`: several settings (branch scales, initial spreads)
share one draw of weights. A draw of depth 500 and width 500 is 0.25 GB.

    >>> weights = draw(seed=0, depth=10, width=200)
    >>> network = resnet(10, 200, branch_scale=[0.1, 0.3])
    >>> probe(weights, network, np.ones(10), Square(1.0)).theta.shape      # (setting, 0 … L)
    (2, 11)

Source: the paper's Thm 2.1, Def. 3.1, §4.2; specification §1.3–1.5, §2.6, §5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from layeratlas.probes.networks import Network, Weights, draw
from layeratlas.probes.passes import (
    Pass,
    _by_shape,
    finite_changes,
    passes,
    trained_rates,
    velocities,
)
from layeratlas.probes.sums import _total


@dataclass(frozen=True)
class Probe:
    """What one gradient step shows. Layer axis 0 … L (0 is the input), NaN where undefined.

    All but the last three are `(…, setting, L + 1)`:
    f_rms |f_v|_rms; b_rms |b_v|_rms; df_rms |ḟ_v|_rms; cos_theta, theta: backward–feature angle
    θ_v in radians, NaN where no layer up to v is trained; contribution C_l; loss_decay
    D_v = Σ_{l≤v} C_l; sensitivity S_v = |ḟ_v|_rms/D_v. Then `(…, setting)`: loss; loss_change, the
    loss's own change per unit of step (−D_L to first order); learning_rates `(…, setting, L)`.
    With a finite step, velocities are changes divided by the step.
    """

    f_rms: np.ndarray
    b_rms: np.ndarray
    df_rms: np.ndarray
    cos_theta: np.ndarray
    theta: np.ndarray
    contribution: np.ndarray
    loss_decay: np.ndarray
    sensitivity: np.ndarray
    loss: np.ndarray
    loss_change: np.ndarray
    learning_rates: np.ndarray

    @property
    def aligned_rms(self) -> np.ndarray:
        """Part of the velocity along −b_v: −⟨ḟ_v, b_v⟩/(|b_v| √dim) = cos θ_v |ḟ_v|_rms."""
        return self.cos_theta * self.df_rms

    @property
    def feature_per_loss(self) -> np.ndarray:
        """|δf_v|_rms/|δloss|, the paper's estimate of S_v; equal to it if layers > v are frozen."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.df_rms / np.abs(self.loss_change)[..., None]


def probe(
    weights: Weights,
    network: Network,
    inputs,
    loss,
    *,
    trained="hidden",
    learning_rates=None,
    step: float | None = None,
) -> Probe:
    """One gradient step of every setting of one draw: arrays `(setting, L + 1)`.

    trained: `hidden` (first and last matrix frozen, as in the paper's figures), `all`, or booleans
    `(L,)`; learning_rates: η `(L,)` or `(setting, L)`, by default balanced, 1/(L |G_l|²); step:
    None for exact velocities, a number for a finite step of that size. ValueError if shapes
    disagree or `trained` is unknown; ScalingError where no rate can balance a layer.
    """
    point = passes(weights, network, inputs, loss)
    return measure(point, trained_rates(point, trained, learning_rates), step)


def measure(point: Pass, rates: np.ndarray, step: float | None = None) -> Probe:
    """The probe of a pass with learning rates `(setting, L)`; see `probe`."""
    settings, depth = point.network.settings, point.network.depth
    shape = (settings, depth + 1)
    f_rms, b_rms, df_rms, cos, theta = (np.full(shape, np.nan) for _ in range(5))
    moves = velocities(point, rates) if step is None else finite_changes(point, rates, step)
    moves = [None, *moves]
    for layers, f in _by_shape(point.f):
        f_rms[:, layers] = _rms(f).T
    for layers, move in _by_shape(moves):
        b = np.stack([point.b[layer] for layer in layers])
        b_rms[:, layers] = _rms(b).T
        df_rms[:, layers] = _rms(move).T / (step or 1.0)
        found = backward_feature_angle(move, b)
        cos[:, layers], theta[:, layers] = found[0].T, found[1].T
    change = point.loss.difference(point.f[-1], moves[-1]) / step if step else None
    if change is None:
        change = _total(point.b[-1] * moves[-1])
    contribution = np.full(shape, np.nan)
    contribution[:, 1:] = rates * point.gradient_square[:, 1:]
    decay = np.full(shape, np.nan)
    decay[:, 1:] = np.cumsum(contribution[:, 1:], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        sensitivity = df_rms / decay
    return Probe(
        f_rms=f_rms,
        b_rms=b_rms,
        df_rms=df_rms,
        cos_theta=cos,
        theta=theta,
        contribution=contribution,
        loss_decay=decay,
        sensitivity=sensitivity,
        loss=point.loss.value(point.f[-1]),
        loss_change=change,
        learning_rates=np.array(rates),
    )


def backward_feature_angle(velocity, backward) -> tuple[np.ndarray, np.ndarray]:
    """cos θ and θ between ḟ and −b, `(…, sample, unit)` → `(…)`; NaN where either vanishes.

    θ = atan2(|ḟ's part across b|, ḟ's part along −b): arccos would lose half the digits near 0.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        direction = backward / _norm(backward)[..., None, None]
        along = -_total(direction * velocity)
        across = _norm(velocity + along[..., None, None] * direction)
        length = np.hypot(along, across)
        return along / length, np.where(length > 0, np.arctan2(across, along), np.nan)


def _norm(x) -> np.ndarray:
    return np.sqrt(_total(x * x))


def _rms(x) -> np.ndarray:
    return _norm(x) / np.sqrt(x.shape[-1] * x.shape[-2])


def probe_draws(
    seeds: Sequence[int],
    network: Network,
    width: int,
    inputs,
    loss,
    **options,
) -> Probe:
    """`probe` of several draws, `(draw, setting, L + 1)`; one draw is in memory at a time."""
    x = np.atleast_2d(np.asarray(inputs, float))
    outputs = options.pop("n_outputs", 1)
    results = []
    for seed in seeds:
        weights = draw(seed, network.depth, width, x.shape[1], outputs)
        results.append(probe(weights, network, x, loss, **options))
        del weights
    return Probe(**{f.name: np.stack([getattr(r, f.name) for r in results]) for f in fields(Probe)})
