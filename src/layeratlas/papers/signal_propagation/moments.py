"""What a cube holds at its record points: when they came, and numbers of every run at each.

Numbers of a run that is not ok, or that did not come to a point, are NaN there. A run that stopped
before a point has its last weights at it (`runs.records`): so `at_point` asks `reached` too.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.cubes import selecting
from layeratlas.papers.signal_propagation.profiles import INIT, MARK, came, profile

__all__ = [
    "INIT",
    "MARK",
    "evaluated",
    "evaluated_along",
    "history",
    "label_told",
    "labels",
    "logged",
    "of_network",
    "of_one_point",
    "reached",
    "steps",
]

#: Where the dense log ends its labels with a number of minibatches.
_STEP = "step "


def labels(cube: xr.DataTree) -> list[str]:
    """Names of the record points, in the cube's order."""
    return [str(name) for name in cube["/"].to_dataset()["label"].values]


def logged(cube: xr.DataTree) -> list[str]:
    """Record points at a number of minibatches, the beginning first: the dense log."""
    return [name for name in labels(cube) if name == INIT or name.startswith(_STEP)]


def label_told(label: str) -> str:
    """A record point in words."""
    if label.startswith("mark_"):
        return f"running loss below {label.removeprefix('mark_')}"
    return {INIT: "initialisation", "final": "end of training"}.get(label, label)


def steps(cube: xr.DataTree, records: list[str] | None = None) -> xr.DataArray:
    """Minibatches before each record point that a run came to, (axes, seed, record)."""
    root = selecting.node_of(cube, "/")
    found = selecting.only_finished(root["record_step"].where(root["reached"] == 1), cube)
    return _picked(found, cube, records)


def of_one_point(array: xr.DataArray, *inner: str) -> np.ndarray:
    """(seed, record, *inner) of a cube whose grid is one point; `inner` are dimensions it has."""
    keep = ("seed", "record", *(d for d in inner if d in array.dims))
    return array.squeeze([d for d in array.dims if d not in keep]).transpose(*keep).values


def reached(cube: xr.DataTree, record: str) -> xr.DataArray:
    """Whether each run is ok and came to the record point, (axes, seed)."""
    status = selecting.node_of(cube, "/")["status"]
    return (came(cube, record) & (status == selecting.STATUS_OK)).compute().rename("reached")


def evaluated(cube: xr.DataTree, variable: str, record: str) -> xr.DataArray:
    """A score or loss of all images at a record point, (axes, seed), float64."""
    array = selecting.variable_of(selecting.node_of(cube, "evaluation"), variable)
    found = selecting.final(array, record=record).where(reached(cube, record))
    return found.astype("float64").compute()


def evaluated_along(cube: xr.DataTree, variable: str, records: list[str]) -> xr.DataArray:
    """The same at several record points, (axes, seed, record)."""
    array = selecting.variable_of(selecting.node_of(cube, "evaluation"), variable)
    return _along(selecting.final(array, keep_epochs=True), cube, records)


def of_network(
    cube: xr.DataTree, variable: str, view: str, records: list[str] | None = None
) -> xr.DataArray:
    """A number of the network on a view at record points, (axes, seed, record, …), float64."""
    array = selecting.variable_of(selecting.node_of(cube, "network"), variable)
    return _along(selecting.final(array, view=view, keep_epochs=True), cube, records)


def history(
    cube: xr.DataTree, variable: str, view: str, records: list[str] | None = None
) -> xr.DataArray:
    """Profiles (`profiles.profile`) at record points, (axes, seed, record, layer), float64.

    `record` has the labels.
    """
    names = labels(cube) if records is None else records
    found = xr.concat([profile(cube, variable, view, name) for name in names], "record")
    rest = [dim for dim in found.dims if dim not in ("record", "layer")]
    found = found.astype("float64").assign_coords(record=names)
    return found.transpose(*rest, "record", "layer")


def _along(array: xr.DataArray, cube: xr.DataTree, records: list[str] | None) -> xr.DataArray:
    came = selecting.node_of(cube, "/")["reached"] == 1
    kept = selecting.only_finished(array.where(came), cube)
    return _picked(kept.transpose(*array.dims), cube, records).astype("float64").compute()


def _picked(array: xr.DataArray, cube: xr.DataTree, records: list[str] | None) -> xr.DataArray:
    """The record points of these labels, which become the coordinate `record`."""
    known = labels(cube)
    names = known if records is None else records
    found = array.drop_vars("label", errors="ignore").isel(
        record=[known.index(name) for name in names]
    )
    return found.assign_coords(record=np.array(names, dtype=object))
