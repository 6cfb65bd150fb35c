"""Networks at one moment: weights bound to a family, on a backend, with all that training knew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from typing import Any, Literal

import numpy as np

from layeratlas.backends import Backend, get_backend
from layeratlas.backends.base import Device
from layeratlas.networks.affine import Affine
from layeratlas.networks.base import BatchNormMode, Family, LayerFeatures
from layeratlas.runs.plan import ShardPlan
from layeratlas.signals.views import Seen

__all__ = ["Network", "Trained"]

Holds = Literal["features", "graph", "jacobian"]

#: Bytes of features that one batch of images may hold.
WHOLE_VIEW = 2**28


class Trained:
    """The networks of one plan: what they share, whatever their weights.

    `trained_on`: inputs `(sample, feature)` and targets of training, which calibrated scalings
    start from. `affines`: the affine maps that are looked at, in order; by default all.
    """

    def __init__(
        self,
        plan: ShardPlan,
        family: Family,
        backend: Backend,
        trained_on: tuple[np.ndarray, np.ndarray] | None = None,
        affines: Sequence[Affine] | None = None,
    ):
        self.plan, self.family, self.backend = plan, family, backend
        self._trained_on, self._affines = trained_on, affines

    @property
    def affines(self) -> Sequence[Affine]:
        """The affine maps that are looked at, as a pass comes to them."""
        return self.family.affines if self._affines is None else self._affines

    @cached_property
    def start(self) -> Any:
        """Where they began, and how fast each tensor learns (`layeratlas.engine.start`)."""
        if self._trained_on is None:
            raise ValueError("a start needs what was trained on")
        # By name, as the metrics: measuring layers alone does not repeat when a start changes.
        start_of = import_module("layeratlas.engine.start").start_of
        return start_of(self.plan, self.family, *self._trained_on)


class Network:
    """Members `rows` of a plan, at one moment of their training.

    theta, statistics: `(member, width)` of these members, as the engine lays them out; `initial`:
    theta before training, where it was kept, and `initial_statistics`; `before`: the same members
    at the record before.
    """

    def __init__(
        self,
        trained: Trained,
        rows: np.ndarray,
        theta: np.ndarray,
        statistics: np.ndarray,
        initial: np.ndarray | None = None,
        before: Network | None = None,
        initial_statistics: np.ndarray | None = None,
    ):
        self.trained, self.rows = trained, rows
        self.plan, self.family, self.backend = trained.plan, trained.family, trained.backend
        self.theta, self.statistics = theta, statistics
        self.initial, self.initial_statistics = initial, initial_statistics
        self.before = before

    @property
    def size(self) -> int:
        """How many members."""
        return len(self.rows)

    def member(self, k: int) -> Network:
        """The k-th of them alone."""
        some = slice(k, k + 1)
        initial = None if self.initial is None else self.initial[some]
        had = None if self.initial_statistics is None else self.initial_statistics[some]
        before = None if self.before is None else self.before.member(k)
        rows, theta, statistics = self.rows[some], self.theta[some], self.statistics[some]
        return Network(self.trained, rows, theta, statistics, initial, before, had)

    @property
    def affines(self) -> Sequence[Affine]:
        """The affine maps that are looked at."""
        return self.trained.affines

    @property
    def at_start(self) -> Network:
        """The same members before training; ValueError where their weights were not kept."""
        if self.initial is None or self.initial_statistics is None:
            raise ValueError("weights before training were not kept")
        return Network(self.trained, self.rows, self.initial, self.initial_statistics)

    @cached_property
    def members(self) -> dict[str, np.ndarray]:
        """Settings that may differ between members, `(member,)` each."""
        return {name: np.asarray(v)[self.rows] for name, v in self.plan.members.items()}

    @cached_property
    def _ensemble(self):
        b = self.backend
        weights = b.from_numpy(self.theta), b.from_numpy(self.statistics)
        return self.family.ensemble(b, *weights, self.members, None)

    def features(
        self, x: np.ndarray, mode: BatchNormMode = "running_statistics"
    ) -> Iterator[LayerFeatures]:
        """Features of layers 0 … L on `x` `(sample, feature)`; dropout off, weights untouched.

        `mode` says which statistics batch norm uses: the running ones (evaluation mode of every
        framework) or those of these images.
        """
        yield from self._ensemble.features(self.backend.from_numpy(x), mode)

    def array(self, values: np.ndarray) -> Any:
        """Values as the features are: on the backend's device where that is torch."""
        return self.backend.from_numpy(values) if self.backend.name == "torch" else values

    def handed(self, tensor: Any) -> Any:
        """A tensor of a graph as the features are: numpy where the backend is not torch."""
        return tensor.detach() if self.backend.name == "torch" else tensor.detach().numpy()

    def torch_backend(self, dtype: str | None = None) -> Backend:
        """The torch backend on the same device; by default in the precision of training."""
        device: Device = "cpu" if self.backend.device == "cpu" else "cuda"
        return get_backend(device, dtype or self.plan.shared["dtype"], torch=True)

    def settings(self, backend: Backend) -> Mapping[str, Any]:
        """Members' settings that a family's forward asks for, where it has any."""
        asked = ("negative_slope",)
        return {n: backend.vector(self.members[n]) for n in asked if n in self.members}

    def batch_size(self, view: Seen, holds: Holds = "features") -> int:
        """Images to look at together: all where what is held takes at most `WHOLE_VIEW` bytes.

        `features` of all layers, the `graph` of a differentiable pass, or a `jacobian`, cotangents
        of every output. Under statistics of the batch, the images of a view are one batch whatever
        they take.
        """
        sizes = self.family.layer_sizes
        numbers = sum(sizes) + 8 * max(sizes)
        if holds != "features":
            numbers = 4 * max(sum(sizes), getattr(self.family, "graph_size", 0)) * self.size
        if holds == "jacobian":
            numbers *= 1 + sizes[-1]
        bytes_each = numbers * (8 if self.plan.shared["dtype"] == "float64" else 4)
        together = view.view.batch_norm == "batch_statistics"
        if together or view.size * bytes_each <= WHOLE_VIEW:
            return max(1, view.size)
        return max(1, WHOLE_VIEW // 4 // bytes_each)
