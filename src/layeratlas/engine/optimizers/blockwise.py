"""Descent whose layers each find the size of their own step from their gradient.

    Δw_l = −η s_l G_l

s_l by one of the rules of `layeratlas.engine.optimizers.layer_sizes`.
"""

from __future__ import annotations

import numpy as np

from layeratlas.backends.kernels import fused
from layeratlas.engine.optimizers.base import Optimizer, per_element, squares_of_blocks
from layeratlas.engine.optimizers.layer_sizes import RULES, block_sizes, constants_of
from layeratlas.networks.layout import blocks


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

    square = squares_of_blocks(gradient, offsets, blocks)
    own = torch.as_tensor(np.maximum(blocks, 0), device=rate.device)
    size = rate * block_sizes(square, constants, RULES[rule], square.shape[1])[:, own]
    moves = torch.as_tensor(blocks >= 0, device=rate.device) & (square[:, own] != 0)
    size = torch.where(moves, size, 0.0)
    theta.sub_(per_element(size, offsets, theta) * gradient)
