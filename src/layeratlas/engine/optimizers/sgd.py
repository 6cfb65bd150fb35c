"""Stochastic gradient descent with heavy-ball momentum.

u ← μ u + g,  w ← w − η u
"""

from __future__ import annotations

from layeratlas.backends.kernels import fused
from layeratlas.engine.optimizers.base import Optimizer, per_element


class SGD(Optimizer):
    """Carries the velocity u; takes momentum μ."""

    moments = 1

    def prepare(self, layout, trained) -> None:
        self._kernel = self.backend.kernel(sgd, plain_sgd)

    def step(self, theta, gradient, step: int) -> None:
        self._kernel(
            theta, gradient, *self.state, self.rate, self.offsets, self.settings["momentum"]
        )


@fused("fffqox")
def sgd(theta, gradient, velocity, rate, offsets, momentum):
    """Heavy-ball SGD: velocity ← momentum·velocity + gradient; theta ← theta − rate·velocity."""
    dtype = theta.dtype.type
    mu = dtype(momentum)
    for e in range(theta.shape[0]):
        for t in range(offsets.shape[0] - 1):
            start, stop = offsets[t], offsets[t + 1]
            p, g, u = theta[e, start:stop], gradient[e, start:stop], velocity[e, start:stop]
            size = dtype(rate[e, t])
            for i in range(stop - start):
                a = mu * u[i] + g[i]
                u[i] = a
                p[i] -= size * a


def plain_sgd(theta, gradient, velocity, rate, offsets, momentum) -> None:
    """The twin of `sgd`."""
    velocity.mul_(momentum).add_(gradient)
    theta.sub_(per_element(rate, offsets, theta) * velocity)
