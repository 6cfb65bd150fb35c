"""A loss tried on a few numbers: shapes, numbers, and its gradient against differences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from layeratlas.errors import ConfigError
from layeratlas.losses.base import Loss
from layeratlas.losses.registry import LossEntry, TargetKind
from layeratlas.tables import resolve
from layeratlas.words import quoted

_SHAPE = (2, 5, 3)
_STEP, _TOLERANCE = 1e-6, 1e-4


def prove(entry: LossEntry, own: Mapping[str, Any]) -> None:
    """ConfigError, a sentence, where a loss is no loss on a few random outputs.

    Its value must be a finite number a sample; its gradient, where it has one, the derivative of
    its value by central differences of 1e-6, to 1e-4.
    """
    where = f"loss {entry.name!r} ({entry.code})"
    try:
        loss = resolve(entry.code)(**own)
        if not isinstance(loss, Loss):
            raise ConfigError(f"{where}: expected a class that is a layeratlas.losses.base.Loss")
        for kind in entry.targets:
            _try(loss, kind, where)
    except ConfigError:
        raise
    except Exception as error:
        raise ConfigError(
            f"{where}: {type(error).__name__} on outputs of shape {_SHAPE}: {quoted(str(error))}"
        ) from None


def _try(loss: Loss, kind: TargetKind, where: str) -> None:
    rng = np.random.default_rng(0)
    outputs = rng.normal(size=_SHAPE)
    members, samples, n = _SHAPE
    if kind == "vectors":
        # Signs, which every loss of numbers can take.
        targets = rng.choice([-1.0, 1.0], size=_SHAPE)
    else:
        targets = rng.integers(n, size=(members, samples))
    value = np.asarray(loss.value(outputs, targets))
    told = f"of outputs {_SHAPE} and {kind}; it should be a finite number a sample"
    if value.shape != (members, samples):
        raise ConfigError(f"{where}: value gives shape {value.shape} {told}, {(members, samples)}")
    if not np.isfinite(value).all():
        raise ConfigError(f"{where}: value gives numbers that are not finite {told}")
    if type(loss).gradient is Loss.gradient:
        return
    gradient = np.asarray(loss.gradient(outputs, targets))
    if gradient.shape != _SHAPE:
        raise ConfigError(
            f"{where}: gradient gives shape {gradient.shape} of outputs {_SHAPE}; it should be that"
            " of the outputs"
        )
    # A sample's loss depends on its own outputs alone: all samples move at once.
    moves = _STEP * np.eye(n)
    expected = np.stack(
        [
            (loss.value(outputs + move, targets) - loss.value(outputs - move, targets))
            / (2 * _STEP)
            for move in moves
        ],
        axis=-1,
    )
    worst = float(np.abs(gradient - expected).max())
    if not worst <= _TOLERANCE * max(1.0, float(np.abs(expected).max())):
        raise ConfigError(
            f"{where}: gradient is not the derivative of value: on random outputs they differ by "
            f"up to {worst:.2g}; leave gradient out, and autograd finds it"
        )
