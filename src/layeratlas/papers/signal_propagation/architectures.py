"""Networks of other kinds than perceptrons: their profiles, and their shortcuts beside them.

What the figures over architectures and their claims share.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from layeratlas.cubes import selecting
from layeratlas.papers.given import Cubes
from layeratlas.papers.signal_propagation.networks import Network, networks
from layeratlas.papers.signal_propagation.profiles import INIT, MARK, VIEW, came

__all__ = [
    "EXPERIMENTS",
    "HIERARCHY",
    "Aside",
    "Trained",
    "record_judged",
    "representatives",
    "shortcuts",
    "trained",
]

#: Of VGG, of residual networks, and of the small convolutional one.
EXPERIMENTS = ("alignment_vgg", "alignment_resnet", "alignment_small_cnn")
#: Of VGG, of residual networks, and of perceptrons, whose depth is this where there is one.
HIERARCHY = ("alignment_vgg", "alignment_resnet", "alignment_mnist")
_PERCEPTRON = 10
#: Record points at the end of training: cubes list marks last, whenever they come.
_ENDS = ("final", "mark_0.02")


@dataclass(frozen=True)
class Aside:
    """A map off the main path: its name, the layer that it stands beside, its mean over seeds and
    their standard deviation, NaN of fewer than two."""

    name: str
    layer: int
    value: float
    spread: float = math.nan


@dataclass(frozen=True)
class Trained:
    """A network where it is judged, the same before training, and its shortcuts.

    `record` is the mark, or the end of training where no run of this network came to the mark.
    """

    network: Network
    start: Network
    record: str
    shortcuts: tuple[Aside, ...]

    @property
    def subject(self) -> str:
        """The network and the record point in words."""
        if self.record == MARK:
            return self.network.subject
        return f"{self.network.subject}, end of training"


def trained(
    cubes: Cubes, experiments: Sequence[str] = EXPERIMENTS, view: str = VIEW
) -> list[Trained]:
    """The networks of those experiments that are given, shallow ones first in each."""
    found = []
    for name in (one for one in experiments if one in cubes):
        cube = cubes[name]
        start = networks(cube, name, view=view, record=INIT)
        for i, before in enumerate(start):
            record = record_judged(cube, before)
            found.append(
                Trained(
                    network=networks(cube, name, view=view, record=record)[i],
                    start=before,
                    record=record,
                    shortcuts=shortcuts(cube, before, view, record),
                )
            )
    return found


def representatives(cubes: Cubes, view: str = VIEW) -> list[Trained]:
    """One network of each of `HIERARCHY`: the perceptron of ten layers, else the deepest."""
    found = []
    for name in (one for one in HIERARCHY if one in cubes):
        every = trained(cubes, [name], view)
        chosen = [one for one in every if one.network.family == "MLP"]
        chosen = [one for one in chosen if one.network.layers == _PERCEPTRON]
        found.append((chosen or every)[-1])
    return found


def record_judged(cube: xr.DataTree, network: Network) -> str:
    """The mark where a run of this network came there, else the end of training."""
    labels = [str(label) for label in cube["/"].to_dataset()["label"].values]
    end = next((label for label in _ENDS if label in labels), labels[-1])
    if MARK not in labels:
        return end
    return MARK if bool(_of(came(cube, MARK), network).any()) else end


def shortcuts(
    cube: xr.DataTree, network: Network, view: str, record: str, variable: str = "alignment"
) -> tuple[Aside, ...]:
    """Maps off the main path that have a weight matrix, at the layer that reads what they read."""
    array = selecting.final(selecting.recorded(cube, variable), record=record, view=view)
    every = _of(array.where(came(cube, record)), network).load()
    array, runs = every.mean("seed"), every.count("seed")
    spread = (
        every.std("seed", ddof=1).where(runs > 1) if every.sizes["seed"] > 1 else array * np.nan
    )
    own = {
        name: np.atleast_1d(_of(array[name], network).values)
        for name in ("affine_name", "affine_kind", "affine_layer", "main_path")
    }
    aside = ~own["main_path"].astype(bool) & (own["affine_kind"] != "scale")
    return tuple(
        Aside(
            str(own["affine_name"][i]),
            int(own["affine_layer"][i]),
            float(array.values[i]),
            float(spread.values[i]),
        )
        for i in np.flatnonzero(aside & (own["affine_name"] != ""))
    )


def _of(array: xr.DataArray, network: Network) -> xr.DataArray:
    """The part of a network, by the axes that the array has."""
    return array.sel({axis: at for axis, at in network.point.items() if axis in array.dims})
