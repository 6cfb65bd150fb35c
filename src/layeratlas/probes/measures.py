"""The probe: what one gradient step does to every feature of a network.

Symbols, formulas and an example: `layeratlas.probes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from layeratlas.probes.angles import backward_feature_angle
from layeratlas.probes.losses import Loss
from layeratlas.probes.networks import Network, Weights, draw
from layeratlas.probes.passes import Pass, by_shape, passes
from layeratlas.probes.rates import trained_rates
from layeratlas.probes.sums import rms, total
from layeratlas.probes.velocities import finite_changes, velocities

__all__ = ["Probe", "measure", "probe", "probe_draws"]


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
    def feature_per_loss(self) -> np.ndarray:
        """|δf_v|_rms/|δloss|, the paper's estimate of S_v; equal to it if layers > v are frozen."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.df_rms / np.abs(self.loss_change)[..., None]


def probe(
    weights: Weights,
    network: Network,
    inputs,
    loss: Loss,
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


def probe_draws(
    seeds: Sequence[int],
    network: Network,
    width: int,
    inputs,
    loss: Loss,
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


def measure(point: Pass, rates: np.ndarray, step: float | None = None) -> Probe:
    """The probe of a pass with learning rates `(setting, L)`; see `probe`."""
    settings, depth = point.network.settings, point.network.depth
    shape = (settings, depth + 1)
    f_rms, b_rms, df_rms, cos, theta = (np.full(shape, np.nan) for _ in range(5))
    found = velocities(point, rates) if step is None else finite_changes(point, rates, step)
    moves = dict(enumerate(found, start=1))
    for layers, f in by_shape(dict(enumerate(point.f))):
        f_rms[:, layers] = rms(f).T
    for layers, move in by_shape(moves):
        b = np.stack([point.b[layer] for layer in layers])
        b_rms[:, layers] = rms(b).T
        df_rms[:, layers] = rms(move).T / (step or 1.0)
        of_layers = backward_feature_angle(move, b)
        cos[:, layers], theta[:, layers] = of_layers[0].T, of_layers[1].T
    if step:
        change = point.loss.difference(point.f[depth], moves[depth]) / step
    else:
        change = total(point.b[depth] * moves[depth])
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
