"""Forward and backward pass of every setting, and the norms of the gradients.

Symbols and shapes as in `layeratlas.probes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from layeratlas.probes.losses import Loss
from layeratlas.probes.networks import Network, Weights
from layeratlas.probes.sums import total

__all__ = ["Pass", "by_shape", "passes"]


@dataclass(frozen=True)
class Pass:
    """A forward and a backward pass.

    f: f_0 … f_L; g: g_1 … g_L and b: b_1 … b_L by their layer; each `(setting, sample, unit)`.
    input_gram: g_l(i)·g_l(j) (+ 1 with a bias), `(setting, L + 1, sample, sample)`;
    gradient_square: |G_l|², biases included, `(setting, L + 1)`. Index 0 of both is NaN.
    """

    weights: Weights
    network: Network
    loss: Loss
    f: list[np.ndarray]
    g: dict[int, np.ndarray]
    b: dict[int, np.ndarray]
    input_gram: np.ndarray
    gradient_square: np.ndarray

    def gradient(self, layer: int) -> np.ndarray:
        """G_l with respect to the matrix as used (multiplier included), `(setting, out, in)`."""
        return self.b[layer].swapaxes(1, 2) @ self.g[layer]

    def matrix(self, layer: int) -> np.ndarray:
        """W_l as used, `(setting, out, in)`."""
        return self.network.scales[layer - 1] * self.weights.matrix(layer)


def passes(weights: Weights, network: Network, inputs, loss: Loss) -> Pass:
    """Forward and backward pass of every setting; inputs `(d,)` or `(sample, d)`.

        b_{L−1} = W_Lᵀ b_L,   b_{l−1} = a b_l + β φ′(f_{l−1}) ∘ W_lᵀ b_l

    ValueError if network, weights and inputs do not fit together.
    """
    x = np.atleast_2d(np.asarray(inputs, float))
    depth = weights.depth
    if network.depth != depth:
        raise ValueError(f"the network has depth {network.depth}, the weights {depth}")
    if x.ndim != 2 or x.shape[1] != weights.matrices[0].shape[1]:
        raise ValueError(f"inputs must be (sample, {weights.matrices[0].shape[1]}), not {x.shape}")
    f = [np.broadcast_to(x, (network.settings, *x.shape))]
    g = {}
    for layer in range(1, depth + 1):
        g[layer] = network.incoming(f[-1], layer)
        h = network.product(weights, layer, g[layer])
        if weights.biases is not None:
            h += weights.biases[layer - 1]
        f.append(h + network.shortcut(f[-1], layer))
    b = {depth: np.array(loss.gradient(f[depth]), float)}
    for layer in range(depth, 1, -1):
        slope = network.slope(f[layer - 1], layer)
        back = weights.transposed_product(layer, b[layer], slope)
        back *= network.scales[layer - 1]
        b[layer - 1] = back + network.shortcut(b[layer], layer)
    n = x.shape[0]
    gram = np.full((depth + 1, network.settings, n, n), np.nan)
    square = np.full((depth + 1, network.settings), np.nan)
    for layers, stacked in by_shape(g):
        gram[layers] = stacked @ stacked.swapaxes(-1, -2)
    if weights.biases is not None:
        gram += 1.0
    for layers, stacked in by_shape(b):
        outer = stacked @ stacked.swapaxes(-1, -2)
        square[layers] = total(gram[layers] * outer)
    gram, square = gram.swapaxes(0, 1), square.T
    return Pass(weights, network, loss, f, g, dict(sorted(b.items())), gram, square)


def by_shape(arrays: Mapping[int, np.ndarray]) -> Iterator[tuple[list[int], np.ndarray]]:
    """Arrays of the same shape stacked, with their keys: one call instead of one a layer."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for key, array in arrays.items():
        groups.setdefault(array.shape, []).append(key)
    for keys in groups.values():
        yield keys, np.stack([arrays[key] for key in keys])
