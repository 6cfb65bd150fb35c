"""Reductions of feature speed that figures, claims and a person in a notebook share.

Symbols follow Chizat and Netrapalli, *The Feature Speed Formula* (arXiv 2311.18718): depth L counts
weight matrices, v = 1 … L features, β the branch scale, c = β √L, S_v the sensitivity.

>>> cube = layeratlas.open_cube("results/laptop/cubes/bfa_depth.zarr.zip")
>>> last_hidden(quantity(cube, "backward_feature_angle"))      # (branch_rule, depth, seed)
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping

import numpy as np
import xarray as xr

from layeratlas.cubes import selecting
from layeratlas.errors import LayerAtlasError
from layeratlas.networks.scalings import branch_scale
from layeratlas.papers.feature_speed import theory
from layeratlas.probes.variables import DERIVATIVES

__all__ = [
    "LARGE_C",
    "along_training",
    "branch_scales",
    "contributions",
    "cos_theory",
    "depths",
    "exponents",
    "large_c_slope",
    "last_hidden",
    "log_slope",
    "optimal_learning_rate",
    "quantity",
    "setting",
    "training_loss",
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
    array = selecting.recorded(cube, name)
    if "derivative" in array.dims:
        known = [str(kind) for kind in array["derivative"].values]
        if derivative not in known:
            raise LayerAtlasError(
                f"{name}: derivative {derivative!r} was not recorded; recorded: {known}, known: "
                f"{DERIVATIVES}"
            )
        array = array.isel(derivative=known.index(derivative), drop=True)
    return array.load()


def last_hidden(array: xr.DataArray) -> xr.DataArray:
    """A quantity (…, depth, …, layer) at layer L − 1, before the output, of every depth L.

    LayerAtlasError without the grid axis depth.
    """
    if "depth" not in array.dims:
        raise LayerAtlasError(f"the last hidden layer needs the grid axis depth; got {array.dims}")
    depths = array["depth"]
    chosen = array.sel(depth=depths, layer=depths - 1)
    return chosen.drop_vars(("layer", "layer_name"), errors="ignore")


def depths(cube: xr.DataTree) -> xr.DataArray:
    """Depth L at each point of the grid, whether it is an axis or a fixed setting."""
    root = cube["/"].to_dataset()
    depth = root["depth"] if "depth" in root.coords else setting(cube, "model.depth")
    return xr.zeros_like(root["status"].isel(seed=0, drop=True), dtype=int) + depth


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
    """Closed form of cos θ after 1 … `trained` layers of the ReLU network of branch scale β.

    `(trained,)`; β = 1 is the MLP. Source and errors: `layeratlas.papers.feature_speed.theory`.
    """
    if beta == 1:
        return theory.cos_relu_mlp(np.arange(1, trained + 1))
    return theory.cos_relu_resnet(trained, beta)


def log_slope(array: xr.DataArray, dim: Hashable, x: xr.DataArray | None = None) -> xr.DataArray:
    """Least-squares slope of ln y against ln x along `dim`; x is by default its coordinate.

    NaN unless all y are positive numbers.
    """
    x = np.log((array[dim] if x is None else x).astype("float64"))
    y = np.log(array.astype("float64").where(array > 0))
    away = x - x.mean(dim)
    return ((away * y).sum(dim, skipna=False) / (away**2).sum(dim)).rename("log_slope")


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
        "S": last_hidden(quantity(cube, "sensitivity")),
        "loss": loss,
        "speed": last_hidden(quantity(cube, "feature_velocity")),
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
    """Median over draws of L C_l of the input, the hidden (median over layers), the output.

    C_l = η_l |G_l|², in units of the loss per unit of step; `at` selects one point of the grid.
    """
    C = quantity(cube, "contribution").sel(**at)
    depth = C.sizes["layer"] - 1 if "depth" not in at else int(at["depth"])
    C = depth * C
    parts = (C.sel(layer=1), C.sel(layer=slice(2, depth - 1)).median("layer"), C.sel(layer=depth))
    return tuple(float(part.median("seed")) for part in parts)


def along_training(cube: xr.DataTree, name: str) -> xr.DataArray:
    """A metric of a gradient step at every checkpoint of a training, float64, loaded.

    NaN for runs that did not finish. LayerAtlasError where the cube has no such metric.
    """
    array = selecting.final(selecting.recorded(cube, name), keep_epochs=True)
    return array.astype("float64").compute()


def training_loss(cube: xr.DataTree) -> xr.DataArray:
    """Loss of each run on the clean training images at the last checkpoint; NaN if it diverged."""
    loss = selecting.final(cube["evaluation"].to_dataset()["train_loss"])
    finished = cube["/"].to_dataset()["status"] == selecting.STATUS_OK
    return loss.where(finished).astype("float64").compute()


def optimal_learning_rate(loss: xr.DataArray, dim: Hashable = "learning_rate") -> xr.DataArray:
    """Where a loss curve is lowest: the vertex of the parabola through its best three, log-log.

    loss: positive, NaN where a run diverged. The value of the grid itself where a neighbour of the
    best diverged; NaN where the best is the first or the last of the grid, or nothing is finite:
    the optimum is then not inside. Drops `dim`; in its units.
    """
    loss = loss.sortby(dim)
    x = np.log(loss[dim].values.astype(float))

    def vertex(values: np.ndarray) -> float:
        y = np.log(np.where(np.isfinite(values), values, np.inf))
        i = int(np.argmin(y))
        if not np.isfinite(y[i]) or i in (0, len(y) - 1):
            return np.nan
        if not np.isfinite(y[i - 1 : i + 2]).all():
            return float(np.exp(x[i]))
        # Newton's divided differences of the three points.
        left, right = np.diff(y[i - 1 : i + 2]) / np.diff(x[i - 1 : i + 2])
        if right == left:
            return float(np.exp(x[i]))
        middle = (x[i - 1] + x[i]) / 2
        return float(np.exp(middle - left * (x[i + 1] - x[i - 1]) / 2 / (right - left)))

    found = xr.apply_ufunc(vertex, loss.astype("float64"), input_core_dims=[[dim]], vectorize=True)
    return found.rename("optimal_learning_rate").assign_attrs(
        long_name="learning rate of least loss", units="1"
    )
