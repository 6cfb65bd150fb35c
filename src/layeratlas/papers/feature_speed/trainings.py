"""Reductions of trainings: feature speed along them, and the master step that trains best.

Beyond *The Feature Speed Formula* (arXiv 2311.18718), which trains nothing.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.cubes import selecting
from layeratlas.papers.feature_speed.reductions import ascending

__all__ = [
    "FROZEN",
    "INVARIANT",
    "TRANSFER",
    "along_training",
    "optimal_learning_rate",
    "training_loss",
]

#: Experiments with the learning rates of a scaling's table, a perceptron's and a ResNet's.
FROZEN = ("feature_speed_training", "feature_speed_training_resnet")
#: The same with scale-invariant rates.
INVARIANT = ("feature_speed_training_invariant", "feature_speed_training_resnet_invariant")
#: The experiment over learning rates and depths.
TRANSFER = "learning_rate_transfer"


def along_training(cube: xr.DataTree, name: str) -> xr.DataArray:
    """A metric of a gradient step at every checkpoint of a training, float64, loaded.

    NaN for runs that did not finish. LayerAtlasError where the cube has no such metric.
    """
    array = selecting.final(selecting.recorded(cube, name), keep_epochs=True)
    return ascending(array.astype("float64").compute())


def training_loss(cube: xr.DataTree) -> xr.DataArray:
    """Loss of each run on the clean training images at the last checkpoint; NaN if it diverged."""
    loss = selecting.final(cube["evaluation"].to_dataset()["train_loss"])
    finished = cube["/"].to_dataset()["status"] == selecting.STATUS_OK
    return ascending(loss.where(finished).astype("float64").compute())


def optimal_learning_rate(loss: xr.DataArray, dim: str = "learning_rate") -> xr.DataArray:
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
