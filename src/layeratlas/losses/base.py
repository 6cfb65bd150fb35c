"""What a loss offers: one meaning for training kernels, autograd and evaluation."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from jaxtyping import Float, Int

from layeratlas.backends.base import Array, Backend
from layeratlas.backends.kernels import Kernel


class Loss(Protocol):
    """The mean of a loss over samples, member by member."""

    def gradient_kernel(self, backend: Backend) -> Kernel:
        """`(logits, bias, labels, loss, dbias) -> None` on a backend's arrays.

        logits `(member, sample, class)`, without their bias `(member, class)`, become the gradient
        in place; `loss` `(member,)` float64 and `dbias`, the gradient of the bias, are filled.
        """

    def mean(self, logits: Array, labels: Array) -> Array:
        """Mean loss `(member,)` of torch tensors, to be differentiated.

        logits `(member, sample, class)`, labels `(member, sample)`.
        """

    def evaluate(
        self, logits: Float[np.ndarray, "member sample cls"], labels: Int[np.ndarray, " sample"]
    ) -> Float[np.ndarray, " member"]:
        """Mean loss of float64 logits."""
