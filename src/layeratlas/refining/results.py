"""What the cube of points says of the boundary: its node `refined`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float, Int

from layeratlas.cubes.grid import REFINED
from layeratlas.errors import LayerAtlasError
from layeratlas.refining.boundary import Boundary, apart, boundary
from layeratlas.refining.choosing import Known
from layeratlas.refining.noise import Samples
from layeratlas.refining.plane import Plane
from layeratlas.refining.surface import Surface
from layeratlas.runs.status import OK
from layeratlas.words import quoted

__all__ = ["Found", "with_boundary"]

_RUN = ("point", "seed")


def with_boundary(
    cube: xr.DataTree, description: Mapping[str, Any], values: xr.DataArray, long_name: str
) -> xr.DataTree:
    """The cube of an experiment that is refined, with `generation` of every point and a node of
    what is known of its boundary, from the `values` of the quantity (`refining.quantities`).

    `/refined`: `value` (point, seed) of the quantity, `asked_in` the generation of each run, `mean`
    and `standard_error` over seeds, `surface` and `uncertainty`, mean and standard deviation of the
    posterior at each point (`layeratlas.refining.surface`). Its attributes tell the boundary:
    `level`, `offset` and `moved` in units of the axes' ranges, `length` in widths of the plane,
    `above`, `band`. LayerAtlasError where the quantity gives no number, or not of three points.
    """
    asked = description["refine"]
    plane, root = Plane.of(asked), cube.to_dataset()
    asked_in = _asked_in(asked["points"], root["seed"].values.tolist())
    first = np.array([min(point["generations"]) for point in asked["points"]], np.int32)
    attributes = {"long_name": "generation in which the point was first asked for", "units": "1"}
    root = root.assign_coords(generation=("point", first, attributes))
    # Runs that were not asked for in this series may stand in a shard with others.
    values = values.where(xr.DataArray(asked_in >= 0, dims=_RUN))
    places = plane.unit(_points(root, plane))
    surface, found = _fitted(places, values.values, asked, int(first.max()))
    node = _numbers(places, values.values, asked_in, surface, long_name)
    # Most quantities are of runs that ended well; a share of lost ones is not.
    of_lost_runs = (np.isfinite(values.values) & (root["status"].values != OK)).any()
    node.attrs = {
        "refine": json.dumps({k: v for k, v in asked.items() if k != "points"}, sort_keys=True),
        "generations": int(asked_in.max()) + 1,
        "runs": int((asked_in >= 0).sum()),
        "of_lost_runs": int(of_lost_runs),
        "level": found.level,
        "offset": found.offset,
        **_moved(places, values.values, asked_in, asked, found),
        "length": found.length,
        "above": found.above,
        "band": found.band,
        "share": surface.share,
    }
    nodes = {each.path: each.to_dataset(inherit=False) for each in cube.subtree}
    return xr.DataTree.from_dict({**nodes, "/": root, f"/{REFINED}": node})


@dataclass(frozen=True)
class Found(Known):
    """What a cube of points knows of its boundary, the surface fitted again.

    `refine` is what the cube says of it; `values` (point, seed) of the quantity, NaN of runs that
    gave none; the `generation` of each point, and the number of all `generations`; how far the last
    one `moved` the boundary, NaN where there was but one.
    """

    refine: Mapping[str, Any]
    values: Float[np.ndarray, "point seed"]
    generation: Int[np.ndarray, " point"]
    generations: int
    moved: float

    @classmethod
    def of(cls, cube: xr.DataTree) -> Found:
        """LayerAtlasError where the cube is not one of points."""
        if REFINED not in cube.children:
            raise LayerAtlasError(
                "the cube has no node 'refined': only cubes of experiments with `refine` have one"
            )
        node, root = cube[REFINED].to_dataset(), cube.to_dataset()
        refine: dict[str, Any] = json.loads(node.attrs["refine"])
        plane = Plane.of(refine)
        values, generation = node["value"].values, root["generation"].values
        if not node.attrs.get("of_lost_runs"):
            values = np.where(root["status"].values == OK, values, np.nan)
        points = _points(root, plane)
        surface, line = _fitted(plane.unit(points), values, refine, int(generation.max()))
        return cls(
            surface=surface,
            boundary=line,
            plane=plane,
            points=points,
            counts=(node["asked_in"].values >= 0).sum(axis=1),
            refine=refine,
            values=values,
            generation=generation,
            generations=int(node.attrs["generations"]),
            moved=float(node.attrs.get("moved", np.nan)),
        )

    @property
    def runs(self) -> int:
        """Runs that gave a number."""
        return int(np.isfinite(self.values).sum())

    def line(self) -> list[np.ndarray]:
        """Pieces of the boundary, rows (x, y) in values of the axes."""
        return [self.plane.unrounded(piece) for piece in self.boundary.lines]


def _asked_in(points: Sequence[Mapping[str, Any]], seeds: list[int]) -> np.ndarray:
    """Generation of every run, (point, seed); -1 where none was asked for."""
    found = np.full((len(points), len(seeds)), -1, np.int32)
    for i, point in enumerate(points):
        for seed, number in zip(point["seeds"], point["generations"], strict=True):
            found[i, seeds.index(seed)] = number
    return found


def _points(root: xr.Dataset, plane: Plane) -> Float[np.ndarray, "point 2"]:
    return np.stack([root[axis].values for axis in plane.names], axis=1)


def _moved(
    places: np.ndarray,
    values: np.ndarray,
    asked_in: np.ndarray,
    asked: Mapping[str, Any],
    found: Boundary,
) -> dict[str, float]:
    """How far the last generation moved the boundary; nothing where there was but one, or either
    has no line."""
    last = asked_in.max()
    if last == 0:
        return {}
    try:
        _, before = _fitted(places, np.where(asked_in < last, values, np.nan), asked, 0)
    except LayerAtlasError:
        return {}
    moved = apart(found, before)
    return {} if np.isnan(moved) else {"moved": moved}


def _numbers(
    places: np.ndarray, values: np.ndarray, asked_in: np.ndarray, surface: Surface, long_name: str
) -> xr.Dataset:
    """Every run and every point of a cube: what was found, and what the surface has there."""
    samples = surface.samples
    mean, error = np.full((2, len(places)), np.nan)
    mean[samples.kept], error[samples.kept] = samples.mean, samples.error
    height, uncertainty = surface.at(places)
    told = {
        "value": (_RUN, values, long_name),
        "asked_in": (_RUN, asked_in, "generation of the run, -1 where none was asked for"),
        "mean": ("point", mean, f"mean over seeds: {long_name}"),
        "standard_error": ("point", error, "standard error of the mean"),
        "surface": ("point", height, f"posterior mean: {long_name}"),
        "uncertainty": ("point", uncertainty, "posterior standard deviation of the surface"),
    }
    return xr.Dataset(
        {
            name: (dims, array, {"long_name": words, "units": "1"})
            for name, (dims, array, words) in told.items()
        }
    )


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
