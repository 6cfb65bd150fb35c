"""Reductions of probes that figures, claims and a person in a notebook share.

Symbols follow Chizat and Netrapalli, *The Feature Speed Formula* (arXiv 2311.18718): depth L counts
weight matrices, v = 1 … L features, β the branch scale, c = β √L, S_v the sensitivity. Numbers come
back in ascending order of every numeric axis, however the cube stores it.

>>> cube = layeratlas.open_cube("results/laptop/cubes/bfa_depth.zarr.zip")
>>> last_hidden(quantity(cube, "backward_feature_angle"))      # (branch_rule, depth, seed)
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from layeratlas.cubes import selecting
from layeratlas.cubes.told import told_setting as setting
from layeratlas.errors import LayerAtlasError
from layeratlas.networks.scalings import branch_scale
from layeratlas.papers.feature_speed import theory
from layeratlas.probes.variables import DERIVATIVES

__all__ = [
    "LARGE_C",
    "ascending",
    "axis",
    "branch_scales",
    "cos_theory",
    "depths",
    "large_c_slope",
    "last_hidden",
    "log_slope",
    "quantity",
    "setting",
]


def axis(cube: xr.DataTree, name: str) -> list[Any]:
    """Values of a grid axis: numbers ascending, names as the experiment lists them."""
    return ascending(cube["/"].to_dataset()[name]).values.tolist()


def ascending(array: xr.DataArray) -> xr.DataArray:
    """The array with numeric axes in ascending order."""
    numeric = [dim for dim in array.dims if dim in array.indexes and _is_number(array[dim])]
    return array.sortby(numeric) if numeric else array


def _is_number(coordinate: xr.DataArray) -> bool:
    return coordinate.dtype.kind in "iuf"


def quantity(cube: xr.DataTree, name: str, derivative: str = "exact") -> xr.DataArray:
    """A variable of a probe, loaded, NaN for runs that did not finish.

    `derivative`: of what has two, the `exact` one or that of the `finite_step`. LayerAtlasError
    where the probe took no finite step.
    """
    array = selecting.recorded(cube, name)
    if "derivative" in array.dims:
        known = [str(kind) for kind in array["derivative"].values]
        if derivative not in known:
            raise LayerAtlasError(
                f"{name}: derivative {derivative!r} was not recorded; recorded: {known}, known: "
                f"{DERIVATIVES}"
            )
        array = array.isel(derivative=known.index(derivative), drop=True)
    return ascending(array.load())


def last_hidden(array: xr.DataArray) -> xr.DataArray:
    """A quantity (…, depth, …, layer) at layer L − 1, before the output, of every depth L.

    What else depends on the layer, such as its name, is dropped. LayerAtlasError without the grid
    axis depth.
    """
    if "depth" not in array.dims:
        raise LayerAtlasError(f"the last hidden layer needs the grid axis depth; got {array.dims}")
    depths = array["depth"]
    names = [name for name, c in array.coords.items() if "layer" in c.dims and name != "layer"]
    chosen = array.drop_vars(names).sel(depth=depths, layer=depths - 1)
    return chosen.drop_vars("layer", errors="ignore")


def depths(cube: xr.DataTree) -> xr.DataArray:
    """Depth L at each point of the grid, whether it is an axis or a fixed setting."""
    root = cube["/"].to_dataset()
    depth = root["depth"] if "depth" in root.coords else setting(cube, "model.depth")
    return ascending(xr.zeros_like(root["status"].isel(seed=0, drop=True), dtype=int) + depth)


def branch_scales(cube: xr.DataTree) -> xr.DataArray:
    """β at each point of the grid, rules of depth resolved; 1 for an MLP."""
    depth, root = depths(cube), cube["/"].to_dataset()
    for rule in ("branch_rule", "branch_scale"):
        if rule in root.coords:
            return xr.apply_ufunc(branch_scale, ascending(root[rule]), depth, vectorize=True)
    family = setting(cube, "model.family")
    fixed = 1.0 if family == "mlp" else setting(cube, "model.branch_scale")
    return xr.apply_ufunc(lambda L: branch_scale(fixed, L), depth, vectorize=True).astype(float)


def cos_theory(beta: float, trained: int) -> np.ndarray:
    """Closed form of cos θ after 1 … `trained` layers of the ReLU network of branch scale β.

    `(trained,)`; β = 1 is the MLP. Source and errors: `layeratlas.papers.feature_speed.theory`.
    """
    if beta == 1:
        return theory.cos_relu_mlp(np.arange(1, trained + 1))
    return theory.cos_relu_resnet(trained, beta)


def log_slope(array: xr.DataArray, dim: str, x: xr.DataArray | None = None) -> xr.DataArray:
    """Least-squares slope of ln y against ln x along `dim`; x is by default its coordinate.

    NaN unless all y are positive numbers.
    """
    log_x = xr.ufuncs.log((array[dim] if x is None else x).astype("float64"))
    y = xr.ufuncs.log(array.astype("float64").where(array > 0))
    away = log_x - log_x.mean(dim)
    return ((away * y).sum(dim, skipna=False) / (away**2).sum(dim)).rename("log_slope")


#: Range of c over which its decay is fitted.
LARGE_C = (2.0, 20.0)


def large_c_slope(cos: xr.DataArray, depth: int) -> float:
    """Log–log slope of the mean cos θ in c at one depth, c within `LARGE_C`; NaN of one point."""
    mean = cos.sel(depth=depth).mean("seed")
    c = np.sqrt(depth) * mean["branch_scale"]
    part = mean.where((c >= LARGE_C[0]) & (c <= LARGE_C[1]), drop=True)
    return float(log_slope(part, "branch_scale"))
