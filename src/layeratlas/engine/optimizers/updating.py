"""An optimiser of one function: the update of one tensor, written once for numpy and for torch.

    def update(theta, gradient, state, rate, step, settings):
        (velocity,) = state
        velocity = settings["momentum"] * velocity + gradient
        return theta - rate * velocity, (velocity,)

`theta` and `gradient`: `(member, *shape)` of one parameter tensor; `state`: its moments, arrays of
that shape, zero at first; `rate`: the learning rate of this step, `(member, 1, …)`; `step` counts
from 1; `settings`: what the entry declares, with what the experiment says of it. It returns the new
tensor and the new state, and may use any function of the array API
(`array_api_compat.array_namespace(theta)`) that acts on members one by one.

On the CPU it sees one member at a time, so that no member's bits depend on its neighbours; on the
GPU all members of a slot. A tensor that a scaling freezes is never shown.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from layeratlas.engine.optimizers.base import Optimizer
from layeratlas.errors import ConfigError
from layeratlas.words import named, quoted

Update = Callable[..., tuple[Any, tuple[Any, ...]]]


class Updating(Optimizer):
    """`Optimizer` of a function `update`, which belongs to the class of each (`optimizer_of`)."""

    name: ClassVar[str]
    update: ClassVar[Update]

    def prepare(self, layout, trained) -> None:
        self._tensors = [
            (t, slice(int(start), int(start) + tensor.size), tensor.shape)
            for t, (tensor, start) in enumerate(zip(layout.tensors, layout.offsets, strict=False))
            if trained[t]
        ]
        self._own = self.settings.get("optimizer_settings", {})

    def step(self, theta, gradient, step: int) -> None:
        members = theta.shape[0]
        together = self.backend.name == "torch"
        groups = [slice(None)] if together else [slice(e, e + 1) for e in range(members)]
        for rows in groups:
            for t, part, shape in self._tensors:
                moves = self.moves[rows, t]
                if moves.any():
                    rate = self.rate[rows, t]
                    self._move(theta, gradient, step, (rows, part), shape, rate, moves)

    def _move(self, theta, gradient, step: int, where, shape, rate, moves) -> None:
        """One tensor of some members: shown in its shape, and written back."""
        rows = len(moves)
        ones = (rows,) + (1,) * len(shape)
        now, *state = (a[where].reshape(rows, *shape) for a in (theta, *self.state))
        by = gradient[where].reshape(rows, *shape)
        sizes = self.backend.zeros(*ones)
        sizes[...] = rate.reshape(ones)
        after, kept = type(self).update(now, by, tuple(state), sizes, step, self._own)
        self._refuse_misshapen(now, after, kept)
        if not moves.all():
            after = _where_moving(moves.reshape(ones), after, now)
        theta[where] = after.reshape(rows, -1)
        for own, new in zip(self.state, kept, strict=True):
            own[where] = new.reshape(rows, -1)

    def _refuse_misshapen(self, now, after, kept) -> None:
        if tuple(after.shape) != tuple(now.shape):
            raise ConfigError(
                f"optimizer {quoted(self.name)}: a tensor of shape {tuple(now.shape)} came back as "
                f"{tuple(after.shape)}; its update must keep the shape"
            )
        if len(kept) != self.moments or any(k.shape != now.shape for k in kept):
            raise ConfigError(
                f"optimizer {quoted(self.name)}: its entry says moments={self.moments}, its update "
                f"returned {len(kept)}, of shapes {[tuple(k.shape) for k in kept]}; each must have "
                f"the tensor's, {tuple(now.shape)}"
            )


def _where_moving(moves: np.ndarray, after, now):
    """`after` where a member's tensor is not frozen: in torch, where members go together."""
    import torch

    return torch.where(torch.as_tensor(moves, device=now.device), after, now)


def optimizer_of(name: str, update: Update, moments: int) -> type[Updating]:
    """The class of an optimiser that is one function."""
    return type(
        "Updating", (Updating,), {"name": name, "update": staticmethod(update), "moments": moments}
    )


def refuse_unfit(name: str, update: Update, moments: int, settings: dict[str, Any]) -> None:
    """ConfigError where the function breaks on a small tensor, which is tried before any job."""
    from layeratlas.backends import get_backend
    from layeratlas.networks.layout import ParameterLayout, ParameterTensor

    layout = ParameterLayout(
        (ParameterTensor("w", (2, 3), "weight", 1), ParameterTensor("b", (2,), "bias", 1))
    )
    backend = get_backend("cpu", "float64")
    rows = np.linspace(-1, 1, 2 * layout.width).reshape(2, layout.width)
    optimizer = optimizer_of(name, update, moments)(
        {"optimizer_settings": settings}, layout, backend, np.full(2, 1e-3)
    )
    try:
        for step in (1, 2):
            optimizer.step(rows, np.cos(rows), step)
    except ConfigError:
        raise
    except Exception as error:
        raise ConfigError(
            f"optimizer {quoted(name)}: its update breaks on a small tensor"
            f"{_where(error, update)}: {type(error).__name__}: {quoted(str(error), 100)}"
        ) from error


def _where(error: Exception, update: Update) -> str:
    """File and line of the update at which it broke; nothing where it was not reached."""
    file = getattr(getattr(update, "__code__", None), "co_filename", None)
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    return f", at line {lines[-1]} of {named(file)}" if file and lines else ""
