"""Forward and backward pass, velocities and finite changes of one gradient step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from layeratlas.networks.scalings import ScalingError
from layeratlas.probes.losses import CrossEntropy, Linear, Square
from layeratlas.probes.networks import Network, Weights, _multiply
from layeratlas.probes.sums import _total


@dataclass(frozen=True)
class Pass:
    """A forward and a backward pass.

    f: f_0 … f_L; g: None, g_1 … g_L; b: None, b_1 … b_L; each `(setting, sample, unit)`.
    input_gram: g_l(i)·g_l(j) (+ 1 with a bias), `(setting, L + 1, sample, sample)`;
    gradient_square: |G_l|², biases included, `(setting, L + 1)`. Index 0 of both is NaN.
    """

    weights: Weights
    network: Network
    loss: Linear | Square | CrossEntropy
    f: list[np.ndarray]
    g: list[np.ndarray | None]
    b: list[np.ndarray | None]
    input_gram: np.ndarray
    gradient_square: np.ndarray

    def gradient(self, layer: int) -> np.ndarray:
        """G_l with respect to the matrix as used (multiplier included), `(setting, out, in)`."""
        return self.b[layer].swapaxes(1, 2) @ self.g[layer]

    def matrix(self, layer: int) -> np.ndarray:
        """W_l as used, `(setting, out, in)`."""
        return self.network.scales[layer - 1] * self.weights.matrix(layer)


def passes(weights: Weights, network: Network, inputs, loss) -> Pass:
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
    g: list = [None]
    for layer in range(1, depth + 1):
        g.append(network.incoming(f[-1], layer))
        h = _multiply(weights, network, layer, g[-1])
        if weights.biases is not None:
            h += weights.biases[layer - 1]
        f.append(h + network.shortcut(f[-1], layer))
    b: list = [None] * depth + [np.array(loss.gradient(f[depth]), float)]
    for layer in range(depth, 1, -1):
        slope = network.slope(f[layer - 1], layer)
        back = weights.transposed_product(layer, b[layer], slope)
        back *= network.scales[layer - 1]
        b[layer - 1] = back + network.shortcut(b[layer], layer)
    n = x.shape[0]
    gram = np.full((depth + 1, network.settings, n, n), np.nan)
    square = np.full((depth + 1, network.settings), np.nan)
    for layers, stacked in _by_shape(g):
        gram[layers] = stacked @ stacked.swapaxes(-1, -2)
    if weights.biases is not None:
        gram += 1.0
    for layers, stacked in _by_shape(b):
        outer = stacked @ stacked.swapaxes(-1, -2)
        square[layers] = _total(gram[layers] * outer)
    gram, square = gram.swapaxes(0, 1), square.T
    return Pass(weights, network, loss, f, g, b, gram, square)


def _by_shape(arrays) -> Iterator[tuple[list[int], np.ndarray]]:
    """Arrays of the same shape stacked, with their places: one call instead of one a layer."""
    groups: dict[tuple, list[int]] = {}
    for place, array in enumerate(arrays):
        if array is not None:
            groups.setdefault(array.shape, []).append(place)
    for places in groups.values():
        yield places, np.stack([arrays[i] for i in places])


def balanced_rates(
    point: Pass, trained: np.ndarray | None = None, *, dead: Literal["raise", "nan"] = "raise"
) -> np.ndarray:
    """η_l = 1/(L |G_l|²) for trained layers, else 0: every C_l is 1/L, `(setting, L)`.

    trained: booleans `(L,)`, by default all. Where a trained layer has no gradient nothing balances
    it: ScalingError, or, with dead="nan", NaN for all layers of that setting.
    """
    depth = point.network.depth
    trained = np.ones(depth, bool) if trained is None else np.asarray(trained, bool)
    square = point.gradient_square[:, 1:]
    lost = (square[:, trained] == 0).any(axis=1)
    if lost.any() and dead == "raise":
        raise ScalingError("a trained layer has gradient zero: no learning rate balances it")
    with np.errstate(divide="ignore"):
        rates = np.where(trained, 1 / (depth * square), 0.0)
    rates[lost] = np.nan
    return rates


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
            now += _multiply(point.weights, network, layer, tangent)
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
        gram = point.input_gram[:, layer]
        now = 0.0
        if previous is not None:
            change = network.incoming(point.f[layer - 1], layer, previous)
            gram = gram + change @ point.g[layer].swapaxes(1, 2)
            now = _multiply(point.weights, network, layer, change)
            now += network.shortcut(previous, layer)
        now = now - step * rates[:, layer - 1, None, None] * (gram @ point.b[layer])
        previous = now if previous is not None or rates[:, layer - 1].any() else None
        yield now


def trained_rates(
    point: Pass, trained="hidden", learning_rates=None, *, dead: Literal["raise", "nan"] = "raise"
) -> np.ndarray:
    """η `(setting, L)` of a probe, 0 for frozen layers; arguments and errors as of `probe`.

    `dead` as in `balanced_rates`.
    """
    depth, settings = point.network.depth, point.network.settings
    if isinstance(trained, str):
        if trained not in ("hidden", "all"):
            raise ValueError(f"trained must be 'hidden', 'all' or booleans, not {trained!r}")
        layers = np.arange(1, depth + 1)
        mask = (layers > 1) & (layers < depth) if trained == "hidden" else layers > 0
    else:
        mask = np.asarray(trained, bool)
        if mask.shape != (depth,):
            raise ValueError(f"trained must have {depth} entries, not shape {mask.shape}")
    if learning_rates is None:
        return balanced_rates(point, mask, dead=dead)
    return np.broadcast_to(np.asarray(learning_rates, float), (settings, depth)) * mask
