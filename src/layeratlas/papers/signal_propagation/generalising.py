"""Height of the hierarchy and generalisation over learning rates and batch sizes."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import xarray as xr

from layeratlas.papers.signal_propagation import moments
from layeratlas.papers.signal_propagation.profiles import profile

__all__ = ["TASKS", "cells", "points", "rank_correlation", "share_of_shuffles"]

#: Experiments over learning rates and batch sizes, and what they are called.
TASKS = {
    "alignment_lr_batch": "perceptron, Fashion-MNIST",
    "alignment_lr_batch_cifar10": "perceptron, CIFAR-10",
    "alignment_lr_batch_vgg": "VGG19, CIFAR-10",
    "alignment_lr_batch_cifar100_vgg": "VGG19, CIFAR-100",
    "alignment_lr_batch_cifar100_resnet": "ResNet18, CIFAR-100",
}

#: Cells up to which every order is tried; of more, this many random ones.
_ALL, _DRAWS = 7, 20_000


def cells(cube: xr.DataTree) -> xr.Dataset:
    """Of every (batch_size, learning_rate), at the mark: means over the seeds that came there.

    `height`, max_l A_l of the seeds' mean profile on training images; `test_error`, `test_loss` and
    `loss_gap` (test less training loss), of all images; `runs`, the seeds that came there. NaN
    where none did. `height_sd` and `test_error_sd`: standard deviation over these seeds of each
    one's largest A_l and test error, NaN of fewer than two.
    """
    came = moments.reached(cube, moments.MARK)
    each = {
        name: moments.evaluated(cube, name, moments.MARK).where(came)
        for name in ("test_accuracy", "test_loss", "train_loss")
    }
    scores = {name: values.mean("seed") for name, values in each.items()}
    profiles = profile(cube, "alignment", "train", moments.MARK).where(came)
    mean, runs = profiles.mean("seed"), came.sum("seed")
    found = xr.Dataset(
        {
            "height": mean.max("layer"),
            "test_error": 1 - scores["test_accuracy"],
            "test_loss": scores["test_loss"],
            "loss_gap": scores["test_loss"] - scores["train_loss"],
            "runs": runs,
            "height_sd": _spread(profiles.max("layer"), runs),
            "test_error_sd": _spread(each["test_accuracy"], runs),
        }
    )
    return found.transpose("batch_size", "learning_rate").sortby(["batch_size", "learning_rate"])


def _spread(each: xr.DataArray, runs: xr.DataArray) -> xr.DataArray:
    """Standard deviation over seeds, NaN of fewer than two."""
    mean = each.mean("seed")
    squares = ((each - mean) ** 2).sum("seed")
    return (squares / (runs - 1).where(runs > 1)) ** 0.5


def points(found: xr.Dataset) -> xr.Dataset:
    """The cells that came to the mark, along `cell`."""
    return found.stack(cell=("batch_size", "learning_rate")).dropna("cell", subset=["height"])


def rank_correlation(found: xr.Dataset) -> float:
    """Spearman's of height and test error over the cells that came to the mark; NaN below 3."""
    from layeratlas.cubes.statistics import spearman

    cell = points(found)
    if cell.sizes["cell"] < 3:
        return np.nan
    return float(spearman(cell["height"], cell["test_error"], "cell"))


def share_of_shuffles(found: xr.Dataset) -> float:
    """Share of orders of the test errors whose rank correlation is at most the one observed.

    All orders up to seven cells, else 20,000 random ones and the observed one; NaN below 3 cells.
    """
    from scipy.stats import rankdata

    observed = rank_correlation(found)
    if not np.isfinite(observed):
        return np.nan
    cell = points(found)
    x, y = (rankdata(cell[name].values) for name in ("height", "test_error"))
    if len(x) <= _ALL:
        orders = np.array(list(permutations(y)))
    else:
        generator = np.random.default_rng(0)
        orders = np.vstack([y, *(generator.permutation(y) for _ in range(_DRAWS))])
    centred = x - x.mean()
    rho = orders @ centred / (np.linalg.norm(centred) * np.linalg.norm(y - y.mean()))
    return float(np.mean(rho <= observed + 1e-12))
