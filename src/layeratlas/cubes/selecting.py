"""Selecting from a cube: one moment, one mode, finished runs, the axes of its grid."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import xarray as xr

from layeratlas.errors import LayerAtlasError

STATUS_OK = 0


#: Dimensions that count time: epochs of a training, steps of a simulation.
MOMENTS = ("epoch", "step")


#: Dimensions of a cube that are no axis of its grid.
NOT_GRID = ("seed", *MOMENTS, "batch_norm_mode", "derivative", "layer", "mode")


#: The batch-norm mode of the published figure: evaluation with running statistics.
PUBLISHED_BATCH_NORM_MODE = "running_statistics"


def final(
    array: xr.DataArray,
    *,
    epoch: float | None = None,
    step: int | None = None,
    batch_norm_mode: str = PUBLISHED_BATCH_NORM_MODE,
    keep_epochs: bool = False,
) -> xr.DataArray:
    """One moment (the last by default) and one batch-norm mode of a recorded metric.

    `epoch` chooses among those of a training, `step` among those of a simulation; `keep_epochs`
    keeps all of either. Raises `LayerAtlasError` when the cube has no such moment or mode.
    """
    for moment, asked in zip(MOMENTS, (epoch, step), strict=True):
        if moment not in array.dims or keep_epochs:
            continue
        known = array[moment].values
        chosen = known.max() if asked is None else asked
        if chosen not in known:
            raise LayerAtlasError(f"{moment} {chosen} was not recorded; recorded: {list(known)}")
        array = array.sel({moment: chosen}, drop=True)
    if "batch_norm_mode" in array.dims:
        modes = [str(mode) for mode in array["batch_norm_mode"].values]
        if batch_norm_mode not in modes:
            raise LayerAtlasError(
                f"batch_norm_mode {batch_norm_mode!r} was not recorded; recorded: {modes}"
            )
        array = array.isel(batch_norm_mode=modes.index(batch_norm_mode), drop=True)
    if "derivative" in array.dims:
        # Of a probe: exact velocities, never a mean of exact and finite ones.
        array = array.sel(derivative="exact", drop=True)
    return array


def recorded(dataset: xr.DataTree | xr.Dataset, variable: str) -> xr.DataArray:
    """A variable of whichever node of the cube holds it, NaN for runs that did not finish."""
    if isinstance(dataset, xr.Dataset):
        return _variable(dataset, variable)
    for node in dataset.subtree:
        if variable in node.data_vars:
            return _only_finished(node.to_dataset()[variable], dataset)
    known = sorted({str(name) for node in dataset.subtree for name in node.data_vars})
    raise LayerAtlasError(f"the cube has no variable {variable!r}; it has {known}")


def accuracy(
    cube: xr.DataTree | xr.Dataset,
    *,
    variable: str = "test_accuracy",
    epoch: float | None = None,
    batch_norm_mode: str = PUBLISHED_BATCH_NORM_MODE,
) -> xr.DataArray:
    """Accuracy of each run in percent, evaluated with running statistics at the last epoch."""
    fraction = final(
        _variable(_node(cube, "evaluation"), variable),
        epoch=epoch,
        batch_norm_mode=batch_norm_mode,
    )
    percent = 100.0 * _only_finished(fraction, cube).astype("float64")
    return percent.rename(variable).assign_attrs(
        long_name=variable.replace("_", " "), units="percent"
    )


def mean_accuracy(
    cube: xr.DataTree | xr.Dataset, *, over: Hashable | Iterable[Hashable] = "seed", **choice
) -> xr.DataArray:
    """Mean over seeds of `accuracy`, in percent; NaN where no run finished."""
    return accuracy(cube, **choice).mean(over, skipna=True, keep_attrs=True)


def finished_runs(cube: xr.DataTree | xr.Dataset, dim: Hashable = "seed") -> xr.DataArray:
    """Number of runs with status ok in each cell."""
    status = _variable(_node(cube, "/"), "status")
    return (status == STATUS_OK).sum(dim).rename("finished_runs")


def grid_axes(dataset: xr.DataTree | xr.Dataset | xr.DataArray) -> tuple[str, ...]:
    """Names of the grid axes, in their order, without seed, epoch, layer and their like."""
    if isinstance(dataset, xr.DataTree):
        dataset = dataset["/"].to_dataset()
    dims = dataset.dims if isinstance(dataset, xr.DataArray) else dataset.sizes
    return tuple(str(dim) for dim in dims if dim not in NOT_GRID)


def _node(dataset: xr.DataTree | xr.Dataset, name: str) -> xr.Dataset:
    if isinstance(dataset, xr.Dataset):
        return dataset
    if name != "/" and name not in dataset.children:
        raise LayerAtlasError(f"the cube has no node {name!r}; it has {sorted(dataset.children)}")
    return dataset[name].to_dataset()


def _variable(dataset: xr.Dataset, name: str) -> xr.DataArray:
    if name not in dataset:
        raise LayerAtlasError(
            f"the cube has no variable {name!r} here; it has {sorted(map(str, dataset.data_vars))}"
        )
    return dataset[name]


def _only_finished(array: xr.DataArray, dataset: xr.DataTree | xr.Dataset) -> xr.DataArray:
    """Runs that diverged or are missing become NaN, whatever was recorded before they stopped."""
    if isinstance(dataset, xr.DataTree) and "status" in dataset["/"].to_dataset():
        return array.where(dataset["/"].to_dataset()["status"] == STATUS_OK)
    return array
