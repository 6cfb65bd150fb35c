"""Any metric of a cube over any two of its axes."""

from __future__ import annotations

from textwrap import wrap

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from layeratlas.cubes import selecting
from layeratlas.cubes.noise import NOISE_GROWS_WITH_VALUE, noise_rank
from layeratlas.errors import LayerAtlasError
from layeratlas.figures import style


@style.styled
def metric_map(
    dataset: xr.DataTree | xr.Dataset,
    x: str | None = None,
    y: str | None = None,
    *,
    metric: str,
    epoch: float | None = None,
    batch_norm_mode: str = selecting.PUBLISHED_BATCH_NORM_MODE,
) -> Figure:
    """Mean of `metric` over two axes, as small multiples over layers where it has them.

    `x` and `y` default to the first two grid axes. An epoch axis that is not drawn is cut at
    `epoch` (the last by default); every other remaining axis is averaged over, and the title says
    which and over how many values. Noise axes are drawn as in the phase diagram, least stochastic
    at the right, and negative slopes with ReLU at the top; other axes grow rightward and upward.
    Values that are not finite are left out of means; a cell without any value is hatched.

    Raises `LayerAtlasError` for an unknown metric or axis.
    """
    array = selecting.recorded(dataset, metric)
    if array.dtype.kind not in "fiub":
        raise LayerAtlasError(f"{metric} holds {array.dtype}, not numbers: it cannot be drawn")
    label = array.attrs.get("long_name", metric.replace("_", " "))
    units = array.attrs.get("units", "1")
    x, y = _two_axes(array, x, y)

    cut = []
    if "epoch" in array.dims and "epoch" not in (x, y):
        chosen = float(array["epoch"].max()) if epoch is None else epoch
        cut.append(f"epoch {chosen:g}")
    if array.sizes.get("batch_norm_mode", 1) > 1:
        cut.append(f"batch norm with {batch_norm_mode.replace('_', ' ')}")
    array = selecting.final(
        array, epoch=epoch, batch_norm_mode=batch_norm_mode, keep_epochs="epoch" in (x, y)
    )
    array = array.where(np.isfinite(array))
    averaged = [str(dim) for dim in array.dims if dim not in (x, y, "layer")]
    sizes = [f"{dim.replace('_', ' ')} ({array.sizes[dim]})" for dim in averaged]
    mean = array.mean(averaged, skipna=True) if averaged else array
    if averaged:
        cut.append(f"mean over {' and '.join(sizes)}")

    mean = _towards_right(mean, x)
    mean = _towards_right(mean, y, upward=True).transpose(..., y, x)
    panels = _panels(mean, x, y)
    columns = _columns(len(panels))
    rows = -(-len(panels) // columns)
    width = style.PAGE if columns > 1 else style.COLUMN
    figure = style.new_figure(width, 0.5 + rows * (1.75 if columns > 1 else 2.6))
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    norm, cmap = _colours(mean.values)
    x_labels, y_labels = (style.tick_labels(name, mean[name].values) for name in (x, y))
    for axes, (title, values) in zip(grid.flat, panels, strict=False):
        image = axes.imshow(
            np.ma.masked_invalid(values),
            norm=norm,
            cmap=cmap,
            aspect="auto",
            origin="lower",
            interpolation="nearest",
        )
        for j, i in zip(*np.nonzero(~np.isfinite(values)), strict=True):
            cell = Rectangle((i - 0.5, j - 0.5), 1, 1, hatch="/////", lw=0, zorder=1)
            cell.set(facecolor=style.MISSING, edgecolor="0.45")
            axes.add_patch(cell)
        axes.set_title(title)
        _ticks(axes.xaxis, x_labels, most=4 if columns > 1 else 8)
        _ticks(axes.yaxis, y_labels, most=8)
        axes.tick_params(length=0)
    for k in range(len(panels), grid.size):
        grid.flat[k].set_axis_off()
        above = grid[-2, k % columns]
        above.tick_params(labelbottom=True)
        above.set_xlabel(style.axis_label(x))
    # Fixed ticks: constrained layout measures the bar before its ticks adapt to the new size.
    ticks = MaxNLocator(8).tick_values(*image.get_clim())
    ticks = ticks[(ticks >= image.norm.vmin) & (ticks <= image.norm.vmax)]
    bar = figure.colorbar(image, ax=grid, fraction=0.05, pad=0.02, aspect=30, ticks=ticks)
    bar.set_label(label if units == "1" else f"{label} ({units})")
    bar.outline.set_linewidth(0.6)
    for axes in grid[-1]:
        axes.set_xlabel(style.axis_label(x))
    for axes in grid[:, 0]:
        axes.set_ylabel(style.axis_label(y))
    heading = [label, *wrap(", ".join(cut) or "single values", int(16 * width))]
    figure.suptitle("\n".join(heading), fontsize=8)
    return figure


def _columns(panels: int) -> int:
    """Four columns, or three where that leaves fewer places empty."""
    return panels if panels < 4 else min((4, 3), key=lambda columns: -panels % columns)


def _two_axes(array: xr.DataArray, x: str | None, y: str | None) -> tuple[str, str]:
    free = [axis for axis in selecting.grid_axes(array) if axis not in (x, y)]
    chosen = []
    for axis in (x, y):
        axis = axis or (free.pop(0) if free else None)
        if axis is None or axis not in array.dims:
            raise LayerAtlasError(
                f"{array.name} has no second axis to draw: name two of {list(array.dims)}"
                if axis is None
                else f"{array.name} has no axis {axis!r}; it has {list(array.dims)}"
            )
        chosen.append(axis)
    if chosen[0] == chosen[1]:
        raise LayerAtlasError(f"x and y are both {chosen[0]!r}: name two different axes")
    return chosen[0], chosen[1]


def _towards_right(array: xr.DataArray, axis: str, *, upward: bool = False) -> xr.DataArray:
    """Sort an axis the way it is drawn; the first entry is left, or at the bottom."""
    if axis in NOISE_GROWS_WITH_VALUE:
        order = np.argsort(noise_rank(array[axis]).values)
        return array.isel({axis: order if upward else order[::-1]})
    return array.sortby(axis, ascending=not (upward and axis == "negative_slope"))


def _panels(mean: xr.DataArray, x: str, y: str) -> list[tuple[str, np.ndarray]]:
    if "layer" not in mean.dims or "layer" in (x, y):
        return [("", mean.values)]
    names = mean["layer_name"].values if "layer_name" in mean.coords else None
    panels = []
    for i, layer in enumerate(mean["layer"].values):
        name = f"layer {layer}" if names is None else f"{layer}: {str(names[i]).replace('_', ' ')}"
        panels.append((name, mean.isel(layer=i).values))
    return panels


def _colours(values: np.ndarray):
    """One scale for all panels: sequential, or diverging about zero where both signs occur."""
    from cmcrameri import cm
    from matplotlib.colors import Normalize

    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if low < 0 < high:
        reach = max(-low, high)
        return Normalize(-reach, reach), cm.vik
    return Normalize(low, high if high > low else low + 1.0), cm.batlow


def _ticks(axis, labels: list[str], *, most: int) -> None:
    """All labels where they fit; otherwise every second, third, …"""
    longest = max(map(len, labels))
    room = max(2, most * 4 // max(longest, 3)) if axis.axis_name == "x" else most
    step = -(-len(labels) // room) if len(labels) > room else 1
    axis.set_ticks(range(0, len(labels), step), labels[::step])
