"""What the cube of points says of the boundary: its node `refined`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.cubes.grid import REFINED
from layeratlas.errors import LayerAtlasError
from layeratlas.refining.boundary import Boundary, apart, boundary
from layeratlas.refining.noise import Samples
from layeratlas.refining.plane import Plane
from layeratlas.refining.planes import plane_of
from layeratlas.refining.surface import Surface
from layeratlas.runs.status import OK
from layeratlas.words import quoted

__all__ = ["Found", "found_in", "with_boundary"]


def with_boundary(
    cube: xr.DataTree, description: Mapping[str, Any], values: xr.DataArray, long_name: str
) -> xr.DataTree:
    """The cube of an experiment that is refined, with `generation` of every point and a node of
    what is known of its boundary, from the `values` of the quantity (`refining.quantities`).

    `/refined`: `value` (point, seed) of the quantity, `asked_in` the generation of each run, `mean`
    and `standard_error` over seeds, `surface` and `surface_error` of the posterior at each point
    (`layeratlas.refining.surface`). Its attributes tell the boundary: `level`, `offset` and `moved`
    in units of the axes' ranges, `length` in widths of the plane, `above`, `band`. LayerAtlasError
    where the quantity gives no number, or not of three points.
    """
    asked, told = description["refine"], description["refine"]["points"]
    seeds = [int(seed) for seed in cube.to_dataset()["seed"].values]
    generation = np.full((len(told), len(seeds)), -1, np.int32)
    for i, point in enumerate(told):
        for seed, number in zip(point["seeds"], point["generations"], strict=True):
            generation[i, seeds.index(seed)] = number
    first = np.array([min(point["generations"]) for point in told], np.int32)
    attributes = {"long_name": "generation in which the point was first asked for", "units": "1"}
    root = cube.to_dataset().assign_coords(generation=("point", first, attributes))
    # Runs that were not asked for in this series may stand in a shard with others.
    values = values.where(xr.DataArray(generation >= 0, dims=("point", "seed")))
    plane = plane_of(asked, asked["plane"])
    places = plane.unit(np.stack([root[axis].values for axis in plane.names], axis=1))
    surface, found = _fitted(places, values.values, asked, int(first.max()))
    moved = np.nan
    if generation.max() > 0:
        earlier = np.where(generation < generation.max(), values.values, np.nan)
        try:
            _, before = _fitted(places, earlier, asked, 0)
            moved = apart(found, before)
        except LayerAtlasError:
            pass
    samples = surface.samples
    mean, error = np.full(len(told), np.nan), np.full(len(told), np.nan)
    known = np.isfinite(values.values)
    there = known.any(axis=1)
    mean[there], error[there] = samples.mean, samples.error
    height, uncertain = surface.at(places)
    node = xr.Dataset(
        {
            "value": (("point", "seed"), values.values, {"long_name": long_name, "units": "1"}),
            "asked_in": (
                ("point", "seed"),
                generation,
                {"long_name": "generation of the run, -1 where none was asked for", "units": "1"},
            ),
            "mean": ("point", mean, {"long_name": f"mean over seeds: {long_name}", "units": "1"}),
            "standard_error": (
                "point",
                error,
                {"long_name": "standard error of the mean", "units": "1"},
            ),
            "surface": (
                "point",
                height,
                {"long_name": f"posterior mean: {long_name}", "units": "1"},
            ),
            "uncertainty": (
                "point",
                uncertain,
                {"long_name": "posterior standard deviation of the surface", "units": "1"},
            ),
        },
        attrs={
            "refine": json.dumps({k: v for k, v in asked.items() if k != "points"}, sort_keys=True),
            "generations": int(generation.max()) + 1,
            "runs": int((generation >= 0).sum()),
            # Most quantities are of runs that ended well; a share of lost ones is not.
            "of_lost_runs": int((known & (root["status"].values != OK)).any()),
            "level": found.level,
            "offset": found.offset,
            **({} if np.isnan(moved) else {"moved": float(moved)}),
            "length": found.length,
            "above": found.above,
            "band": found.band,
            "share": surface.share,
        },
    )
    nodes = {path: each.to_dataset(inherit=False) for path, each in _nodes(cube)}
    return xr.DataTree.from_dict({**nodes, "/": root, f"/{REFINED}": node})


class Found:
    """What a cube of points knows of its boundary, the surface fitted again.

    `plane`, `surface` and `boundary`; `points` in values of the two axes and their `counts` of
    seeds asked for, `runs` that gave a number and `generations` of all.
    """

    def __init__(self, cube: xr.DataTree) -> None:
        if REFINED not in cube.children:
            raise LayerAtlasError(
                "the cube has no node 'refined': only cubes of experiments with `refine` have one"
            )
        node, root = cube[REFINED].to_dataset(), cube.to_dataset()
        self.refine: dict[str, Any] = json.loads(node.attrs["refine"])
        self.plane: Plane = plane_of(self.refine, self.refine["plane"])
        self.points = np.stack([root[axis].values for axis in self.plane.names], axis=1)
        self.counts = (node["asked_in"].values >= 0).sum(axis=1)
        self.generation = root["generation"].values
        self.generations = int(node.attrs["generations"])
        self.moved = float(node.attrs.get("moved", np.nan))
        values = node["value"].values
        if not node.attrs.get("of_lost_runs"):
            values = np.where(root["status"].values == OK, values, np.nan)
        self.values = values
        # Those that gave a number.
        self.runs = int(np.isfinite(self.values).sum())
        places = self.plane.unit(self.points)
        self.surface, self.boundary = _fitted(
            places, self.values, self.refine, int(self.generation.max())
        )

    def line(self) -> list[np.ndarray]:
        """Pieces of the boundary, rows (x, y) in values of the axes."""
        return [self.unrounded(piece) for piece in self.boundary.lines]

    def unrounded(self, places: np.ndarray) -> np.ndarray:
        """Places in values of the axes, as a figure draws them."""
        sides = (self.plane.x, self.plane.y)
        return np.stack([side.spread(places[:, k]) for k, side in enumerate(sides)], axis=1)


def found_in(cube: xr.DataTree) -> Found:
    """What a cube of points knows of its boundary."""
    return Found(cube)


def _nodes(cube: xr.DataTree):
    return ((node.path, node) for node in cube.subtree)


def _fitted(
    places: np.ndarray, values: np.ndarray, asked: Mapping[str, Any], generation: int
) -> tuple[Surface, Boundary]:
    samples = Samples.of(places, values)
    if len(samples.places) < 3:
        lost = len(places) - len(samples.places)
        raise LayerAtlasError(
            f"refine.of: {quoted(asked['of'])} is NaN at {lost} of the {len(places)} points up to "
            f"generation {generation}; a boundary is looked for where at least three have a number"
        )
    surface = Surface(samples)
    return surface, boundary(surface, asked["at"])
