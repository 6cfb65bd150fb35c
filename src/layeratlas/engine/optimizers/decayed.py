"""Kernels of gradient descent and Adam with weight decay, and of Nesterov's momentum.

Apart from `sgd` and `adam`, whose kernels keep their text and with it the bits of what they gave
before there was any decay: a compiler that may re-associate rounds one term more differently.
"""

from __future__ import annotations

import math

from layeratlas.backends.kernels import fused
from layeratlas.engine.optimizers.base import per_element


@fused("fffqoxxi")
def decayed_sgd(theta, gradient, velocity, rate, offsets, momentum, decay, nesterov):
    """`sgd` of gradient + decay·theta, and with Nesterov's step where nesterov is 1."""
    dtype = theta.dtype.type
    mu, weight = dtype(momentum), dtype(decay)
    ahead, along = (mu, dtype(1.0)) if nesterov else (dtype(1.0), dtype(0.0))
    for e in range(theta.shape[0]):
        for t in range(offsets.shape[0] - 1):
            start, stop = offsets[t], offsets[t + 1]
            p, g, u = theta[e, start:stop], gradient[e, start:stop], velocity[e, start:stop]
            size = dtype(rate[e, t])
            for i in range(stop - start):
                d = g[i] + weight * p[i]
                a = mu * u[i] + d
                u[i] = a
                p[i] -= size * (ahead * a + along * d)


def plain_decayed_sgd(theta, gradient, velocity, rate, offsets, momentum, decay, nesterov) -> None:
    """The twin of `decayed_sgd`."""
    gradient = gradient + decay * theta
    velocity.mul_(momentum).add_(gradient)
    step = gradient + momentum * velocity if nesterov else velocity
    theta.sub_(per_element(rate, offsets, theta) * step)


@fused("ffffqoxxxixi")
def decayed_adam(
    theta, gradient, first, second, rate, offsets, beta1, beta2, eps, step, decay, decoupled
):
    """`adam` of gradient + decay·theta; where decoupled is 1, theta shrinks by rate·decay first."""
    dtype = theta.dtype.type
    b1, b2 = dtype(beta1), dtype(beta2)
    c1, c2 = dtype(1.0 - beta1), dtype(1.0 - beta2)
    root = dtype(1.0 / math.sqrt(1.0 - beta2**step))
    epsilon = dtype(eps)
    coupled = dtype(0.0) if decoupled else dtype(decay)
    for e in range(theta.shape[0]):
        for t in range(offsets.shape[0] - 1):
            start, stop = offsets[t], offsets[t + 1]
            p, g = theta[e, start:stop], gradient[e, start:stop]
            m, v = first[e, start:stop], second[e, start:stop]
            size = dtype(rate[e, t] / (1.0 - beta1**step))
            keep = dtype(1.0 - rate[e, t] * decay) if decoupled else dtype(1.0)
            for i in range(stop - start):
                d = g[i] + coupled * p[i]
                a = b1 * m[i] + c1 * d
                b = b2 * v[i] + c2 * d * d
                m[i] = a
                v[i] = b
                p[i] = keep * p[i] - size * a / (dtype(math.sqrt(b)) * root + epsilon)


def plain_decayed_adam(
    theta, gradient, first, second, rate, offsets, beta1, beta2, eps, step, decay, decoupled
) -> None:
    """The twin of `decayed_adam`."""
    if decoupled:
        theta.sub_(per_element(rate * decay, offsets, theta) * theta)
    else:
        gradient = gradient + decay * theta
    first.mul_(beta1).add_(gradient, alpha=1.0 - beta1)
    second.mul_(beta2).addcmul_(gradient, gradient, value=1.0 - beta2)
    denominator = second.sqrt().mul_(1.0 / math.sqrt(1.0 - beta2**step)).add_(eps)
    size = per_element(rate / (1.0 - beta1**step), offsets, theta)
    theta.sub_(size * first / denominator)
