"""Sharpness: top eigenvalue and trace of the Hessian of the training loss.

    H = ∂²L/∂θ∂θᵀ,   L(θ) = mean loss on the clean training images, evaluation mode

over all parameters θ (spring–block paper, §2.5). H is never formed: both numbers come from
products H v = ∂(∂L/∂θ · v)/∂θ, each about two training steps. A metric here takes the loss as a
differentiable scalar function of `(parameter,)` and the point where to look, and gives a float;
`layeratlas.networks.functional.member_loss` makes the two. NaN comes out where the loss is not
finite or an iteration does not settle.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh
from torch import Tensor

from layeratlas.runs.streams import generator

Loss = Callable[[Tensor], Tensor]
Product = Callable[[np.ndarray], np.ndarray]

_TOLERANCE = 1e-3
_MOST_PRODUCTS = 100
_FEWEST_PROBES = 10


def hessian_product(loss: Loss, point: Float[Tensor, " parameter"]) -> Product:
    """v → H v, `(parameter,)` float64 both, at the precision of `point`.

    The graph of the gradient is built once: a product costs one backward pass through it.
    """
    theta = point.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(theta), theta, create_graph=True)

    def product(v: np.ndarray) -> np.ndarray:
        along = torch.as_tensor(v, dtype=theta.dtype, device=theta.device).flatten()
        (hv,) = torch.autograd.grad(gradient, theta, along, retain_graph=True)
        return hv.cpu().numpy().astype(np.float64)

    return product


def hessian_top_eigenvalue(loss: Loss, point: Float[Tensor, " parameter"], seed: int) -> float:
    """Largest eigenvalue of H, by restarted Lanczos (ARPACK) to a relative 1e-3.

    At most about 100 products. The start vector is keyed by `seed`. Power iteration, which the
    paper's code uses, converges to the eigenvalue of largest modulus: the same number wherever
    the loss curves up more than down. NaN where 100 products do not settle it.
    """
    product, n = hessian_product(loss, point), point.numel()
    start = generator(seed, "hessian/start").normal(size=n)
    if not np.isfinite(product(start)).all():
        return math.nan
    if n < 3:
        # ARPACK wants more room than that.
        return float(np.linalg.eigvalsh(np.stack([product(v) for v in np.eye(n)]))[-1])
    width = min(20, n)
    operator = LinearOperator((n, n), matvec=product, dtype=np.float64)
    try:
        # A restart keeps about half of the width.
        restarts = max(1, 2 * (_MOST_PRODUCTS - width) // width)
        values = eigsh(
            operator, k=1, which="LA", v0=start, ncv=width, maxiter=restarts, tol=_TOLERANCE,
            return_eigenvectors=False,
        )  # fmt: skip
    except ArpackNoConvergence:
        return math.nan
    return float(values[0])


def hessian_trace(loss: Loss, point: Float[Tensor, " parameter"], seed: int) -> float:
    """tr H = E[vᵀ H v] over random signs v (Hutchinson 1990).

    Probes are keyed by `seed`. As in the paper's code, it stops when another probe moves the mean
    by less than a relative 1e-3, after 100 at the latest; here also after 10 at the earliest,
    because two probes may agree by luck. The standard error is then some percent. NaN where the
    loss is not finite.
    """
    product, n = hessian_product(loss, point), point.numel()
    draw = generator(seed, "hessian/probes")
    total, mean = 0.0, math.nan
    for count in range(1, _MOST_PRODUCTS + 1):
        signs = draw.integers(0, 2, size=n) * 2.0 - 1.0
        total += float(signs @ product(signs))
        before, mean = mean, total / count
        if not math.isfinite(mean):
            return math.nan
        if count >= _FEWEST_PROBES and abs(mean - before) < _TOLERANCE * abs(mean):
            break
    return mean
