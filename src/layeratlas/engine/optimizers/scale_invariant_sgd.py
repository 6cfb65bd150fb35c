"""Scale-invariant SGD: layerwise rates from the gradient, at every step (a layerwise Polyak step).

    Δw_l = −η G_l / (L |G_l|²),   |G_l|² = Σ over the trained tensors of layer l

with L the number of layers that have any: weight and bias of a layer are one block, all blocks
contribute alike to the decay of the loss, and rescaling w_l = α y_l changes nothing. It is the rule
`invariant` of `blockwise` without constants, with a kernel of its own: under a compiler that may
re-associate, one factor more would round differently. Source: Chizat and Netrapalli, "The Feature
Speed Formula", §4.2 and Prop. C.1.
"""

from __future__ import annotations

import numpy as np

from layeratlas.backends.kernels import fused
from layeratlas.engine.optimizers.base import Optimizer, per_element, squares_of_blocks
from layeratlas.networks.layout import blocks


class ScaleInvariantSGD(Optimizer):
    """Carries nothing; takes learning_rate alone."""

    moments = 0

    def prepare(self, layout, trained) -> None:
        self._kernel = self.backend.kernel(scale_invariant_sgd, plain_scale_invariant_sgd)
        self._blocks = blocks(layout, trained)

    def step(self, theta, gradient, step: int) -> None:
        self._kernel(theta, gradient, self.rate, self.offsets, self._blocks)


@fused("ffqoo")
def scale_invariant_sgd(theta, gradient, rate, offsets, blocks):
    """theta ← theta − rate·gradient/(B·|gradient of the tensor's block|²), B blocks in all.

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
            size = dtype(rate[e, t] / (count * square[blocks[t]]))
            for i in range(stop - start):
                p[i] -= size * g[i]


def plain_scale_invariant_sgd(theta, gradient, rate, offsets, blocks) -> None:
    """The twin of `scale_invariant_sgd`."""
    import torch

    square = squares_of_blocks(gradient, offsets, blocks)
    of_tensor = square[:, np.maximum(blocks, 0)]
    moves = torch.as_tensor(blocks >= 0, device=rate.device) & (of_tensor != 0)
    size = torch.where(moves, rate / (square.shape[1] * of_tensor), 0.0)
    theta.sub_(per_element(size, offsets, theta) * gradient)
