"""What four theories say of every hidden layer of the same trained networks.

    load      d_l = D_{l−1} − D_l, how much layer l adds to data separation (spring–block theory)
    alignment A_l of the layer's tangent kernel with the labels (signal propagation)
    nfc       C-NFC of the layer's map (feature learning as alignment)
    angle     θ_l between what layer l's features do and minus their gradient (feature speed)

All at the end of training, means over seeds, of networks over dropout and negative slope. Beyond
the papers. Networks are compared by ranks: over cells of the grid and layers together, and over
cells by each theory's `tilt`, how much more of it deep layers have than shallow ones.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import xarray as xr

from layeratlas.cubes import selecting
from layeratlas.papers.nfa import curves

__all__ = [
    "EXPERIMENT",
    "THEORIES",
    "Related",
    "by_seed",
    "correlations_over_grid",
    "related",
    "shuffled",
    "theories",
    "tilt",
]

EXPERIMENT = "four_theories"
#: Names of the theories' numbers.
THEORIES = ("load", "alignment", "nfc", "angle")
_NOISE, _SLOPE = "dropout", "negative_slope"
_RESAMPLES = 2000


@dataclass(frozen=True)
class Related:
    """Spearman's correlation of two theories with its 95 % interval over resampled cells."""

    first: str
    second: str
    value: float
    low: float
    high: float
    cells: int

    @property
    def beyond_zero(self) -> float:
        """How far the interval keeps from 0; negative where 0 is inside."""
        return max(self.low, -self.high)


def correlations_over_grid(cube: xr.DataTree) -> xr.Dataset:
    """`uc_nfc`, `c_nfc`, and `beyond_turned`, the latter less what is expected of it with K's
    eigenvectors at random, at the end: (negative_slope, dropout, seed, layer)."""
    centred = _of_maps(cube, "c_nfc")
    turned = _of_maps(cube, "expected_rotated_c_nfc")
    return xr.Dataset(
        {"uc_nfc": _of_maps(cube, "uc_nfc"), "c_nfc": centred, "beyond_turned": centred - turned}
    )


def _of_maps(cube: xr.DataTree, variable: str) -> xr.DataArray:
    """A number of every hidden layer's map at the end, (negative_slope, dropout, seed, layer)."""
    return _hidden(curves.at(curves.curve(cube, variable), "final"), 1)


def _hidden(values: xr.DataArray, first: int) -> xr.DataArray:
    """Without the read-out, `layer` counted from `first`.

    Slopes ascend and noise falls, as the published diagram has them.
    """
    own = values.isel(layer=slice(0, -1)).drop_vars("layer_name", errors="ignore")
    own = own.assign_coords(layer=np.arange(first, first + own.sizes["layer"]))
    own = own.sortby(_SLOPE).sortby(_NOISE, ascending=False)
    return own.transpose(_SLOPE, _NOISE, "seed", "layer")


def theories(cube: xr.DataTree) -> xr.Dataset:
    """Numbers of all `THEORIES`, (negative_slope, dropout, layer), and `test_accuracy` without it.

    NaN of a cell of which any seed was lost.
    """
    found = by_seed(cube)
    means = found.mean("seed", skipna=False)
    right = curves.at(curves.evaluated(cube, "test_accuracy"), "final").mean("seed", skipna=False)
    return means.assign(test_accuracy=right.reset_coords(drop=True))


def by_seed(cube: xr.DataTree) -> xr.Dataset:
    """Numbers of all `THEORIES` of every run, (negative_slope, dropout, seed, layer)."""
    separation, angle = (
        _hidden(_layered(cube, name), 0) for name in ("data_separation", "backward_feature_angle")
    )
    found = {
        "load": -separation.diff("layer"),
        "alignment": _of_maps(cube, "alignment"),
        "nfc": _of_maps(cube, "c_nfc"),
        "angle": angle.isel(layer=slice(1, None)),
    }
    return xr.Dataset({name: v.reset_coords(drop=True) for name, v in found.items()})


def _layered(cube: xr.DataTree, variable: str) -> xr.DataArray:
    array = selecting.final(selecting.recorded(cube, variable))
    return array.sortby("layer").astype("float64").load()


def tilt(values: xr.DataArray) -> xr.DataArray:
    """Mean over the deeper half of layers less that over the shallower half.

    Of an odd number of layers the middle one is in neither.
    """
    half = values.sizes["layer"] // 2
    deep, shallow = values.isel(layer=slice(-half, None)), values.isel(layer=slice(0, half))
    return deep.mean("layer", skipna=False) - shallow.mean("layer", skipna=False)


def related(found: xr.Dataset, *, tilts: bool) -> list[Related]:
    """Every pair of theories, over cells by their tilts, or over cells and layers together.

    The interval is of percentiles over cells drawn with replacement, always the same draws; layers
    of one cell stay together.
    """
    columns = {name: _columns(found[name], tilts=tilts) for name in THEORIES}
    known = np.isfinite(np.concatenate([*columns.values()], 1)).all(1)
    columns = {name: values[known] for name, values in columns.items()}
    cells = int(known.sum())
    draw = np.random.default_rng(0).integers(cells, size=(_RESAMPLES, cells)) if cells else None
    made = []
    for first, second in itertools.combinations(THEORIES, 2):
        a, b = columns[first], columns[second]
        if draw is None or cells < 3:
            made.append(Related(first, second, np.nan, np.nan, np.nan, cells))
            continue
        value = _spearman(a.reshape(1, -1), b.reshape(1, -1))[0]
        each = _spearman(a[draw].reshape(_RESAMPLES, -1), b[draw].reshape(_RESAMPLES, -1))
        low, high = np.nanpercentile(each, [2.5, 97.5])
        made.append(Related(first, second, float(value), float(low), float(high), cells))
    return made


def shuffled(found: xr.Dataset, *, tilts: bool, draws: int = 200) -> dict[tuple[str, str], float]:
    """The control: 95th percentile of |Spearman| of every pair with the cells of one shuffled."""
    columns = {name: _columns(found[name], tilts=tilts) for name in THEORIES}
    known = np.isfinite(np.concatenate([*columns.values()], 1)).all(1)
    stream = np.random.default_rng(1)
    made = {}
    for first, second in itertools.combinations(THEORIES, 2):
        a, b = columns[first][known], columns[second][known]
        if len(a) < 3:
            made[first, second] = np.nan
            continue
        order = np.array([stream.permutation(len(a)) for _ in range(draws)])
        left = np.broadcast_to(a.reshape(1, -1), (draws, a.size))
        each = _spearman(left, b[order].reshape(draws, -1))
        made[first, second] = float(np.nanpercentile(np.abs(each), 95))
    return made


def _columns(values: xr.DataArray, *, tilts: bool) -> np.ndarray:
    """(cell, number)."""
    if tilts:
        return tilt(values).values.reshape(-1, 1)
    return values.transpose(_SLOPE, _NOISE, "layer").values.reshape(-1, values.sizes["layer"])


def _spearman(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Of rows, ties averaged; NaN where either is constant."""
    from scipy.stats import rankdata

    ranks = [rankdata(x, axis=1) for x in (a, b)]
    x, y = (rank - rank.mean(1, keepdims=True) for rank in ranks)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (x * y).sum(1) / np.sqrt((x * x).sum(1) * (y * y).sum(1))
