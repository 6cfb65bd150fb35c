"""Why angles open: backward-to-feature kernels and Jacobians of a probe, dense.

K_v takes minus the backward pass to the velocity, so the spread of its spectrum is the angle; it is
built from Jacobians between layers, whose conditioning is the other half of the story. Symbols as
in `layeratlas.probes`. Source: Chizat and Netrapalli, "The Feature Speed Formula", Thm 3.2, §3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from layeratlas.probes.networks import Network
from layeratlas.probes.passes import Pass

__all__ = ["feature_kernels", "jacobians", "kernel_moments", "spectral_moment_ratio"]


def feature_kernels(point: Pass, rates: np.ndarray, setting: int = 0) -> Iterator[np.ndarray]:
    """K_1 … K_L, backward-to-feature kernels, `(sample·unit, sample·unit)`: ḟ_v = −K_v b_v.

        K_v = A_v K_{v−1} A_vᵀ + η_v (g_v(i)·g_v(j)) ⊗ 1,   A_v = ∂f_v/∂f_{v−1}

    Symmetric, positive semi-definite. Dense: O((n m)² m) a layer; for m of a few hundred.
    """
    network, n = point.network, point.input_gram.shape[-1]
    kernel = None
    for layer in range(1, network.depth + 1):
        size = point.f[layer].shape[2]
        own = rates[setting, layer - 1] * point.input_gram[setting, layer]
        now = np.einsum("ij,uv->iujv", own, np.eye(size))
        if kernel is not None:
            step = _layer_jacobians(point, layer, setting)
            for i, j in np.ndindex(n, n):
                now[i, :, j] += step[i] @ kernel[i, :, j] @ step[j].T
        kernel = now
        yield now.reshape(n * size, n * size)


def kernel_moments(point: Pass, rates: np.ndarray, setting: int = 0) -> np.ndarray:
    """M_1 and M_2 of K_v, M_p = tr(K_vᵖ)/dim, `(L + 1, 2)`; row 0 is NaN.

    cos θ_v → M_1/√M_2 at large width where b_v is independent of K_v (Thm 3.2).
    """
    moments = np.full((point.network.depth + 1, 2), np.nan)
    for layer, kernel in enumerate(feature_kernels(point, rates, setting), start=1):
        moments[layer] = np.trace(kernel) / len(kernel), np.sum(kernel**2) / len(kernel)
    return moments


def jacobians(
    point: Pass, start: int, setting: int = 0, sample: int = 0
) -> Iterator[tuple[int, np.ndarray]]:
    """(v, ∂f_v/∂f_start) for v = start … L − 1, `(unit, unit)`, of one sample; O(m³) a layer.

    ValueError unless 1 ≤ start < L.
    """
    if not 1 <= start < point.network.depth:
        raise ValueError(f"start must lie in [1, {point.network.depth - 1}], not {start}")
    total = np.eye(point.f[start].shape[2])
    yield start, total
    for layer in range(start + 1, point.network.depth):
        total = _layer_jacobians(point, layer, setting)[sample] @ total
        yield layer, total


def spectral_moment_ratio(jacobian: np.ndarray) -> float:
    """(1/m) tr((JJᵀ)²)/((1/m) tr JJᵀ)² ≥ 1, and 1 for an isometry; J `(m, m)`."""
    gram = jacobian @ jacobian.T
    return float(len(gram) * np.sum(gram**2) / np.trace(gram) ** 2)


def _layer_jacobians(point: Pass, layer: int, setting: int) -> np.ndarray:
    """∂f_l/∂f_{l−1} of each sample, `(sample, out, in)`, l ≥ 2."""
    one = _setting(point.network, setting)
    below = point.f[layer - 1][setting : setting + 1]
    matrix = one.multipliers[0, layer - 1] * point.weights.matrix(layer)
    slope = one.slope(below, layer)[0]
    jacobian = matrix * slope[:, None, :]
    skip = one.shortcut(1.0, layer)
    return jacobian + np.squeeze(skip) * np.eye(*matrix.shape) if np.any(skip) else jacobian


def _setting(network: Network, setting: int) -> Network:
    """The network of one setting."""
    keep = slice(setting, setting + 1)
    return replace(
        network,
        branch_scale=network.branch_scale[keep],
        multipliers=network.multipliers[keep],
    )
