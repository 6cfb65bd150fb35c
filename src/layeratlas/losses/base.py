"""What a loss offers: one meaning for training kernels, autograd and evaluation.

Outputs are `(member, sample, output)`. Targets are of one of three kinds: `classes`, integers
`(member, sample)`; `vectors`, numbers `(member, sample, output)`; `tokens`, integers
`(member, sample, position)`, where every position is a sample of its own.

A loss says what one sample costs, `value`, in functions that numpy and torch share; the rest
follows. In `extensions/huber.py`:

    from array_api_compat import array_namespace
    from layeratlas.losses.base import Loss
    from layeratlas.losses.registry import LOSSES, LossEntry

    class Huber(Loss):
        def __init__(self, delta: float):
            self.delta = delta

        def value(self, outputs, targets):
            xp, d = array_namespace(outputs), self.delta
            r = xp.abs(outputs - targets)
            return xp.sum(xp.where(r > d, d * (r - d / 2), r**2 / 2), axis=-1)

        def gradient(self, outputs, targets):
            return array_namespace(outputs).clip(outputs - targets, -self.delta, self.delta)

    LOSSES.add(LossEntry("huber", "extensions.huber:Huber", ("vectors",), settings={"delta": 1.0}))

Without a `gradient` autograd finds it, and training loads torch.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace, is_numpy_array
from jaxtyping import Float, Shaped

from layeratlas.backends.base import Array, Backend
from layeratlas.backends.kernels import Kernel

__all__ = ["Loss", "are_numbers", "by_position"]


class Loss:
    """The mean of a loss over samples, member by member."""

    #: Whether numbers as targets are signs, ±1, so that a prediction is right or wrong.
    signs: ClassVar[bool] = False

    def value(self, outputs: Array, targets: Array) -> Array:
        """The loss of each sample, `(member, sample)`, of numpy's arrays and torch's alike.

        Targets are `(member, sample)` or `(member, sample, output)`: tokens come as classes.
        """
        raise NotImplementedError(f"{type(self).__name__} has no value")

    def gradient(self, outputs: Array, targets: Array) -> Array:
        """∂value/∂outputs, `(member, sample, output)`; by default autograd's."""
        import torch

        z = torch.as_tensor(outputs).detach().requires_grad_()
        with torch.enable_grad():
            total = self.value(z, torch.as_tensor(targets)).sum()
        (gradient,) = torch.autograd.grad(total, z)
        return gradient.numpy() if is_numpy_array(outputs) else gradient

    def prediction(self, outputs: Array, targets: Array) -> Array:
        """What outputs say of such targets: numbers as they are, or a class `(member, sample)`.

        The class is that of the largest output; a single output says 1 where it is positive, or 0.
        """
        xp = array_namespace(outputs)
        if are_numbers(targets):
            return xp.sign(outputs) if self.signs else outputs
        if outputs.shape[-1] == 1:
            return xp.astype(outputs[..., 0] > 0, xp.int64)
        return xp.argmax(outputs, axis=-1)

    def gradient_kernel(self, backend: Backend) -> Kernel:
        """`(outputs, bias, targets, loss, dbias) -> None` on a backend's arrays.

        outputs `(member, sample, output)`, without their bias `(member, output)`, become the
        gradient of the mean in place; `loss` `(member,)` float64 and `dbias`, the gradient of the
        bias, are filled.
        """

        def kernel(outputs, bias, targets, loss, dbias) -> None:
            outputs += bias[:, None]
            # One by one on the CPU: a member's bits do not depend on its neighbours.
            together = 1 if backend.name == "cpu" else len(outputs)
            for start in range(0, len(outputs), together):
                some = slice(start, start + together)
                z, y = by_position(outputs[some], targets[some])
                value, gradient = self.value(z, y), self.gradient(z, y)
                xp = array_namespace(value)
                loss[some] = xp.mean(xp.astype(value, xp.float64), axis=1)
                outputs[some] = (gradient / z.shape[1]).reshape(outputs[some].shape)
                dbias[some] = outputs[some].sum(1)

        return kernel

    def mean(self, outputs: Array, targets: Array) -> Array:
        """Mean loss `(member,)` of torch tensors, to be differentiated."""
        return self.value(*by_position(outputs, targets)).mean(1)

    def evaluate(
        self,
        outputs: Float[np.ndarray, "member sample ..."],
        targets: Shaped[np.ndarray, "sample ..."],
    ) -> Float[np.ndarray, " member"]:
        """Mean loss of float64 outputs; targets are the same for all members."""
        alike = np.broadcast_to(targets, (len(outputs), *targets.shape))
        return self.value(*by_position(outputs, alike)).mean(axis=1)


def are_numbers(targets: Array) -> bool:
    """Whether targets are numbers, and not classes or tokens."""
    xp = array_namespace(targets)
    return xp.isdtype(targets.dtype, "real floating")


def by_position(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """Outputs and targets with every position of a sample as a sample; others as they come.

    Outputs of tokens may be `(member, sample, position, output)` or have the last two flattened.
    """
    if are_numbers(targets) or targets.ndim < 3:
        return outputs, targets
    members, samples, positions = targets.shape
    flat = (members, samples * positions)
    return outputs.reshape(*flat, -1), targets.reshape(flat)
