"""Made-up cubes of points, as experiments with `refine` have them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.cubes.grid import FOLLOWS, VARIES
from layeratlas.refining.plane import Plane, square
from layeratlas.refining.results import with_boundary
from layeratlas.refining.seeds import Dealer
from made.planes import Runs

DATASET = {"source": "mnist_5k", "n_train": 2560}
PLANE = {"dropout": [0.0, 0.28], "negative_slope": [0.0, 1.0]}


def refine_of(**changes: Any) -> dict[str, Any]:
    """What a cube says of `refine`."""
    plain = {
        "of": "convexity_index", "at": 0.0, "axes": list(changes.get("plane", PLANE)), "log": [],
        "seeds": {"from": 2, "to": 6}, "batch": 24, "plane": PLANE,
    }  # fmt: skip
    return plain | changes


def point_cube(
    runs: Runs | None = None,
    name: str = "boundary_dropout",
    *,
    steps: int = 4,
    later: int = 6,
    lost: int = 0,
    settings: dict[str, Any] | None = None,
    nodes: dict[str, xr.Dataset] | None = None,
    **refine: Any,
) -> xr.DataTree:
    """The points of an even grid, and `later` ones of a second generation on its diagonal; the
    first `lost` points gave no number."""
    runs, asked = runs or Runs(), refine_of(**refine)
    plane = Plane.of(asked)
    places = square(steps)
    along = (np.arange(later) + 0.5) / max(later, 1)
    places = np.concatenate([places, np.stack([along, along], axis=1)[:later]])
    points = plane.values(places)
    places = plane.unit(points)
    seeds = list(range(1, asked["seeds"]["to"] + 1))
    dealer = Dealer(seeds)
    dealt = [dealer.deal(place, asked["seeds"]["from"]) for place in places]
    told = [
        {"seeds": list(own), "generations": [int(i >= (steps + 1) ** 2)] * len(own)}
        for i, own in enumerate(dealt)
    ]
    values = runs.values(places, [[seed - 1 for seed in own] for own in dealt], len(seeds))
    values[:lost] = np.nan
    coordinates: dict[str, Any] = {"point": ("point", np.arange(len(points)), {VARIES: ""})}
    for k, axis in enumerate(plane.names):
        attributes = {"long_name": axis.replace("_", " "), "units": "1", FOLLOWS: "point"}
        attributes[VARIES] = f"model.{axis}"
        coordinates[axis] = ("point", points[:, k], attributes)
    dims = ("point", "seed")
    there = np.isfinite(values)
    root = xr.Dataset(
        {"run_id": (dims, np.where(there, "a", "").astype(object)),
         "status": (dims, np.where(there, 0, 2).astype(np.int8))},
        coords={**coordinates, "seed": seeds},
        attrs={
            "axes": "point", "experiment": name, "preset": "laptop", "title": "A boundary",
            "summary": "Made up.", "settings": json.dumps(settings or {}),
            "dataset": json.dumps(DATASET), "dataset_source": DATASET["source"],
            "n_train": DATASET["n_train"],
        },
    )  # fmt: skip
    cube = xr.DataTree.from_dict({"/": root, **(nodes or {})})
    array = xr.DataArray(values, dims=dims)
    return with_boundary(cube, {"refine": asked | {"points": told}}, array, "convexity index")
