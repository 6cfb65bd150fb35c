"""Networks that differ in the mean cosine of their inputs alone, and what became of each.

Beyond the paper (specification §11): the crossing of forward and backward information depends on c0
besides L, so a change of c0 at fixed L, data, labels and rates should move the hierarchy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import xarray as xr

from layeratlas.papers.given import Cubes
from layeratlas.papers.signal_propagation.networks import Network, networks
from layeratlas.papers.signal_propagation.profiles import INIT, MARK, VIEW, profile
from layeratlas.papers.signal_propagation.shape import Shape, shape_of

__all__ = ["IMAGE", "SHIFT", "Condition", "at_point", "by_depth", "ended", "steps"]

#: Experiments: multiples of the mean pixel; the mean image.
SHIFT, IMAGE = "mean_cosine_shift", "mean_cosine_image"


@dataclass(frozen=True)
class Condition:
    """One way to subtract the mean, at one depth.

    `network` is as training left it: at the mark, or, of runs that missed it, at the last epoch;
    `came` says which, of every seed. `initial` is the shape before training. `spread`
    (seed, layer) is the participation ratio of the centred inputs of every layer before training.
    """

    label: str
    network: Network
    came: np.ndarray
    initial: Shape
    above_null: Shape
    spread: xr.DataArray

    @property
    def c0(self) -> float:
        """Mean cosine of the inputs."""
        return self.network.c0

    @property
    def marked(self) -> bool:
        """Whether all of its runs came to the mark."""
        return bool(self.came.all())

    @property
    def told(self) -> str:
        """What is subtracted, c0, and how many runs missed the mark."""
        missed = int((~self.came).sum())
        below = f", {missed} of {self.came.size} missed the mark" if missed else ""
        return f"{self.label} (c0 = {self.c0:.2f}{below})"


def by_depth(cubes: Cubes, view: str = VIEW) -> dict[int, list[Condition]]:
    """The conditions of every depth that the cubes have, c0 ascending."""
    found: dict[int, list[Condition]] = {}
    for experiment in (IMAGE, SHIFT):
        for one in _conditions(cubes[experiment], experiment, view):
            found.setdefault(one.network.layers, []).append(one)
    return {L: sorted(found[L], key=lambda one: one.c0) for L in sorted(found)}


def _conditions(cube: xr.DataTree, experiment: str, view: str) -> list[Condition]:
    last, came = ended(cube, "alignment", view)
    null, _ = ended(cube, "alignment_null", view)
    spread = profile(cube, "forward_participation_ratio", view, INIT)
    found = []
    before = networks(cube, experiment, view=view, record=INIT)
    for start in before:
        own, L = _at(last, start), start.layers
        profiles = own.isel(layer=slice(L))
        relative = profiles / _at(null, start).isel(layer=slice(L))
        found.append(
            Condition(
                label="mean image" if experiment == IMAGE else f"s = {start.point['mean_shift']:g}",
                network=replace(start, profiles=profiles, shape=shape_of(profiles)),
                came=np.atleast_1d(_at(came, start).values),
                initial=start.shape,
                above_null=shape_of(relative),
                spread=_at(spread, start).isel(layer=slice(L)),
            )
        )
    return found


def ended(cube: xr.DataTree, variable: str, view: str = VIEW) -> tuple[xr.DataArray, xr.DataArray]:
    """A profile where training left it, and whether that was at the mark, (axes…, seed).

    A run that ends at its mark has no later record, one that missed it has its last epoch.
    """
    mark = profile(cube, variable, view, MARK)
    came = mark.notnull().any("layer")
    return mark.where(came, profile(cube, variable, view, "final")), came


def steps(
    conditions: Sequence[Condition],
    of: Literal["network", "above_null"],
    *,
    every_seed: bool = False,
) -> np.ndarray:
    """Changes of the ascent from each c0 to the next larger one: of the mean, or (step, seed)."""
    shapes = [one.network.shape if of == "network" else one.above_null for one in conditions]
    if every_seed:
        return np.diff(np.array([shape.ascents for shape in shapes]), axis=0)
    return np.diff([shape.ascent for shape in shapes])


def at_point(array: xr.DataArray, point: Mapping[str, Any]) -> xr.DataArray:
    """An array at a point of the grid, of whose axes it may lack some."""
    return array.sel({axis: value for axis, value in point.items() if axis in array.dims})


def _at(array: xr.DataArray, network: Network) -> xr.DataArray:
    return at_point(array, network.point)
