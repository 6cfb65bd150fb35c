"""What every network family offers the engine.

A family is an ensemble from the start: each parameter has a leading member axis, and settings
that may differ between members (slope, dropout, …) are vectors. The engine knows nothing else
about a network than this protocol, so a family with its own hand-written backward pass and one
that leans on autograd look the same to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from layeratlas.backends import Backend
from layeratlas.losses.base import Loss
from layeratlas.networks.affine import Affine
from layeratlas.networks.layout import ParameterLayout

# Batch norm of every family, as the frameworks have it.
BN_MOMENTUM = 0.1
BN_EPS = 1e-5

BatchNormMode = Literal["running_statistics", "batch_statistics"]


@dataclass(frozen=True)
class LayerFeatures:
    """Output of one layer on a probe set: `values` is `(member, sample, feature)`."""

    layer: int
    name: str
    values: Any


class Ensemble(Protocol):
    """Members of one family on one backend, with their buffers."""

    loss: Any  # (member,), of the latest minibatch
    theta: Any  # (member, parameters.width)
    gradient: Any
    statistics: Any  # (member, statistics.width): running statistics

    def loss_and_gradient(self, x, targets, dropout_keys, step: int) -> None:
        """Fill `loss` and `gradient` for inputs `(member, sample, feature)`.

        `targets` is `(member, sample)` or `(member, sample, output)` as the loss takes them.

        `step` counts minibatches within the epoch that the dropout keys belong to.
        """

    def features(self, x, mode: BatchNormMode) -> Iterator[LayerFeatures]:
        """Layers 0 … L on inputs `(sample, feature)`, dropout off, statistics untouched."""


class Family(Protocol):
    """An architecture; `ensemble` makes members of it."""

    parameters: ParameterLayout
    statistics: ParameterLayout
    layer_names: tuple[str, ...]
    layer_sizes: tuple[int, ...]
    affines: tuple[Affine, ...]  # as a pass comes to them; `layeratlas.networks.tape` shows them
    has_batch_norm: bool
    graph_size: int  # numbers that a forward and a backward pass keep of a sample

    def initialize(self, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Initial `(theta, statistics)`, float64, from each member's own seed."""

    def ensemble(
        self,
        backend: Backend,
        theta,
        statistics,
        members: Mapping[str, np.ndarray],
        loss: Loss | None,
    ) -> Ensemble: ...
