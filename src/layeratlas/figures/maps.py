"""Any metric of a cube over any two of its axes."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import NamedTuple

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from layeratlas.cubes import selecting
from layeratlas.cubes.layers import BEYOND, by_name
from layeratlas.cubes.noise import NOISE_GROWS_WITH_VALUE, noise_rank
from layeratlas.cubes.records import record_shown
from layeratlas.cubes.statistics import count_told, counted
from layeratlas.errors import LayerAtlasError
from layeratlas.figures import style
from layeratlas.figures.origin import origin

#: Width of a sign of a count, in inches, with what is left free around it.
_DIGIT = 0.06


@style.styled
def metric_map(
    dataset: xr.DataTree | xr.Dataset,
    x: str | None = None,
    y: str | None = None,
    *,
    metric: str,
    epoch: float | None = None,
    record: str | None = None,
    batch_norm_mode: str = selecting.PUBLISHED_BATCH_NORM_MODE,
    view: str | None = None,
) -> Figure:
    """Mean of `metric` over two axes, as small multiples over layers where it has them.

    `x` and `y` default to the first two grid axes. An epoch axis that is not drawn is cut at
    `epoch` (the last by default), one of record points at `record` (`final`, if there is one),
    views at `view` (`selecting.usual_view` by default); every other remaining axis is averaged
    over, and the title says which and over how many values of how many. Values that are not
    finite and runs that did not finish are left out of means: a cell that lacks some tells how
    many it has, one without any is hatched. The map of `status` shows the share of runs that are
    not ok.

    Noise axes are drawn as in the phase diagram, least stochastic at the right, and negative slopes
    with ReLU at the top; other numbers grow rightward and upward, and text keeps the order of the
    grid.

    Where networks differ in their layers, layers are told apart by name: "hidden 3" is that of the
    networks which have one, "logits" the last of each. Cells of networks without the layer are
    empty.

    Raises `LayerAtlasError` for an unknown metric or axis.
    """
    array = selecting.recorded(dataset, metric)
    of_maps = "affine" in array.dims
    if of_maps:
        # Drawn as layers are, each map by its name.
        told = {"affine": "layer", "affine_name": "layer_name"}
        array = array.rename({name: told[name] for name in told if name in array.coords})
    if metric == "status":
        array = _share_lost(array)
    if array.dtype.kind not in "fiub":
        raise LayerAtlasError(f"{metric} holds {array.dtype}, not numbers: it cannot be drawn")
    label = array.attrs.get("long_name", metric.replace("_", " "))
    units = array.attrs.get("units", "1")
    x, y = _two_axes(array, x, y)

    cut = []
    if "epoch" in array.dims and "epoch" not in (x, y):
        chosen = float(array["epoch"].max()) if epoch is None else epoch
        cut.append(f"epoch {chosen:g}")
    if "record" in array.dims:
        array = array.assign_coords(record=array["label"].values)  # drawn by name
        if "record" not in (x, y):
            cut.append(f"record {record_shown(array, record)}")
    if array.sizes.get("batch_norm_mode", 1) > 1:
        cut.append(f"batch norm with {batch_norm_mode.replace('_', ' ')}")
    if array.sizes.get("view", 1) > 1:
        cut.append(f"view {view or selecting.usual_view(array)}")
    array = selecting.final(
        array,
        epoch=epoch,
        record=record,
        batch_norm_mode=batch_norm_mode,
        view=view,
        keep_epochs=bool({"epoch", "record"} & {x, y}),
    )
    array = array.where(np.isfinite(array))
    averaged = [str(dim) for dim in array.dims if dim not in (x, y, "layer")]
    sizes = [f"{dim.replace('_', ' ')} ({array.sizes[dim]})" for dim in averaged]
    array, there = _layers(array, averaged if "layer" in (x, y) else None)
    mean = _mean(array, averaged, there)
    if averaged:
        counts = f", of {_counts_told(mean)} each" if (mean["known"] < mean["of"]).any() else ""
        cut.append(f"mean over {' and '.join(sizes)}{counts}")
    if there is not None:
        mixed = [dim for dim in there.dims if dim in averaged]
        if not there.all(mixed).all():
            cut.append("each layer of the networks that have it")

    mean = _towards_right(mean, x)
    mean = _towards_right(mean, y, upward=True).transpose(..., y, x)
    panels = _panels(mean, x, y, numbered=not of_maps)
    columns = _columns(len(panels))
    rows = -(-len(panels) // columns)
    width = style.PAGE if columns > 1 else style.COLUMN
    height = 0.5 + rows * (1.75 if columns > 1 else 2.6)
    figure = style.new_figure(width, height)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    norm, cmap = _colours(mean.values)
    x_labels, y_labels = (style.tick_labels(name, mean[name].values) for name in (x, y))
    x_label, y_label = (style.coordinate_label(mean[name]) for name in (x, y))
    for axes, (title, values, lost, known, of) in zip(grid.flat, panels, strict=False):
        image = axes.imshow(
            np.ma.masked_invalid(values),
            norm=norm,
            cmap=cmap,
            aspect="auto",
            origin="lower",
            interpolation="nearest",
        )
        for j, i in zip(*np.nonzero(lost), strict=True):
            cell = Rectangle((i - 0.5, j - 0.5), 1, 1, hatch="/////", lw=0, zorder=1)
            cell.set(facecolor=style.MISSING, edgecolor="0.45")
            axes.add_patch(cell)
        _counts(axes, known, of, room=0.6 * width / columns / known.shape[1])
        axes.set_title(title)
        _ticks(axes.xaxis, x_labels, most=4 if columns > 1 else 8)
        _ticks(axes.yaxis, y_labels, most=8)
        axes.tick_params(length=0)
    for k in range(len(panels), grid.size):
        grid.flat[k].set_axis_off()
        above = grid[-2, k % columns]
        above.tick_params(labelbottom=True)
        above.set_xlabel(x_label)
    # Fixed ticks: constrained layout measures the bar before its ticks adapt to the new size.
    ticks = MaxNLocator(8).tick_values(*image.get_clim())
    ticks = ticks[(ticks >= image.norm.vmin) & (ticks <= image.norm.vmax)]
    bar = figure.colorbar(image, ax=grid, fraction=0.05, pad=0.02, aspect=30, ticks=ticks)
    # A map of one row is lower than most labels are long.
    measured = label if units == "1" else f"{label} ({units})"
    bar.set_label("\n".join(wrap(measured, int(15 * (height - 0.5)))))
    bar.outline.set_linewidth(0.6)
    for axes in grid[-1]:
        axes.set_xlabel(x_label)
    for axes in grid[:, 0]:
        axes.set_ylabel(y_label)
    heading = [label, *wrap(", ".join(cut) or "single values", int(16 * width))]
    figure.suptitle("\n".join(heading), fontsize=8)
    if isinstance(dataset, xr.DataTree) and (words := origin({metric: dataset})):
        style.note(figure, f"{words}{_hatched(panels)}")
    return figure


def _hatched(panels: Sequence[_Panel]) -> str:
    """What hatching means, where there is any."""
    return " Hatched: no run has a finite value." if any(p.lost.any() for p in panels) else ""


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
    if array[axis].dtype.kind in "OTU":
        return array
    return array.sortby(axis, ascending=not (upward and axis == "negative_slope"))


def _layers(
    array: xr.DataArray, mixed: Sequence[str] | None
) -> tuple[xr.DataArray, xr.DataArray | None]:
    """The array with layers by name where networks differ in them, and which networks have each.

    Where the layer is an axis of the map, `mixed` are the dims over which a mean is taken; only
    means over networks that differ need names, others stay at the layer's number.
    """
    names = array.coords.get("layer_name")
    if names is None or names.dims == ("layer",):
        return array, None
    if mixed is not None and not set(names.dims) & set(mixed):
        return array, (names != BEYOND).reset_coords(drop=True)
    array, there = by_name(array)
    words = np.array([_words(name) for name in array["layer"].values], dtype=object)
    return array.assign_coords(layer=words), there.assign_coords(layer=words)


def _share_lost(status: xr.DataArray) -> xr.DataArray:
    """1 where a run is not ok, 0 where it is: the mean is a share, the code of a status is not."""
    lost = (status != selecting.STATUS_OK).astype("float32")
    return lost.rename("status").assign_attrs(long_name="share of runs that are not ok", units="1")


def _mean(array: xr.DataArray, averaged: Sequence[str], there: xr.DataArray | None) -> xr.DataArray:
    """Mean of what is finite, with the coordinates `known`, how many values each mean counts,
    `of`, how many there could be, and `there`, whether there could be any.

    Of networks without a layer nothing is missing.
    """
    known = counted(array, averaged)
    possible = xr.ones_like(array, dtype=bool) if there is None else there.broadcast_like(array)
    return array.mean(averaged, skipna=True).assign_coords(
        known=known, of=possible.sum(averaged), there=possible.any(averaged)
    )


def _counts_told(mean: xr.DataArray) -> str:
    """As "4 to 6 of 6 values": the least and the most that a mean counts, of those it could."""
    known, of = mean["known"].values[mean["there"]], mean["of"].values[mean["there"]]
    if len(set(of)) == 1:
        return count_told(mean["known"].where(mean["there"], of.max()), int(of.max()))
    return f"{known.min()} to {known.max()} of up to {of.max()} values"


def _counts(axes: Axes, known: np.ndarray, of: np.ndarray, room: float) -> None:
    """In the corner of each cell that lacks some of its values, how many it has.

    Nothing where cells, `room` inches wide, are too narrow to read it: the title says it of all.
    """
    if room < _DIGIT * (2 * len(str(of.max(initial=0))) + 1):
        return
    for j, i in zip(*np.nonzero((known > 0) & (known < of)), strict=True):
        axes.annotate(
            f"{known[j, i]}/{of[j, i]}",
            (i + 0.46, j + 0.44),
            ha="right",
            va="top",
            fontsize=style.SMALLEST,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
            gid="known",
        )


def _words(name: str) -> str:
    return str(name).replace("_", " ")


class _Panel(NamedTuple):
    """Over (y, x): means; which of them a network with such a layer lacks; how many values each
    counts, and of how many."""

    title: str
    values: np.ndarray
    lost: np.ndarray
    known: np.ndarray
    of: np.ndarray


def _panels(mean: xr.DataArray, x: str, y: str, *, numbered: bool) -> list[_Panel]:
    """One panel a layer; affine maps, whose places count nothing, go by their names alone."""
    known, of = mean["known"].transpose(*mean.dims), mean["of"].transpose(*mean.dims)
    lost = (mean["there"] & ~np.isfinite(mean)).transpose(*mean.dims)
    each = (mean, lost, known, of)
    if "layer" not in mean.dims or "layer" in (x, y):
        return [_Panel("", *(array.values for array in each))]
    names = mean["layer_name"].values if "layer_name" in mean.coords else None
    panels = []
    for i, layer in enumerate(mean["layer"].values):
        title = f"layer {layer}" if names is None else f"{layer}: {_words(names[i])}"
        if isinstance(layer, str):
            title = layer
        elif names is not None and not numbered:
            title = _words(names[i])
        panels.append(_Panel(title, *(array.isel(layer=i).values for array in each)))
    return panels


def _colours(values: np.ndarray) -> tuple[Normalize, Colormap]:
    """One scale for all panels: sequential, or diverging about zero where both signs occur."""
    from cmcrameri import cm

    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if low < 0 < high:
        reach = max(-low, high)
        return Normalize(-reach, reach), cm.vik
    return Normalize(low, high if high > low else low + 1.0), cm.batlow


def _ticks(axis: XAxis | YAxis, labels: list[str], *, most: int) -> None:
    """All labels where they fit; otherwise every second, third, …"""
    longest = max(map(len, labels))
    room = max(2, most * 4 // max(longest, 3)) if axis.axis_name == "x" else most
    step = -(-len(labels) // room) if len(labels) > room else 1
    axis.set_ticks(range(0, len(labels), step), labels[::step])
