"""Reductions of cubes that figures, claims and a person in a notebook share.

Every function takes and returns labelled arrays; none takes an axis number. Symbols follow
Shi, Pan and Dokmanić, *Spring-block theory of feature learning in deep neural networks*
(arXiv 2407.19353):

    D_l    data separation after layer l; smaller is better separated; l = 0 is the input
    d_l    load of layer l, d_l = D_{l-1} − D_l
    L'     last layer of the load curve; the logits are no part of it, so L' = 7 in the paper
    v, c   standard deviation of the loads; first load minus last
    CI     convexity index of the load curve D_0 … D_L'

A curve below its chord is convex (CI > 0): shallow layers carry the load. A curve above it is
concave (CI < 0): deep layers carry it.

>>> cube = layeratlas.open_cube("results/laptop/cubes/phase_diagram_dropout.zarr.zip")
>>> convexity_index(load_curve(cube))           # (dropout, negative_slope)
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from pathlib import Path

import numpy as np
import xarray as xr

from layeratlas.errors import LayerAtlasError

STATUS_OK = 0

#: Axes that set how stochastic training is, and whether a larger value means more noise.
NOISE_GROWS_WITH_VALUE = {
    "data_noise": True,
    "learning_rate": True,
    "dropout": True,
    "batch_size": False,
    "noise_strength": True,
}

#: Dimensions that count time: epochs of a training, steps of a simulation.
MOMENTS = ("epoch", "step")

#: Dimensions of a cube that are no axis of its grid.
NOT_GRID = ("seed", *MOMENTS, "batch_norm_mode", "derivative", "layer", "mode")

#: The batch-norm mode of the published figure: evaluation with running statistics.
PUBLISHED_BATCH_NORM_MODE = "running_statistics"


#: Rows of the published phase diagram, top to bottom, and the columns of its panels, left to right.
PUBLISHED_SLOPES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
PUBLISHED_COLUMNS = {
    "data_noise": (0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0),
    "learning_rate": (2e-1, 1e-1, 5e-2, 1e-2, 5e-3, 1e-3, 5e-4, 1e-4),
    "dropout": (0.28, 0.24, 0.20, 0.16, 0.12, 0.08, 0.04, 0.0),
    "batch_size": (10, 20, 40, 80, 160, 320, 640, 1280),
}


# ---------------------------------------------------------------------------------------------
# From a cube to the quantities of a figure
# ---------------------------------------------------------------------------------------------


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


def load_curve(
    dataset: xr.DataTree | xr.Dataset,
    *,
    variable: str = "data_separation",
    epoch: float | None = None,
    step: int | None = None,
    batch_norm_mode: str = PUBLISHED_BATCH_NORM_MODE,
    keep_epochs: bool = False,
    over: Hashable | Iterable[Hashable] | None = "seed",
) -> xr.DataArray:
    """Load curve D_l, l = 0 … L', averaged over seeds *before* any normalisation.

    `dataset` is a cube or its `layers` node. The logits are dropped; the springs' counterpart of
    D_l, `variable="spring_separation"`, has none. Time is chosen as in `final`. A run counts in
    the mean only if all layers of its curve are finite, so that every point of a mean curve is a
    mean over the same runs; a cell without such a run is NaN. `over=None` keeps the runs apart.

    Returns (…, layer), without unit. Source: arXiv 2407.19353, figure "phase diagram".
    """
    layers = _node(dataset, "layers")
    curve = final(
        _variable(layers, variable),
        epoch=epoch,
        step=step,
        batch_norm_mode=batch_norm_mode,
        keep_epochs=keep_epochs,
    )
    curve = _only_finished(curve, dataset)
    if "layer_name" in curve.coords:
        names = [str(name) for name in curve["layer_name"].values]
        curve = curve.isel(layer=[i for i, name in enumerate(names) if name != "logits"])
    else:
        curve = curve.isel(layer=slice(None, -1))
    curve = curve.where(np.isfinite(curve).all("layer"))
    if over is not None:
        curve = curve.mean(over, skipna=True, keep_attrs=True)
    return curve.rename(variable)


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


# ---------------------------------------------------------------------------------------------
# Functions of a load curve
# ---------------------------------------------------------------------------------------------


def convexity_index(separation: xr.DataArray, dim: Hashable = "layer") -> xr.DataArray:
    """Mean signed distance of a load curve below its chord, in units of its range.

        chord_l = D_0 + (D_L' − D_0) · l / L'
        CI      = mean_l( chord_l − D_l ) / ( max_l D_l − min_l D_l )

    CI > 0 convex, CI < 0 concave, |CI| ≤ 0.02 straight for practical purposes. Invariant under
    D → aD + b with a > 0, hence computable from range-normalised published curves. NaN where the
    curve is constant or has a missing point. Dimensionless; drops `dim`; lazy on lazy input.
    """
    D = _finite(separation)
    D_0, D_last = D.isel({dim: 0}, drop=True), D.isel({dim: -1}, drop=True)
    chord = D_0 + (D_last - D_0) * _position(D, dim)
    below_chord = (chord - D).mean(dim, skipna=False)
    spread = _spread(D, dim)
    return (
        (below_chord / spread.where(spread > 0))
        .rename("convexity_index")
        .assign_attrs(long_name="convexity index of the load curve", units="1")
    )


def loads(separation: xr.DataArray, dim: Hashable = "layer") -> xr.DataArray:
    """Loads d_l = D_{l−1} − D_l, labelled by the layer l that carries them; they sum to
    D_0 − D_L'."""
    return (-separation.diff(dim, label="upper")).rename("load")


def load_uniformity(separation: xr.DataArray, dim: Hashable = "layer") -> xr.DataArray:
    """Population standard deviation v of the loads of the range-normalised curve.

        v = std_l( d_l ) / ( max_l D_l − min_l D_l )

    0 when every layer carries the same load; larger is *less* uniform. NaN where the curve is
    constant or has a missing point.
    """
    D = _finite(separation)
    spread = _spread(D, dim)
    return (
        (loads(D, dim).std(dim, ddof=0, skipna=False) / spread.where(spread > 0))
        .rename("load_uniformity")
        .assign_attrs(long_name="standard deviation of the normalised loads", units="1")
    )


def second_difference_sum(separation: xr.DataArray, dim: Hashable = "layer") -> xr.DataArray:
    """Sum of the second differences of a load curve, c = d_1 − d_L' (the sum telescopes).

    Positive for convex curves. It sees the first and the last load only: prefer
    `convexity_index`, and use this one to compare with the authors' records.
    """
    d = loads(separation.astype("float64"), dim)
    return (d.isel({dim: 0}, drop=True) - d.isel({dim: -1}, drop=True)).rename(
        "second_difference_sum"
    )


def range_normalised(separation: xr.DataArray, dim: Hashable = "layer") -> xr.DataArray:
    """The curve rescaled to [0, 1] by its own minimum and maximum, as the figure draws it."""
    D = _finite(separation)
    spread = _spread(D, dim)
    return (D - D.min(dim, skipna=False)) / spread.where(spread > 0)


# ---------------------------------------------------------------------------------------------
# The noise axis
# ---------------------------------------------------------------------------------------------


def grid_axes(dataset: xr.DataTree | xr.Dataset | xr.DataArray) -> tuple[str, ...]:
    """Names of the grid axes, in their order, without seed, epoch, layer and their like."""
    if isinstance(dataset, xr.DataTree):
        dataset = dataset["/"].to_dataset()
    dims = dataset.dims if isinstance(dataset, xr.DataArray) else dataset.sizes
    return tuple(str(dim) for dim in dims if dim not in NOT_GRID)


def noise_axis(dataset: xr.DataTree | xr.Dataset | xr.DataArray) -> str:
    """The one axis of the grid that sets how stochastic the dynamics are."""
    found = [axis for axis in grid_axes(dataset) if axis in NOISE_GROWS_WITH_VALUE]
    if len(found) != 1:
        raise LayerAtlasError(
            f"expected one noise axis of {sorted(NOISE_GROWS_WITH_VALUE)} in the grid, "
            f"found {found or 'none'} among {list(grid_axes(dataset))}"
        )
    return found[0]


def noise_rank(coordinate: xr.DataArray) -> xr.DataArray:
    """Rank of each value of a noise axis: 0 is the least stochastic.

    A smaller batch is noisier; for data noise, dropout and learning rate a larger value is.
    """
    name = str(coordinate.name)
    if name not in NOISE_GROWS_WITH_VALUE:
        raise LayerAtlasError(f"{name!r} is no noise axis; one of {sorted(NOISE_GROWS_WITH_VALUE)}")
    values = coordinate.values if NOISE_GROWS_WITH_VALUE[name] else -coordinate.values
    rank = np.argsort(np.argsort(values))
    return coordinate.copy(data=rank).rename("noise_rank").assign_attrs(units="1")


def order_by_noise(array: xr.DataArray, *, noisiest_first: bool = False) -> xr.DataArray:
    """The array with its noise axis sorted from least to most stochastic (or the reverse)."""
    axis = noise_axis(array)
    order = np.argsort(noise_rank(array[axis]).values)
    return array.isel({axis: order[::-1] if noisiest_first else order})


# ---------------------------------------------------------------------------------------------
# Statistics
# ---------------------------------------------------------------------------------------------


def spearman(a: xr.DataArray, b: xr.DataArray, dim: Hashable | Iterable[Hashable]) -> xr.DataArray:
    """Spearman's rank correlation of `a` and `b` over one or several dims (scipy, ties averaged).

    NaN where either has a missing value or is constant.
    """
    dims = [dim] if isinstance(dim, str) else list(dim)
    a, b = xr.broadcast(*xr.align(a, b, join="exact"))

    def of_vectors(x: np.ndarray, y: np.ndarray) -> float:
        from scipy import stats

        x, y = x.ravel(), y.ravel()
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            return np.nan
        if np.ptp(x) == 0 or np.ptp(y) == 0:
            return np.nan
        return float(stats.spearmanr(x, y).statistic)

    result = xr.apply_ufunc(
        of_vectors,
        a,
        b,
        input_core_dims=[dims, dims],
        vectorize=True,
        output_dtypes=[float],
    )
    return result.rename("spearman").assign_attrs(long_name="Spearman correlation", units="1")


# ---------------------------------------------------------------------------------------------
# The published phase diagram
# ---------------------------------------------------------------------------------------------


def published_phase_diagram(path: str | Path) -> xr.Dataset:
    """Panels a and c of the published phase diagram, digitised from its vector graphics.

    Returns `separation_normalised` (panel, noise_position, negative_slope, layer), each curve
    rescaled to its own range, and `test_accuracy_percent` (panel, noise_position,
    negative_slope). `noise_position` counts columns from left to right, noisiest first;
    `noise_value` (panel, noise_position) and `noise_axis` (panel) say what they are.
    Use `published_panel` for one panel with its own noise axis.
    """
    import pandas as pd

    table = pd.read_csv(path)
    panels = []
    for panel, rows in table.groupby("panel", sort=True):
        values = np.sort(rows["noise_value"].unique())[::-1]
        rows = rows.assign(noise_position=np.searchsorted(-values, -rows["noise_value"]))
        index = ["noise_position", "negative_slope", "layer"]
        curves = rows.set_index(index)["separation_normalised"].to_xarray()
        shades = rows.groupby(index[:2])["test_accuracy_percent"].first().to_xarray()
        if bool(curves.isnull().any()):
            raise LayerAtlasError(f"{path}: panel {panel} is incomplete")
        panels.append(
            xr.Dataset(
                {
                    "separation_normalised": curves,
                    "test_accuracy_percent": shades,
                }
            ).assign_coords(
                panel=str(panel),
                noise_axis=str(rows["noise_axis"].iloc[0]),
                noise_value=("noise_position", values),
            )
        )
    diagram = xr.concat(panels, dim="panel", coords="different", compat="equals")
    return diagram.assign_attrs(
        title="Noise–nonlinearity phase diagram, published values",
        source="digitised from the vector figure of arXiv 2407.19353",
    )


def published_panel(published: xr.Dataset, axis: str) -> xr.Dataset:
    """One panel of `published_phase_diagram`, its columns labelled by the values of `axis`."""
    axes = [str(name) for name in published["noise_axis"].values]
    if axis not in axes:
        raise LayerAtlasError(f"no published panel over {axis!r}; there are {axes}")
    panel = published.isel(panel=axes.index(axis), drop=True)
    return (
        panel.assign_coords({axis: ("noise_position", panel["noise_value"].values)})
        .swap_dims(noise_position=axis)
        .drop_vars(["noise_position", "noise_value"])
    )


def compare_with_published(
    cube: xr.DataTree, published: xr.Dataset, *, rtol: float = 1e-5, atol: float = 1e-9
) -> xr.Dataset:
    """Convexity index and accuracy of a cube beside the published ones, cell by cell.

    Cells are matched where both coordinates coincide within the tolerance; all others are left
    out. Returns (cell) with the coordinates of each cell and the variables
    `convexity_index`, `convexity_index_published`, `test_accuracy_percent` and
    `test_accuracy_percent_published`; no cell when nothing coincides.
    """
    axis = noise_axis(cube)
    panel = published_panel(published, axis)
    here = xr.Dataset(
        {
            "convexity_index": convexity_index(load_curve(cube)),
            "test_accuracy_percent": mean_accuracy(cube),
        }
    )
    there = xr.Dataset(
        {
            "convexity_index_published": convexity_index(panel["separation_normalised"]),
            "test_accuracy_percent_published": panel["test_accuracy_percent"],
        }
    )
    extra = [dim for dim in grid_axes(here) if dim not in (axis, "negative_slope")]
    if extra:
        raise LayerAtlasError(f"grid axes {extra} have no published counterpart: select one value")
    pairs = {
        name: _coinciding(here[name].values, there[name].values, rtol, atol)
        for name in (axis, "negative_slope")
    }
    here = here.isel({name: mine for name, (mine, _) in pairs.items()})
    there = there.isel({name: theirs for name, (_, theirs) in pairs.items()})
    there = there.assign_coords({name: here[name] for name in pairs})
    both = xr.merge([here, there], join="exact", compat="override")
    return both.stack(cell=(axis, "negative_slope"), create_index=False).transpose("cell")


# ---------------------------------------------------------------------------------------------
# Networks beside springs
# ---------------------------------------------------------------------------------------------


def spring_table(cube: xr.DataTree) -> xr.DataArray:
    """Convexity index of a spring–block diagram, laid out as the published network diagram.

    Returns (row, column): row 0 has the most friction μ→ (as ReLU is the most nonlinear), column
    0 the strongest noise; both are integer coordinates.
    """
    table = convexity_index(load_curve(cube, variable="spring_separation"))
    axes = [axis for axis in ("friction_right", "friction") if axis in table.dims]
    if len(axes) != 1 or set(grid_axes(table)) != {axes[0], "noise_strength"}:
        raise LayerAtlasError(
            "a spring–block diagram needs the grid axes friction_right (or friction) and "
            f"noise_strength; this one has {list(grid_axes(table))}"
        )
    table = table.sortby([axes[0], "noise_strength"], ascending=False)
    table = table.transpose(axes[0], "noise_strength").compute()
    return xr.DataArray(
        table.values,
        dims=("row", "column"),
        coords={"row": np.arange(table.shape[0]), "column": np.arange(table.shape[1])},
        name="convexity_index",
    )


def beside_springs(convexity: xr.DataArray, springs: xr.DataArray) -> xr.Dataset:
    """Cells of a network's diagram with their counterparts in the springs' table.

    The two diagrams have no common unit, so cells correspond by their place in the published
    6 × 8 layout. Rows: negative slopes 0, 0.2, …, 1 ↔ friction from the most to the least.
    Columns: the published values of the noise axis, noisiest first ↔ noise strengths from the
    strongest to none. A smaller grid keeps its places: dropout 0.08 is the sixth of eight
    columns whether or not the others were run. Cells that are not published are left out.

    `convexity` is (noise axis, negative_slope), `springs` the (row, column) of `spring_table`,
    which must be 6 × 8. Returns (cell) with `convexity_index`, `convexity_index_springs` and the
    coordinates `row` and `column`.
    """
    axis = noise_axis(convexity)
    layout = (len(PUBLISHED_SLOPES), len(PUBLISHED_COLUMNS[axis]))
    if springs.shape != layout:
        raise LayerAtlasError(
            f"springs are compared on the published layout of {layout[0]} × {layout[1]} cells; "
            f"this diagram has {springs.shape[0]} × {springs.shape[1]}"
        )
    mine, rows = _coinciding(convexity["negative_slope"].values, PUBLISHED_SLOPES, 1e-5, 1e-9)
    ours, columns = _coinciding(convexity[axis].values, PUBLISHED_COLUMNS[axis], 1e-5, 1e-9)
    table = convexity.transpose("negative_slope", axis)
    network = xr.DataArray(
        table.values[np.ix_(mine, ours)],
        dims=("row", "column"),
        coords={"row": rows, "column": columns},
    )
    both = xr.Dataset(
        {
            "convexity_index": network,
            "convexity_index_springs": springs.isel(row=rows, column=columns),
        }
    )
    return both.stack(cell=("row", "column"), create_index=False).transpose("cell")


# ---------------------------------------------------------------------------------------------


def _coinciding(mine, theirs, rtol: float, atol: float) -> tuple[list[int], list[int]]:
    close = np.isclose(np.asarray(mine, float)[:, None], np.asarray(theirs), rtol=rtol, atol=atol)
    i, j = np.nonzero(close)
    return [int(k) for k in i], [int(k) for k in j]


def _finite(separation: xr.DataArray) -> xr.DataArray:
    """Double precision, so that sums over layers do not add noise; infinities become NaN."""
    D = separation.astype("float64")
    return D.where(np.isfinite(D))


def _spread(D: xr.DataArray, dim: Hashable) -> xr.DataArray:
    return D.max(dim, skipna=False) - D.min(dim, skipna=False)


def _position(D: xr.DataArray, dim: Hashable) -> xr.DataArray:
    """l / L' along `dim`: the place in the curve, whatever the layers are called."""
    fraction = xr.DataArray(np.linspace(0.0, 1.0, D.sizes[dim]), dims=[dim])
    return fraction.assign_coords({dim: D[dim]}) if dim in D.coords else fraction


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
