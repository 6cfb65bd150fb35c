"""Selecting from a cube: one moment, one mode, finished runs.

Cubes written before they said which axes they have, and before each network's layers had names of
their own, are read as if they did.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.cubes.grid import VARIES, grid_axes
from layeratlas.cubes.layers import with_own_names
from layeratlas.cubes.records import LABEL, RECORD, record_shown
from layeratlas.cubes.statistics import mean_over
from layeratlas.errors import LayerAtlasError
from layeratlas.runs.status import OK as STATUS_OK

__all__ = [
    "MOMENTS",
    "PUBLISHED_BATCH_NORM_MODE",
    "STATUS_OK",
    "accuracy",
    "ascending",
    "final",
    "finished_runs",
    "grid_axes",
    "mean_accuracy",
    "node_of",
    "only_finished",
    "recorded",
    "variable_of",
]

#: Dimensions that count time: epochs of a training, steps of a simulation.
MOMENTS = ("epoch", "step")
#: Axes that vary how long a run lasts, by the dimension that counts its time.
_LENGTHS = {"epoch": "epochs", "step": "steps"}


#: The batch-norm mode of the published figure: evaluation with running statistics.
PUBLISHED_BATCH_NORM_MODE = "running_statistics"


def final(
    array: xr.DataArray,
    *,
    epoch: float | None = None,
    step: int | None = None,
    record: str | None = None,
    batch_norm_mode: str = PUBLISHED_BATCH_NORM_MODE,
    view: str | None = None,
    keep_epochs: bool = False,
) -> xr.DataArray:
    """One moment (each run's last by default), one batch-norm mode and one view (by default
    `usual_view`) of a recorded metric.

    `epoch` chooses among those of a training, `step` among those of a simulation, `record`, by its
    label, among record points (`cubes.records`); `keep_epochs` keeps all of any. Raises
    `LayerAtlasError` when the cube has no such moment or mode.
    """
    for moment, asked in zip(MOMENTS, (epoch, step), strict=True):
        if moment not in array.dims or keep_epochs:
            continue
        known = array[moment].values
        if asked is None and _LENGTHS[moment] in array.dims:
            # Shorter runs have ended before the last moment of the cube.
            lengths = array[_LENGTHS[moment]]
            ends = np.searchsorted(np.sort(known), lengths.values, side="right") - 1
            last = lengths.copy(data=np.sort(known)[ends])
            array = array.sel({moment: last}).drop_vars(moment)
            continue
        chosen = known.max() if asked is None else asked
        if chosen not in known:
            raise LayerAtlasError(f"{moment} {chosen} was not recorded; recorded: {list(known)}")
        array = array.sel({moment: chosen}, drop=True)
    if RECORD in array.dims and not keep_epochs:
        array = _at(array, LABEL, record_shown(array, record), "kept")
    if "batch_norm_mode" in array.dims:
        array = _at(array, "batch_norm_mode", batch_norm_mode, "recorded")
    if "view" in array.dims:
        array = _at(array, "view", view or usual_view(array), "measured")
    if "derivative" in array.dims:
        # Of a probe: exact velocities, never a mean of exact and finite ones.
        array = array.sel(derivative="exact", drop=True)
    return array


def usual_view(array: xr.DataArray) -> str:
    """Name of the view that is meant where none is named: the first one of training images, as
    where a file asks for no views, or else the first."""
    names = [str(name) for name in array["view"].values]
    splits: Any = array["view_split"].values if "view_split" in array.coords else []
    return next((n for n, split in zip(names, splits, strict=False) if split == "train"), names[0])


def _at(array: xr.DataArray, coordinate: str, name: str, done: str) -> xr.DataArray:
    """The one of that name along a coordinate of words; LayerAtlasError where none has it."""
    (dim,) = array[coordinate].dims
    names = [str(known) for known in array[coordinate].values]
    if name not in names:
        raise LayerAtlasError(f"{dim} {name!r} was not {done}; {done}: {names}")
    return array.isel({dim: names.index(name)}, drop=True)


def recorded(dataset: xr.DataTree | xr.Dataset, variable: str) -> xr.DataArray:
    """A variable of whichever node of the cube holds it, NaN for runs that did not finish.

    `status` itself says what became of every run.
    """
    if isinstance(dataset, xr.Dataset):
        return variable_of(node_of(dataset, "/"), variable)
    for node in dataset.subtree:
        if variable in node.data_vars:
            if variable == "status":
                return node_of(dataset, "/")[variable]
            return only_finished(node_of(dataset, node.path.lstrip("/") or "/")[variable], dataset)
    known = sorted({str(name) for node in dataset.subtree for name in node.data_vars})
    raise LayerAtlasError(f"the cube has no variable {variable!r}; it has {known}")


def accuracy(
    cube: xr.DataTree | xr.Dataset,
    *,
    variable: str = "test_accuracy",
    epoch: float | None = None,
    record: str | None = None,
    batch_norm_mode: str = PUBLISHED_BATCH_NORM_MODE,
) -> xr.DataArray:
    """Accuracy of each run in percent, evaluated with running statistics at the last epoch."""
    fraction = final(
        variable_of(node_of(cube, "evaluation"), variable),
        epoch=epoch,
        record=record,
        batch_norm_mode=batch_norm_mode,
    )
    percent = 100.0 * only_finished(fraction, cube).astype("float64")
    return percent.rename(variable).assign_attrs(
        long_name=variable.replace("_", " "), units="percent"
    )


def mean_accuracy(
    cube: xr.DataTree | xr.Dataset, *, over: str | Collection[str] = "seed", **choice
) -> xr.DataArray:
    """Mean over seeds of `accuracy`, in percent; NaN where no run finished.

    `comment` says over how many runs of how many.
    """
    return mean_over(accuracy(cube, **choice), over)


def finished_runs(cube: xr.DataTree | xr.Dataset, dim: str = "seed") -> xr.DataArray:
    """Number of runs with status ok in each cell."""
    status = variable_of(node_of(cube, "/"), "status")
    return (status == STATUS_OK).sum(dim).rename("finished_runs")


def node_of(dataset: xr.DataTree | xr.Dataset, name: str) -> xr.Dataset:
    """The node `name` of a cube, axes marked and layers named; a Dataset is such a node already.

    LayerAtlasError where the cube has no such node.
    """
    if isinstance(dataset, xr.Dataset):
        return with_own_names(dataset)
    if name != "/" and name not in dataset.children:
        raise LayerAtlasError(f"the cube has no node {name!r}; it has {sorted(dataset.children)}")
    node = dataset[name].to_dataset()
    unmarked = [
        axis
        for axis in grid_axes(dataset)
        if axis in node.coords and VARIES not in node[axis].attrs
    ]
    node = node.assign_coords({axis: node[axis].assign_attrs({VARIES: ""}) for axis in unmarked})
    return with_own_names(node, dataset.to_dataset().get("n_layers"))


def variable_of(dataset: xr.Dataset, name: str) -> xr.DataArray:
    """A variable of a node; LayerAtlasError, with those that there are, where it has none."""
    if name not in dataset:
        raise LayerAtlasError(
            f"the cube has no variable {name!r} here; it has {sorted(map(str, dataset.data_vars))}"
        )
    return dataset[name]


def only_finished(array: xr.DataArray, dataset: xr.DataTree | xr.Dataset) -> xr.DataArray:
    """Runs that are not ok, whatever became of them, are NaN, whatever was recorded of them."""
    if isinstance(dataset, xr.DataTree) and "status" in dataset["/"].to_dataset():
        return array.where(dataset["/"].to_dataset()["status"] == STATUS_OK)
    return array


def ascending(array: xr.DataArray) -> xr.DataArray:
    """The array with every numeric axis in ascending order, however the cube stores it."""
    numeric = [d for d in array.dims if d in array.indexes and array[d].dtype.kind in "iuf"]
    return array.sortby(numeric) if numeric else array
