"""What a loss offers: one meaning for training kernels, autograd and evaluation.

Outputs are `(member, sample, output)`. Targets are of one of three kinds: `classes`, integers
`(member, sample)`; `vectors`, numbers `(member, sample, output)`; `tokens`, integers
`(member, sample, position)`, for which every position is a sample of its own.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from jaxtyping import Float, Shaped

from layeratlas.backends.base import Array, Backend
from layeratlas.backends.kernels import Kernel


class Loss(Protocol):
    """The mean of a loss over samples, member by member."""

    def gradient_kernel(self, backend: Backend) -> Kernel:
        """`(outputs, bias, targets, loss, dbias) -> None` on a backend's arrays.

        outputs `(member, sample, output)`, without their bias `(member, output)`, become the
        gradient in place; `loss` `(member,)` float64 and `dbias`, the gradient of the bias, are
        filled.
        """

    def mean(self, outputs: Array, targets: Array) -> Array:
        """Mean loss `(member,)` of torch tensors, to be differentiated."""

    def evaluate(
        self,
        outputs: Float[np.ndarray, "member sample ..."],
        targets: Shaped[np.ndarray, "sample ..."],
    ) -> Float[np.ndarray, " member"]:
        """Mean loss of float64 outputs; targets are the same for all members."""
