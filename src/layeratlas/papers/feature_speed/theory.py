"""Closed forms for backward–feature angles at initialisation, at large width and for one input.

n layers are trained up to feature v: n = v − 1 with the first matrix frozen, n = v otherwise;
contributions are balanced, hidden weights critical (σ = √(2/m) for ReLU). θ is the angle between a
feature's velocity and minus its gradient, and with K the backward-to-feature kernel

    cos θ = M_1/√M_2,   M_p = tr(Kᵖ)/m.

A product of n free factors of relative second moment 1 + ξ has 1 + nξ, whence, summing over the
layers that start the product, M_2/M_1² = 1 + ξ (n − 1)(2n − 1)/(6n). β is the branch scale of
f_l = √(1 − β²) f_{l−1} + β W_l φ(f_{l−1}); c = β√L.

Source: Chizat and Netrapalli, "The Feature Speed Formula", NeurIPS 2024, Thm 3.2, Props 5.1 and 5.2
for the exponents; the constants are derived in the specification, §3.2–3.4.
"""

from __future__ import annotations

import functools

import numpy as np

__all__ = [
    "CONSTANTS",
    "EXPONENTS",
    "cos_linear_resnet",
    "cos_linear_resnet_limit",
    "cos_post_activation",
    "cos_relu_mlp",
    "cos_relu_resnet",
    "cos_relu_resnet_limit",
    "jacobian_moment_ratio",
    "sensitivity",
]


def cos_relu_mlp(n):
    """cos θ = [1 + (n − 1)(2n − 1)/(3n)]^(−1/2) → √(3/2) n^(−1/2), for n ≥ 1 trained layers."""
    return _free(np.asarray(n, float), 2.0)


def cos_linear_resnet(n, branch_scale):
    """cos θ of the linear ResNet, ξ = 2β² − β⁴; n ≥ 1 and β broadcast."""
    b2 = np.asarray(branch_scale, float) ** 2
    return _free(np.asarray(n, float), 2 * b2 - b2**2)


def _free(n, xi):
    return (1 + xi * (n - 1) * (2 * n - 1) / (6 * n)) ** -0.5


def cos_linear_resnet_limit(c):
    """cos θ_{L−1} → (1 + 2c²/3)^(−1/2) for β = c/√L, L → ∞."""
    return (1 + 2 * np.asarray(c, float) ** 2 / 3) ** -0.5


def cos_relu_resnet(n: int, branch_scale: float) -> np.ndarray:
    """cos θ after 1 … n trained layers of a ReLU ResNet, `(n,)`.

    Masks k layers apart are both on with probability c_k = 1/4 + arcsin(a^k)/(2π), a² = 1 − β².
    With v_1 = p_1 = 0,

        v_n = a² v_{n−1} + β² [(n − 1)² + 2 p_{n−1}]
        p_n = Σ_{j<n} a^{2(n−1−j)} {2 a² β² [c_{n−j} j² + p_j/2] + β⁴ [j² + 2 p_j]/2}
        cos θ = (1 + 2 v_n/n²)^(−1/2)

    Exact for the output feature at large width, within 2–3 % before it. β = 1 gives
    `cos_relu_mlp`. O(n²). ValueError unless n ≥ 1 and β in [0, 1].
    """
    if n < 1 or not 0 <= branch_scale <= 1:
        raise ValueError(
            f"n must be at least 1 and branch_scale in [0, 1]; got {n} and {branch_scale}"
        )
    b2 = branch_scale**2
    a2 = 1 - b2
    lag = np.arange(n + 1)
    both_on = 0.25 + np.arcsin(a2 ** (lag / 2)) / (2 * np.pi)
    decay = a2 ** lag.astype(float)
    v, p = np.zeros(n + 1), np.zeros(n + 1)
    for i in range(2, n + 1):
        j = lag[1:i]
        term = 2 * a2 * b2 * (both_on[i - j] * j**2 + p[j] / 2) + b2**2 * (j**2 + 2 * p[j]) / 2
        p[i] = decay[i - 1 - j] @ term
        v[i] = a2 * v[i - 1] + b2 * ((i - 1) ** 2 + 2 * p[i - 1])
    layers = lag[1:]
    return (1 + 2 * v[1:] / layers**2) ** -0.5


@functools.cache
def cos_relu_resnet_limit(c: float, layers: int = 4000) -> float:
    """cos θ_{L−1} of the ReLU ResNet for β = c/√L, L → ∞; ≈ 1 − c²/3 small c, ≈ 1/c large c.

    The recursion at `layers` and half of it, extrapolated in 1/L. ValueError if c² > layers/2.
    """
    half = layers // 2
    coarse = cos_relu_resnet(half, c / np.sqrt(half))[-1]
    fine = cos_relu_resnet(layers, c / np.sqrt(layers))[-1]
    return float(2 * fine - coarse)


def cos_post_activation(cos_theta):
    """cos θ of g = relu(f) from that of f, of an MLP that reads out g: (1 + 1/cos²)^(−1/2)."""
    return (1 + np.asarray(cos_theta, float) ** -2) ** -0.5


def sensitivity(cos_theta, width, output_std, output_gradient=1.0):
    """S_{L−1} = 1/(cos θ · m · σ_L · |b_L|): feature change (rms) per unit of loss decay.

    For a read-out that acts on f_{L−1} directly (Eq. 4 with |b_{L−1}|_rms = σ_L |b_L|). With
    |b_L| = 1: ntk → √(2L/3m), mf_mup → √(2L/3), fsc → √(2/3), resnet_fsc → 1/cos θ. In an MLP that
    reads out relu(f), multiply by √2 for f; for relu(f) pass `cos_post_activation` instead.
    """
    return 1 / (np.asarray(cos_theta) * width * output_std * output_gradient)


def jacobian_moment_ratio(n, branch_scale=1.0, *, linear: bool = False):
    """(1/m) tr((JJᵀ)²) / ((1/m) tr JJᵀ)² of J = ∂f_v/∂f_l over n = v − l layers.

    1 + n (2β² − β⁴) for the linear ResNet; 1 + 2β² n for ReLU: exact for the MLP (β = 1), a lower
    bound for the ReLU ResNet, whose masks are correlated. 1 is perfect conditioning.
    """
    b2 = np.asarray(branch_scale, float) ** 2
    return 1 + np.asarray(n) * (2 * b2 - b2**2 if linear else 2 * b2)


#: Exponents in (L, m) by Prop. 5.3 and 5.4: of S, of −dloss/dt, of |ḟ_{L−1}|.
EXPONENTS = {
    "ntk": {"S": (0.5, -0.5), "loss": (0.0, 0.0), "speed": (0.5, -0.5)},
    "mf_mup": {"S": (0.5, 0.0), "loss": (-0.5, 0.0), "speed": (0.0, 0.0)},
    "fsc": {"S": (0.0, 0.0), "loss": (0.0, 0.0), "speed": (0.0, 0.0)},
    "resnet_fsc": {"S": (0.0, 0.0), "loss": (0.0, 0.0), "speed": (0.0, 0.0)},
}
#: L C_l of input, hidden and output layers at large width (§2.5).
CONSTANTS = {"mlp": (0.5, 0.25, 0.5), "resnet": (1.0, 0.5, 1.0)}
