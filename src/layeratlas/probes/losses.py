"""Losses of a probe: value, gradient, differences without cancellation.

f is the output f_L, `(setting, sample, unit)`; symbols as in `layeratlas.probes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from layeratlas.probes.sums import total

__all__ = ["CrossEntropy", "Linear", "Loss", "MeanSquare", "Square"]


class Loss(Protocol):
    """A loss of the output, one number a setting."""

    def value(self, f: np.ndarray) -> np.ndarray:
        """loss(f), `(setting,)`."""

    def gradient(self, f: np.ndarray) -> np.ndarray:
        """b_L = ∂loss/∂f_L, shaped as `f`."""

    def difference(self, f: np.ndarray, change: np.ndarray) -> np.ndarray:
        """loss(f + change) − loss(f) without cancellation, `(setting,)`."""

    def hessian_product(self, f: np.ndarray, v: np.ndarray) -> np.ndarray:
        """∇²loss(f) v, shaped as `f`."""


@dataclass(frozen=True)
class Linear:
    """loss = Σ_i b(i)·f_L(i), with the backward pass b prescribed, broadcast to `f_L`."""

    gradient_at_output: np.ndarray | float = 1.0

    def value(self, f):
        return total(self.gradient(f) * f)

    def gradient(self, f):
        return np.broadcast_to(np.asarray(self.gradient_at_output, float), f.shape)

    def difference(self, f, change):
        return total(self.gradient(f) * change)

    def hessian_product(self, f, v):
        return np.zeros_like(v)


@dataclass(frozen=True)
class Square:
    """loss = Σ_i |f_L(i) − y(i)|²/(2 k n) of n samples and k outputs; y broadcast to `f_L`."""

    target: np.ndarray | float

    def value(self, f):
        error = f - self.target
        return total(error * error) / (2 * self._count(f))

    def gradient(self, f):
        return (f - self.target) / self._count(f)

    def difference(self, f, change):
        return total((f - self.target + change / 2) * change) / self._count(f)

    def hessian_product(self, f, v):
        return v / self._count(f)

    @staticmethod
    def _count(f) -> float:
        return f.shape[1] * f.shape[2]


@dataclass(frozen=True)
class MeanSquare(Square):
    """loss = Σ_i |f_L(i) − y(i)|²/(k n): twice `Square`, the squared loss of training."""

    @staticmethod
    def _count(f) -> float:
        return f.shape[1] * f.shape[2] / 2


@dataclass(frozen=True)
class CrossEntropy:
    """loss = mean over samples of ln Σ_c exp f_L(i, c) − f_L(i, y(i)); labels y, `(sample,)`."""

    labels: np.ndarray

    def value(self, f):
        top = f.max(axis=2, keepdims=True)
        log_sum = np.log(np.sum(np.exp(f - top), axis=2)) + top[..., 0]
        return np.mean(log_sum - np.sum(self._one_hot(f) * f, axis=2), axis=1)

    def gradient(self, f):
        return (self._softmax(f) - self._one_hot(f)) / f.shape[1]

    def difference(self, f, change):
        log_ratio = np.log1p(np.sum(self._softmax(f) * np.expm1(change), axis=2))
        return np.mean(log_ratio - np.sum(self._one_hot(f) * change, axis=2), axis=1)

    def hessian_product(self, f, v):
        p = self._softmax(f)
        return p * (v - np.sum(p * v, axis=2, keepdims=True)) / f.shape[1]

    def _one_hot(self, f):
        return np.eye(f.shape[2])[np.asarray(self.labels)]

    @staticmethod
    def _softmax(f):
        e = np.exp(f - f.max(axis=2, keepdims=True))
        return e / e.sum(axis=2, keepdims=True)
