"""A loss: Huber's, quadratic near the target and linear beyond `delta`, summed over outputs."""

from array_api_compat import array_namespace

from layeratlas.losses.base import Loss
from layeratlas.losses.registry import LOSSES, LossEntry


class Huber(Loss):
    def __init__(self, delta):
        self.delta = delta

    def value(self, outputs, targets):
        """A number a sample, of numpy's arrays and torch's alike."""
        xp, d = array_namespace(outputs), self.delta
        r = xp.abs(outputs - targets)
        return xp.sum(xp.where(r > d, d * (r - d / 2), r**2 / 2), axis=-1)

    def gradient(self, outputs, targets):
        """Its derivative; left out, autograd finds it."""
        return array_namespace(outputs).clip(outputs - targets, -self.delta, self.delta)


LOSSES.add(LossEntry("huber", "extensions.huber:Huber", ("vectors",), settings={"delta": 1.0}))
