"""Optimisers on flat parameter buffers, with a learning rate per (member, tensor).

A per-layer scaling is then a table of rates and no new optimiser.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from layeratlas.backends import Backend
from layeratlas.models.layout import ParameterLayout


class Optimizer:
    """SGD with momentum, or Adam. `state` is the list of arrays a resumed job needs."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        layout: ParameterLayout,
        backend: Backend,
        learning_rate: np.ndarray,
        state: list | None = None,
    ):
        """`learning_rate`: `(member,)`, or `(member, tensor)` for per-layer rates."""
        members = learning_rate.shape[0]
        self._settings = settings
        self._backend = backend
        self._offsets = layout.offsets
        if learning_rate.ndim == 1:
            learning_rate = np.repeat(learning_rate[:, None], len(layout.tensors), axis=1)
        self._rate = backend.vector(learning_rate)
        count = 2 if settings["optimizer"] == "adam" else 1
        self.state = state or [backend.zeros(members, layout.width) for _ in range(count)]

    def step(self, theta, gradient, step: int) -> None:
        """One update in place; `step` counts from 1 (Adam's bias correction)."""
        s = self._settings
        if s["optimizer"] == "adam":
            self._backend.adam(
                theta, gradient, *self.state, self._rate, self._offsets,
                s["beta1"], s["beta2"], s["eps"], step,
            )  # fmt: skip
        else:
            self._backend.sgd(
                theta, gradient, *self.state, self._rate, self._offsets, s["momentum"]
            )
