"""The tangent kernel of a whole network along training, with clean and with redrawn labels.

What the figures after Baratin et al. and their claims share. All is a mean over seeds, at record
points that every seed came to, of one point of the grid at a time.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.cubes.grid import grid_axes
from layeratlas.papers.signal_propagation import moments

__all__ = ["EXPERIMENT", "VIEWS", "Along", "label_entropy", "noise_told", "trainings"]

EXPERIMENT = "baratin_vgg"
#: Training images have the labels that are trained on.
VIEWS = ("train", "test")


@dataclass(frozen=True)
class Along:
    """One network along its training; arrays are along the record points, `steps` minibatches."""

    cube: xr.DataTree
    point: Mapping[str, Any]

    @property
    def noise(self) -> float:
        """Fraction of the training labels that are redrawn."""
        return float(self.point.get("label_noise", 0.0))

    @property
    def subject(self) -> str:
        """As "50 % of the labels redrawn, learning rate 0.01"."""
        others = [
            f"{axis.replace('_', ' ')} {value:g}" if isinstance(value, int | float) else str(value)
            for axis, value in self.point.items()
            if axis != "label_noise" and self.cube.sizes.get(axis, 1) > 1
        ]
        return ", ".join([noise_told(self.noise), *others])

    @cached_property
    def steps(self) -> np.ndarray:
        """Minibatches before each record point."""
        return self._mean(moments.steps(self.cube))

    @cached_property
    def runs(self) -> int:
        """Runs that came to any record point."""
        return int(np.isfinite(self._runs(moments.steps(self.cube))).any(1).sum())

    def network(self, variable: str, view: str = "train") -> np.ndarray:
        """(record, …) a number of the network."""
        return self.network_runs(variable, view).mean(0)

    def network_runs(self, variable: str, view: str = "train") -> np.ndarray:
        """(seed, record, …) a number of the network."""
        return self._runs(moments.of_network(self.cube, variable, view))

    def layers(self, view: str, variable: str = "alignment") -> np.ndarray:
        """(record, layer) a number of each layer of the main path."""
        return self.layer_runs(view, variable).mean(0)

    def layer_runs(self, view: str, variable: str = "alignment") -> np.ndarray:
        """(seed, record, layer) a number of each layer of the main path."""
        return self._runs(moments.history(self.cube, variable, view))

    def evaluated(self, variable: str) -> np.ndarray:
        """(record,) of all images; training images have their clean labels there."""
        return self.evaluated_runs(variable).mean(0)

    def evaluated_runs(self, variable: str) -> np.ndarray:
        """(seed, record) of all images."""
        return self._runs(moments.evaluated_along(self.cube, variable, moments.labels(self.cube)))

    @cached_property
    def memorised(self) -> float:
        """Minibatches after which the network has begun to memorise redrawn labels; NaN if never.

        The end of the first epoch whose mean loss, on the labels that are trained on, is below
        `label_entropy`. NaN of clean labels.
        """
        if not self.noise:
            return math.nan
        loss = self.cube["training"].to_dataset()["train_loss"]
        mean = self._of(loss).mean("seed")
        below = np.flatnonzero(mean.values < label_entropy(self.noise))
        if not below.size:
            return math.nan
        root = self.cube.to_dataset()
        rate = self._of(root["record_step"] / root["record_epoch"]).max()
        return float(mean["epoch"].values[below[0]] * rate)

    def _of(self, array: xr.DataArray) -> xr.DataArray:
        return array.sel({axis: at for axis, at in self.point.items() if axis in array.dims})

    def _runs(self, array: xr.DataArray) -> np.ndarray:
        return self._of(array).transpose("seed", ...).values

    def _mean(self, array: xr.DataArray) -> np.ndarray:
        return self._of(array).mean("seed", skipna=False).values


def trainings(cube: xr.DataTree, *, largest_rate: bool = False) -> list[Along]:
    """Every point of the grid, clean labels first; `largest_rate`: of that learning rate alone."""
    root = cube.to_dataset()
    axes = [axis for axis in grid_axes(cube) if axis in root.dims]
    labels = [np.sort(root[axis].values).tolist() for axis in axes]
    if largest_rate:
        labels = [v[-1:] if a == "learning_rate" else v for a, v in zip(axes, labels, strict=True)]
    found = [Along(cube, dict(zip(axes, at, strict=True))) for at in itertools.product(*labels)]
    return sorted(found, key=lambda one: one.noise)


def label_entropy(noise: float, classes: int = 10) -> float:
    """Entropy, in nats, of a label drawn anew from all classes with probability `noise`.

    The least cross-entropy of who knows an image's class and nothing of its own label; derived
    here.
    """
    other = noise / classes
    right = 1 - noise + other
    parts = [right, *[other] * (classes - 1)]
    return -sum(p * math.log(p) for p in parts if p > 0)


def noise_told(noise: float) -> str:
    """A level of label noise in words."""
    return "clean labels" if not noise else f"{100 * noise:g}\u00a0% of the labels redrawn"
