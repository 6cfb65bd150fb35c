"""Training under a hyper-parameter scaling: initial weights and learning rates, layer by layer.

    W_l ~ σ_l · N(0, 1) or uniform,   b_l = 0 and frozen,   Δw_l = −dt η_l G_l

dt is the master step (`training.learning_rate`); σ_l and η_l come from `networks.scalings`, or,
for `fsc_auto`, from a calibration on the first training images (`engine.calibrated_layers`), and
then stay as they are. Biases are frozen because the paper's networks have none. Under an optimiser
with layerwise rates of its own (`scale_invariant_sgd`, `blockwise`) a scaling gives the weights
only.

Source: Chizat and Netrapalli, "The Feature Speed Formula", NeurIPS 2024, Tables 1 and 2, §4.2
(specification §2.3–2.6).
"""

from __future__ import annotations

import functools
from importlib import import_module

import numpy as np

from layeratlas.engine.optimizers.registry import OPTIMIZERS
from layeratlas.networks.base import Family
from layeratlas.networks.scaling_names import BY_FAN_IN, CALIBRATED
from layeratlas.networks.scalings import ScalingError, Table, table
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.streams import generator

__all__ = ["ScaledStart"]


class ScaledStart:
    """`layeratlas.engine.start.Start` of a plan with a scaling."""

    def __init__(self, plan: ShardPlan, family: Family, images: np.ndarray, targets: np.ndarray):
        self._plan, self._family = plan, family
        self._scaling, self._model = plan.shared["scaling"], plan.shared["model"]
        self._names = plan.members["scaling"]
        training = plan.shared["training"]
        self._loss = training["loss"], training.get("encoding", "one_hot")
        self._by_rates = OPTIMIZERS[training["optimizer"]].rates != "layer"
        self._weights = [t for t in family.parameters.tensors if t.role == "weight"]
        if CALIBRATED in self._names:
            count = self._scaling["calibration_images"]
            self._images = np.asarray(images[:count], float).reshape(count, -1)
            self._targets = np.asarray(targets[:count])
        # A member's calibration is asked for twice: for its weights, then for its rates.
        self._layers = functools.cache(self._layers_of)

    def weights(self, members) -> tuple[np.ndarray, np.ndarray]:
        """Initial `(theta, statistics)`, float64, `(member, width)` each."""
        theta, statistics = self._family.initialize([self._seed(i) for i in members])
        views = self._family.parameters.views(theta)
        for tensor in self._family.parameters.tensors:
            if tensor.role == "bias":
                views[tensor.name][...] = 0.0
        for e, member in enumerate(members):
            stds, _ = self._layers(int(member))
            for tensor, std in zip(self._weights, stds, strict=True):
                views[tensor.name][e] = std * self._draw(int(member), tensor)
        return theta, statistics

    def rates(self, members) -> np.ndarray:
        """η, `(member, tensor)`: η_l for weights, 0 for biases, 1 for batch norm's scales."""
        rates = np.ones((len(members), len(self._family.parameters.tensors)))
        for e, member in enumerate(members):
            _, etas = self._layers(int(member))
            for t, tensor in enumerate(self._family.parameters.tensors):
                if tensor.role == "bias":
                    rates[e, t] = 0.0
                elif tensor.role == "weight" and self._by_rates:
                    rates[e, t] = etas[tensor.layer - 1]
        return rates

    def _layers_of(self, member: int) -> tuple[np.ndarray, np.ndarray]:
        """σ_l and η_l of one member, `(depth,)` each."""
        # A module of the user's own has the activations that it has: taken for ReLU.
        slopes = self._plan.members.get("negative_slope")
        slope = 0.0 if slopes is None else float(slopes[member])
        name = self._names[member]
        if name == CALIBRATED:
            return self._calibrated(member, slope)
        if name in BY_FAN_IN:
            # Each layer by its own fan-in: a convolution and its read-out differ in it.
            tables = [self._table(name, t.size // t.shape[0], t.size // t.shape[0], 1, slope)
                      for t in self._weights]  # fmt: skip
            rows = (tables[0].input, *(t.hidden for t in tables[1:-1]), tables[-1].output)
        else:
            first, *_, last = self._family.layer_sizes
            rows = self._table(name, self._family.layer_sizes[1], first, last, slope).rows
        return np.array([r.std for r in rows]), np.array([r.learning_rate for r in rows])

    def _table(self, name: str, width: int, n_inputs: int, n_outputs: int, slope: float) -> Table:
        return table(
            name,
            self._model.get("depth", max(3, len(self._weights))),
            width,
            n_inputs,
            n_outputs,
            self._model.get("branch_scale"),
            architecture=self._model["family"],
            setting=self._scaling["setting"],
            negative_slope=slope,
        )

    def _calibrated(self, member: int, slope: float) -> tuple[np.ndarray, np.ndarray]:
        """Automatic FSC of this member's draw on the calibration images."""
        drawn = [self._draw(member, tensor) for tensor in self._weights]
        # Found by name: a training by the tables does not repeat when probes change.
        layers = import_module("layeratlas.engine.calibrated_layers").calibrated_layers
        try:
            return layers(self._model, drawn, slope, self._images, self._targets, *self._loss)
        except ScalingError as error:
            raise ScalingError(
                f"scaling.name {CALIBRATED!r}, seed {self._seed(member)}: {error}"
            ) from None

    def _draw(self, member: int, tensor) -> np.ndarray:
        """A weight of standard deviation 1; the same stream as the family's own draw."""
        draw = generator(self._seed(member), f"initialization/{tensor.name}")
        if self._names[member] == "default":
            return draw.uniform(-np.sqrt(3), np.sqrt(3), tensor.shape)
        return draw.standard_normal(tensor.shape)

    def _seed(self, member: int) -> int:
        return int(self._plan.members["seed"][member])
