"""How features move in one gradient step: velocities, and changes in a step of finite size.

Symbols as in `layeratlas.probes`; learning rates η `(setting, L)`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layeratlas.probes.passes import Pass

__all__ = ["finite_changes", "velocities"]


def velocities(point: Pass, rates: np.ndarray) -> Iterator[np.ndarray]:
    """ḟ_1 … ḟ_L, each `(setting, sample, unit)`, for learning rates `(setting, L)`. Exact.

        ḟ_l = a ḟ_{l−1} + β W_l (φ′(f_{l−1}) ∘ ḟ_{l−1}) − η_l Σ_j (g_l(i)·g_l(j)) b_l(j)

    A Jacobian–vector product: no step size, no difference; the cost of a forward pass.
    """
    network, previous = point.network, None
    for layer in range(1, network.depth + 1):
        own = point.input_gram[:, layer] @ point.b[layer]
        now = -rates[:, layer - 1, None, None] * own
        if previous is not None:
            tangent = network.slope(point.f[layer - 1], layer) * previous
            now += network.product(point.weights, layer, tangent)
            now += network.shortcut(previous, layer)
        # Nothing moves before the first trained layer: no products there.
        previous = now if previous is not None or rates[:, layer - 1].any() else None
        yield now


def finite_changes(point: Pass, rates: np.ndarray, step: float) -> Iterator[np.ndarray]:
    """f_l(after) − f_l(before), l = 1 … L, of one step w_l −= step · η_l · G_l.

    The change itself is carried from layer to layer, so nothing cancels; the updated matrix is
    never formed: W_new u = W u − step η_l Σ_j b_l(j) (g_l(j)·u). Shapes as `velocities`.
    """
    network, previous = point.network, None
    for layer in range(1, network.depth + 1):
        gram: np.ndarray = point.input_gram[:, layer]
        carried: np.ndarray | float = 0.0
        if previous is not None:
            change = network.incoming(point.f[layer - 1], layer, previous)
            gram = gram + change @ point.g[layer].swapaxes(1, 2)
            carried = network.product(point.weights, layer, change)
            carried += network.shortcut(previous, layer)
        now = carried - step * rates[:, layer - 1, None, None] * (gram @ point.b[layer])
        previous = now if previous is not None or rates[:, layer - 1].any() else None
        yield now
