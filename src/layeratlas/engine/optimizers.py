"""Optimisers on flat parameter buffers, with a learning rate per (member, tensor).

A per-layer scaling is then a table of rates and no new optimiser. `scale_invariant_sgd` takes its
layerwise rates from the gradient instead, at every step (a layerwise Polyak step):

    Δw_l = −η G_l / (L |G_l|²),   |G_l|² = Σ over the trained tensors of layer l

with L the number of layers that have any: weight and bias of a layer are one block, all blocks
contribute alike to the decay of the loss, and rescaling w_l = α y_l changes nothing. Source:
Chizat and Netrapalli, "The Feature Speed Formula", §4.2 and Prop. C.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from layeratlas.backends import Backend
from layeratlas.networks.layout import ParameterLayout

# Arrays of the size of the parameters that each optimiser carries from step to step.
MOMENTS = {"adam": 2, "sgd": 1, "scale_invariant_sgd": 0}


class Optimizer:
    """SGD with momentum, Adam, or scale-invariant SGD.

    `state` is the list of arrays a resumed job needs.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        layout: ParameterLayout,
        backend: Backend,
        learning_rate: np.ndarray,
        state: list | None = None,
    ):
        """`learning_rate`: `(member,)`, or `(member, tensor)` for per-layer rates, 0 if frozen."""
        members = learning_rate.shape[0]
        self._settings = settings
        self._backend = backend
        self._offsets = layout.offsets
        if learning_rate.ndim == 1:
            learning_rate = np.repeat(learning_rate[:, None], len(layout.tensors), axis=1)
        self._rate = backend.vector(learning_rate)
        self._blocks = blocks(layout, (learning_rate != 0).any(axis=0))
        count = MOMENTS[settings["optimizer"]]
        self.state = state or [backend.zeros(members, layout.width) for _ in range(count)]

    def step(self, theta, gradient, step: int) -> None:
        """One update in place; `step` counts from 1 (Adam's bias correction)."""
        s = self._settings
        if s["optimizer"] == "adam":
            self._backend.adam(
                theta, gradient, *self.state, self._rate, self._offsets,
                s["beta1"], s["beta2"], s["eps"], step,
            )  # fmt: skip
        elif s["optimizer"] == "scale_invariant_sgd":
            self._backend.scale_invariant_sgd(
                theta, gradient, self._rate, self._offsets, self._blocks
            )
        else:
            self._backend.sgd(
                theta, gradient, *self.state, self._rate, self._offsets, s["momentum"]
            )


def blocks(layout: ParameterLayout, trained: np.ndarray) -> np.ndarray:
    """Block of each tensor, `(tensor,)` int64: 0, 1, … for layers with trained tensors, else −1.

    trained: booleans `(tensor,)`.
    """
    layers = [t.layer if on else None for t, on in zip(layout.tensors, trained, strict=True)]
    order = sorted({layer for layer in layers if layer is not None})
    place = {layer: i for i, layer in enumerate(order)}
    return np.array([place.get(layer, -1) for layer in layers], np.int64)
