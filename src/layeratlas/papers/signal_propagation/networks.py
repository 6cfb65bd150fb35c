"""The networks of a cube one by one: their shape beside their equilibrium layers.

What figures over depth, their claims and the table of peaks read. A network is a point of the grid,
with all its seeds.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.cubes.grid import grid_axes
from layeratlas.cubes.told import told_setting
from layeratlas.errors import LayerAtlasError
from layeratlas.papers.signal_propagation import equilibrium
from layeratlas.papers.signal_propagation.profiles import MARK, VIEW, layer_count, profile
from layeratlas.papers.signal_propagation.shape import Shape, shape_of

__all__ = ["DEEP", "Network", "networks", "task"]

#: Depth from which on ascent-descent is asked for: in shallower networks the input layer may win
#: where inputs are nearly linearly separable (specification §8).
DEEP = 10

#: Short names of data sets.
_TASKS = {
    "mnist": "MNIST",
    "mnist_5k": "MNIST",
    "fashion_mnist": "Fashion-MNIST",
    "kmnist": "KMNIST",
    "cifar10": "CIFAR-10",
    "cifar10_subset": "CIFAR-10",
    "cifar100": "CIFAR-100",
    "digits": "digits",
}
_FAMILIES = {"mlp": "MLP", "residual_mlp": "residual MLP", "block_cnn": "CNN"}
#: A network whose cube does not tell its family.
_UNNAMED = "network"


@dataclass(frozen=True)
class Network:
    """One network of a cube at one record point, on one view, with its equilibrium layers.

    `profiles` (seed, layer) of the alignment; `empirical` of every seed, at initialisation; `c0`,
    `mean_field` and `asymptotic` of the network, NaN where they do not apply.
    """

    experiment: str
    task: str
    family: str
    layers: int
    point: Mapping[str, Any]
    profiles: xr.DataArray
    shape: Shape
    c0: float
    asymptotic: float
    mean_field: float
    empirical: np.ndarray

    @property
    def subject(self) -> str:
        """As "MLP, L = 10, MNIST" or "VGG19, L = 17, CIFAR-10", with what else its grid varies."""
        named = "depth" in self.point and self.family not in (*_FAMILIES.values(), _UNNAMED)
        kind = f"{self.family}{self.point['depth']}" if named else self.family
        others = [f"{axis} {value}" for axis, value in self.point.items() if axis != "depth"]
        return ", ".join([f"{kind}, L = {self.layers}", self.task, *others])


def task(cube: xr.DataTree, experiment: str = "") -> str:
    """What the networks of a cube learn, in a word; of an `experiment` that is named after other
    data, as where small ones stand in for them, "digits for MNIST"."""
    source = str(cube.attrs.get("dataset_source", "unstated data"))
    word = _TASKS.get(source, source)
    named = [name for name in _TASKS if experiment.endswith(f"_{name}")]
    # "fashion_mnist" ends as "mnist" does.
    meant = _TASKS[max(named, key=len)] if named else word
    return word if meant == word else f"{word} for {meant}"


def networks(
    cube: xr.DataTree,
    experiment: str,
    *,
    variable: str = "alignment",
    view: str = VIEW,
    record: str = MARK,
    equilibria: bool = True,
) -> list[Network]:
    """Every network of a cube, shallow ones first; without `equilibria` those are left NaN."""
    values = profile(cube, variable, view, record)
    counts = layer_count(values)
    balance = _balance(cube) if equilibria else {}
    found = []
    for point in _points(values):
        own = _at(values, point)
        layers = int(_at(counts, point))
        here = {name: np.atleast_1d(_at(array, point).values) for name, array in balance.items()}
        found.append(
            Network(
                experiment=experiment,
                task=task(cube, experiment),
                family=_family(cube),
                layers=layers,
                point=point,
                profiles=own.isel(layer=slice(layers)),
                shape=shape_of(own.isel(layer=slice(layers))),
                c0=_mean(here.get("c0")),
                asymptotic=_mean(here.get("asymptotic")),
                mean_field=_mean(here.get("mean_field")),
                empirical=here.get("empirical", np.full(own.sizes["seed"], np.nan)),
            )
        )
    return sorted(found, key=lambda network: network.layers)


def _balance(cube: xr.DataTree) -> dict[str, xr.DataArray]:
    """Equilibrium layers by name; none of a cube without correlations."""
    try:
        found = equilibrium.balance(cube)
    except LayerAtlasError:
        return {}
    return {str(name): array for name, array in found.data_vars.items()}


def _points(values: xr.DataArray) -> Iterator[dict[str, Any]]:
    axes = [axis for axis in grid_axes(values) if axis in values.dims]
    labels = [values[axis].values.tolist() for axis in axes]
    for chosen in itertools.product(*labels):
        yield dict(zip(axes, chosen, strict=True))


def _at(array: xr.DataArray, point: Mapping[str, Any]) -> xr.DataArray:
    return array.sel({axis: value for axis, value in point.items() if axis in array.dims})


def _family(cube: xr.DataTree) -> str:
    """The kind of network; of a module the class that its file names."""
    family = str(told_setting(cube, "model.family", default=_UNNAMED))
    if family != "module":
        return _FAMILIES.get(family, family)
    return str(told_setting(cube, "model.from", default=_UNNAMED)).rpartition(":")[2]


def _mean(values: np.ndarray | None) -> float:
    known = [] if values is None else values[np.isfinite(values)]
    return float(np.mean(known)) if len(known) else math.nan
