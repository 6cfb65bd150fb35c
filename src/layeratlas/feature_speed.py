"""Reductions of probe cubes that figures, claims and a person in a notebook share.

Symbols follow Chizat and Netrapalli, *The Feature Speed Formula* (arXiv 2311.18718): depth L counts
weight matrices, v = 1 … L features, β the branch scale, c = β √L, S_v the sensitivity.

>>> cube = layeratlas.open_cube("results/laptop/cubes/bfa_depth.zarr.zip")
>>> last_hidden(quantity(cube, "backward_feature_angle"), cube)      # (branch_rule, depth, seed)
"""

from __future__ import annotations

import json

import numpy as np
import xarray as xr

from layeratlas import analysis
from layeratlas.errors import LayerAtlasError
from layeratlas.probes.variables import DERIVATIVES
from layeratlas.scalings import branch_scale
from layeratlas.theory import feature_speed as theory

__all__ = [
    "LARGE_C",
    "branch_scales",
    "contributions",
    "cos_theory",
    "depths",
    "exponents",
    "large_c_slope",
    "last_hidden",
    "log_slope",
    "quantity",
    "setting",
]


def setting(cube: xr.DataTree, name: str):
    """A fixed setting of the cube's experiment by dotted name, e.g. `model.width`.

    LayerAtlasError where the cube does not tell it.
    """
    node = json.loads(cube.attrs.get("settings", "{}"))
    for part in name.split("."):
        if not isinstance(node, dict) or part not in node:
            raise LayerAtlasError(f"the cube does not tell its setting {name}")
        node = node[part]
    return node


def quantity(cube: xr.DataTree, name: str, derivative: str = "exact") -> xr.DataArray:
    """A variable of a probe, loaded, NaN for runs that did not finish.

    `derivative`: of what has two, the `exact` one or that of the `finite_step`. LayerAtlasError
    where the probe took no finite step.
    """
    array = analysis.recorded(cube, name)
    if "derivative" in array.dims:
        known = [str(kind) for kind in array["derivative"].values]
        if derivative not in known:
            raise LayerAtlasError(
                f"{name}: derivative {derivative!r} was not recorded; recorded: {known}, known: "
                f"{DERIVATIVES}"
            )
        array = array.isel(derivative=known.index(derivative), drop=True)
    return array.load()


def last_hidden(array: xr.DataArray, cube: xr.DataTree) -> xr.DataArray:
    """Value at feature L − 1 of each run, whose depth L may differ from run to run."""
    layer = cube["/"].to_dataset()["n_layers"].load() - 2
    chosen = array.sel(layer=layer.fillna(0).astype(int)).drop_vars("layer")
    return chosen.drop_vars("layer_name", errors="ignore").where(layer.notnull())


def depths(cube: xr.DataTree) -> xr.DataArray:
    """Depth L of each point of the grid; a single number where depth is no axis."""
    return (cube["/"].to_dataset()["n_layers"].load() - 1).max("seed").astype(int)


def branch_scales(cube: xr.DataTree) -> xr.DataArray:
    """β at each point of the grid, rules of depth resolved; 1 for an MLP."""
    depth, root = depths(cube), cube["/"].to_dataset()
    for axis in ("branch_rule", "branch_scale"):
        if axis in root.coords:
            return xr.apply_ufunc(branch_scale, root[axis], depth, vectorize=True)
    family = setting(cube, "model.family")
    rule = 1.0 if family == "mlp" else setting(cube, "model.branch_scale")
    return xr.apply_ufunc(lambda L: branch_scale(rule, L), depth, vectorize=True).astype(float)


def cos_theory(beta: float, trained: int) -> np.ndarray:
    """Closed form of cos θ after 1 … `trained` layers of the ReLU network with branch scale β."""
    if beta == 1:
        return theory.cos_relu_mlp(np.arange(1, trained + 1))
    return theory.cos_relu_resnet(trained, beta)


def log_slope(y: xr.DataArray, dim: str, x: xr.DataArray | None = None) -> xr.DataArray:
    """Least-squares slope of ln y against ln x along `dim`; x is the dimension's coordinate.

    Points that are not finite and positive are left out; NaN with fewer than two.
    """
    x = y[dim] if x is None else x
    log_x, log_y = xr.broadcast(np.log(x.astype(float)), np.log(y.where(y > 0)))
    good = np.isfinite(log_x) & np.isfinite(log_y)
    log_x, log_y = log_x.where(good), log_y.where(good)
    log_x, log_y = log_x - log_x.mean(dim), log_y - log_y.mean(dim)
    square = (log_x**2).sum(dim)
    return (log_x * log_y).sum(dim) / square.where((good.sum(dim) > 1) & (square > 0))


#: Range of c over which its decay is fitted.
LARGE_C = (2.0, 20.0)


def large_c_slope(cos: xr.DataArray, depth: int) -> float:
    """Log–log slope of the mean cos θ in c at one depth, c within `LARGE_C`; NaN of one point."""
    mean = cos.sel(depth=depth).mean("seed")
    c = np.sqrt(depth) * mean["branch_scale"]
    part = mean.where((c >= LARGE_C[0]) & (c <= LARGE_C[1]), drop=True)
    return float(log_slope(part, "branch_scale"))


def exponents(cube: xr.DataTree, at: Mapping[str, object]) -> dict[str, tuple[float, float]]:
    """Measured exponents in (L at the largest width, m at depth 10) of the medians over draws.

    Keys as in `theory.EXPONENTS`: sensitivity, loss decay, speed of the last hidden feature.
    """
    loss = -quantity(cube, "loss_change")
    quantities = {
        "S": last_hidden(quantity(cube, "sensitivity"), cube),
        "loss": loss,
        "speed": last_hidden(quantity(cube, "feature_velocity"), cube),
    }
    found = {}
    for name, values in quantities.items():
        median = values.sel(**at).median("seed")
        widest = median.sel(width=median["width"].max())
        found[name] = (
            float(log_slope(widest, "depth")),
            float(log_slope(median.sel(depth=10), "width")),
        )
    return found


def contributions(cube: xr.DataTree, at: Mapping[str, object]) -> tuple[float, float, float]:
    """Median over draws of L C_l of the input, the hidden (median over layers), the output."""
    C = quantity(cube, "contribution").sel(**at)
    depth = C.sizes["layer"] - 1 if "depth" not in at else int(at["depth"])
    C = depth * C
    parts = (C.sel(layer=1), C.sel(layer=slice(2, depth - 1)).median("layer"), C.sel(layer=depth))
    return tuple(float(part.median("seed")) for part in parts)
