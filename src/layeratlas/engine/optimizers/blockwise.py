"""Descent whose layers each find the size of their own step from their gradient.

    Δw_l = −η s_l G_l,   |G_l|² = Σ over the trained tensors of layer l

| rule         | s_l                  | a step of layer l                                   |
|--------------|----------------------|-----------------------------------------------------|
| `invariant`  | C_l / (L |G_l|²)     | lowers the loss by η C_l/L at first order           |
| `normalized` | C_l / (|G_l| + 1e-12)| has the length η C_l                                |
| `scaled`     | C_l                  | is the gradient's, times a constant                 |
| `cap`        | min(1, C_l / |G_l|)  | is the gradient's, no longer than η C_l             |

with L the number of layers that have a trained tensor, weight and bias of a layer one block, and
C_l = 1 where no constants are given. `normalized`, `scaled` and `cap` are three readings of Speed
Limited Optimization (Beaglehole, Mitliagkas and Agarwala, "Feature learning as alignment", Fig. 4;
specification §4), `invariant` with C_l = 1 is scale-invariant SGD (Chizat and Netrapalli, "The
Feature Speed Formula", §4.2 and Prop. C.1).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from layeratlas.backends.kernels import fused
from layeratlas.engine.optimizers.base import Optimizer, per_element
from layeratlas.errors import ConfigError
from layeratlas.networks.layout import blocks

RULES = ("invariant", "normalized", "scaled", "cap")
_TINY = 1e-12  # the specification's, added to the norm


class Blockwise(Optimizer):
    """Carries nothing; takes a rule and constants, one a layer that is trained."""

    moments = 0

    def prepare(self, layout, trained) -> None:
        own = self.settings["optimizer_settings"]
        self._blocks = blocks(layout, trained)
        constants = constants_of(own["constants"], int(self._blocks.max()) + 1)
        self._constants = self.backend.vector(constants)
        self._rule = RULES.index(own["rule"])
        self._kernel = self.backend.kernel(blockwise, plain_blockwise)

    def step(self, theta, gradient, step: int) -> None:
        self._kernel(
            theta, gradient, self.rate, self.offsets, self._blocks, self._constants, self._rule
        )


def constants_of(given: Sequence[float] | None, count: int) -> np.ndarray:
    """C_l of `count` layers, `(layer,)`: those given, or 1; ConfigError for another number."""
    if given is None:
        return np.ones(count)
    if len(given) != count:
        raise ConfigError(
            f"training.optimizer_settings.constants: {len(given)} given, but the network has "
            f"{count} layers that are trained, each of which needs one"
        )
    return np.array(given, float)


@fused("ffqoovi")
def blockwise(theta, gradient, rate, offsets, blocks, constants, rule):
    """theta ← theta − rate·s·gradient, s that of the tensor's block by the rule, B blocks in all.

    blocks[t]: block of tensor t, −1 for a tensor that stays. Sums are double; a block without any
    gradient stays.
    """
    dtype = theta.dtype.type
    count = 0
    for t in range(blocks.shape[0]):
        count = max(count, blocks[t] + 1)
    square = np.empty(max(count, 1), np.float64)
    for e in range(theta.shape[0]):
        square[:] = 0.0
        for t in range(blocks.shape[0]):
            if blocks[t] < 0:
                continue
            g = gradient[e, offsets[t] : offsets[t + 1]]
            total = 0.0
            for i in range(g.shape[0]):
                total += np.float64(g[i]) * np.float64(g[i])
            square[blocks[t]] += total
        for t in range(blocks.shape[0]):
            # A NaN is no zero: what diverged stays visible.
            if blocks[t] < 0 or square[blocks[t]] == 0.0:
                continue
            start, stop = offsets[t], offsets[t + 1]
            p, g = theta[e, start:stop], gradient[e, start:stop]
            length = np.sqrt(square[blocks[t]])
            c = constants[blocks[t]]
            if rule == 0:
                size = dtype(c * rate[e, t] / (count * square[blocks[t]]))
            elif rule == 1:
                size = dtype(c * rate[e, t] / (length + 1e-12))
            elif rule == 2:
                size = dtype(c * rate[e, t])
            else:
                size = dtype(rate[e, t] * min(1.0, c / length))
            for i in range(stop - start):
                p[i] -= size * g[i]


def plain_blockwise(theta, gradient, rate, offsets, blocks, constants, rule) -> None:
    """The twin of `blockwise`."""
    import torch

    count = int(blocks.max()) + 1
    parts = gradient.double().square().split(np.diff(offsets).tolist(), dim=1)
    square = rate.new_zeros(len(rate), max(count, 1))
    for part, block in zip(parts, blocks, strict=True):
        if block >= 0:
            square[:, block] += part.sum(dim=1)
    own = torch.as_tensor(np.maximum(blocks, 0), device=rate.device)
    size = rate * block_sizes(square, constants, RULES[rule], count)[:, own]
    moves = torch.as_tensor(blocks >= 0, device=rate.device) & (square[:, own] != 0)
    size = torch.where(moves, size, 0.0)
    theta.sub_(per_element(size, offsets, theta) * gradient)


def block_sizes(square, constants, rule: str, count: int):
    """s of every block, of numpy or torch arrays: square `(…, block)`, constants `(block,)`."""
    if rule == "invariant":
        return constants / (count * square)
    if rule == "normalized":
        return constants / (square**0.5 + _TINY)
    if rule == "scaled":
        return constants + 0 * square
    return (constants / square**0.5).clip(max=1)
