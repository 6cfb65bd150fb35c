"""Stochastic gradient descent with momentum, heavy-ball or Nesterov's, and weight decay.

    g ← ∂loss/∂w + λ w,  u ← μ u + g,  w ← w − η u        heavy ball (Polyak 1964)
                                       w ← w − η (g + μ u)  Nesterov, as Sutskever et al. 2013

λ is `weight_decay`, of the loss plus λ|w|²/2. Both as in torch.optim.SGD, without dampening.
"""

from __future__ import annotations

from layeratlas.backends.kernels import fused
from layeratlas.engine.optimizers.base import Optimizer, per_element
from layeratlas.engine.optimizers.decayed import decayed_sgd, plain_decayed_sgd


class SGD(Optimizer):
    """Carries the velocity u; takes momentum μ, nesterov, and weight_decay λ."""

    moments = 1

    def prepare(self, layout, trained) -> None:
        nesterov, decay = (self.settings.get(key, 0) for key in ("nesterov", "weight_decay"))
        self._more = (float(decay), int(nesterov)) if nesterov or decay else ()
        self._kernel = (
            self.backend.kernel(decayed_sgd, plain_decayed_sgd)
            if self._more
            else self.backend.kernel(sgd, plain_sgd)
        )

    def step(self, theta, gradient, step: int) -> None:
        momentum = self.settings["momentum"]
        self._kernel(theta, gradient, *self.state, self.rate, self.offsets, momentum, *self._more)


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
