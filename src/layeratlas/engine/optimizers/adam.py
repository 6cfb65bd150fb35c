"""Adam (Kingma and Ba 2015), with a learning rate per (member, tensor).

m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²
w ← w − η/(1 − β₁ᵗ) · m/(√v/√(1 − β₂ᵗ) + ε)

`weight_decay` λ is here of the loss plus λ|w|²/2: g is ∂loss/∂w + λ w, and is divided by √v as
any gradient (torch.optim.Adam). The decay that is not is `adamw`'s.
"""

from __future__ import annotations

import math
from typing import ClassVar

from layeratlas.backends.kernels import fused
from layeratlas.engine.optimizers.base import Optimizer, per_element
from layeratlas.engine.optimizers.decayed import decayed_adam, plain_decayed_adam


class Adam(Optimizer):
    """Carries m and v; takes beta1, beta2, eps and weight_decay."""

    moments = 2
    decoupled: ClassVar[bool] = False

    def prepare(self, layout, trained) -> None:
        decay = float(self.settings.get("weight_decay", 0.0))
        self._more = (decay, int(self.decoupled)) if decay else ()
        self._kernel = (
            self.backend.kernel(decayed_adam, plain_decayed_adam)
            if decay
            else self.backend.kernel(adam, plain_adam)
        )

    def step(self, theta, gradient, step: int) -> None:
        s = self.settings
        self._kernel(
            theta, gradient, *self.state, self.rate, self.offsets,
            s["beta1"], s["beta2"], s["eps"], step, *self._more,
        )  # fmt: skip


@fused("ffffqoxxxi")
def adam(theta, gradient, first, second, rate, offsets, beta1, beta2, eps, step):
    """Adam (Kingma & Ba 2015) with a learning rate per (member, tensor)."""
    dtype = theta.dtype.type
    b1, b2 = dtype(beta1), dtype(beta2)
    c1, c2 = dtype(1.0 - beta1), dtype(1.0 - beta2)
    root = dtype(1.0 / math.sqrt(1.0 - beta2**step))
    epsilon = dtype(eps)
    for e in range(theta.shape[0]):
        for t in range(offsets.shape[0] - 1):
            # Slices, and loops from 0: an offset start hides from LLVM that no index wraps
            # around, and the loop stays scalar (8 times slower).
            start, stop = offsets[t], offsets[t + 1]
            p, g = theta[e, start:stop], gradient[e, start:stop]
            m, v = first[e, start:stop], second[e, start:stop]
            size = dtype(rate[e, t] / (1.0 - beta1**step))
            for i in range(stop - start):
                a = b1 * m[i] + c1 * g[i]
                b = b2 * v[i] + c2 * g[i] * g[i]
                m[i] = a
                v[i] = b
                p[i] -= size * a / (dtype(math.sqrt(b)) * root + epsilon)


def plain_adam(theta, gradient, first, second, rate, offsets, beta1, beta2, eps, step) -> None:
    """The twin of `adam`."""
    first.mul_(beta1).add_(gradient, alpha=1.0 - beta1)
    second.mul_(beta2).addcmul_(gradient, gradient, value=1.0 - beta2)
    denominator = second.sqrt().mul_(1.0 / math.sqrt(1.0 - beta2**step)).add_(eps)
    size = per_element(rate / (1.0 - beta1**step), offsets, theta)
    theta.sub_(size * first / denominator)
