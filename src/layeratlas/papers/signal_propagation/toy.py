"""The disc of Baratin et al. (arXiv 2008.00938): functions on its square, along training."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import xarray as xr

from layeratlas.datasets.generators.disc import grid, inside
from layeratlas.papers.signal_propagation import moments

__all__ = ["EXPERIMENT", "SHOWN", "Toy", "correlation", "linear_part", "toy"]

EXPERIMENT, _VIEW = "baratin_toy", "grid"
#: Eigenfunctions that are drawn, the largest eigenvalue first.
SHOWN = (0, 1, 2, 5)
#: Training accuracies at whose first passing a moment is drawn.
_PASSED = (0.75, 0.95)


@dataclass(frozen=True)
class Toy:
    """Numbers at the logged iterations, iteration 0 first; the last record is the end of training.

    `steps` (record,), `accuracy` (seed, record) on the training points, `eigenfunctions` (seed,
    record, eigenfunction, sample) of the centred kernel, their signs arbitrary, `prediction` and
    `jacobian` (seed, record, sample) on a grid of `side`², x₁ fastest.
    """

    steps: np.ndarray
    accuracy: np.ndarray
    eigenfunctions: np.ndarray
    prediction: np.ndarray
    jacobian: np.ndarray

    @property
    def side(self) -> int:
        """Points of the grid along one axis."""
        return math.isqrt(self.prediction.shape[-1])

    @property
    def points(self) -> np.ndarray:
        """(sample, 2) points of the grid."""
        return grid(self.side)

    @property
    def label(self) -> np.ndarray:
        """(sample,) 1 inside the disc, 0 outside."""
        return inside(self.points).astype(float)

    @property
    def taught(self) -> np.ndarray:
        """|centred correlation| of the top eigenfunction with the label, (seed, record)."""
        return correlation(self.eigenfunctions[:, :, 0], self.label)

    @property
    def untaught(self) -> np.ndarray:
        """How much of the top eigenfunction is linear in x, (seed, record): not the label."""
        return linear_part(self.eigenfunctions[:, :, 0], self.points)

    def moments(self, seed: int = 0) -> list[int]:
        """Records to draw: the first, where training accuracy first passes a level, the last."""
        passed = [np.flatnonzero(self.accuracy[seed] >= level) for level in _PASSED]
        chosen = {0, len(self.steps) - 1, *(int(found[0]) for found in passed if found.size)}
        return sorted(chosen)


def toy(cube: xr.DataTree) -> Toy:
    """The only network of the cube, of all seeds, in the order of iterations."""
    known = [*moments.logged(cube)]
    steps = _values(moments.steps(cube, known)).mean(0)
    records = [known[k] for k in np.argsort(steps)]
    if "final" in moments.labels(cube):
        last = float(np.nanmax(_values(moments.steps(cube, ["final"]))))
        if last > steps.max():
            records.append("final")
    functions = _values(moments.of_network(cube, "kernel_eigenfunctions", _VIEW, records))
    prediction = _values(moments.of_network(cube, "predictions", _VIEW, records))
    return Toy(
        steps=_values(moments.steps(cube, records)).mean(0),
        accuracy=_values(moments.evaluated_along(cube, "train_accuracy", records)),
        eigenfunctions=functions,
        prediction=prediction[..., 0],
        jacobian=_values(moments.of_network(cube, "jacobian_norm", _VIEW, records)),
    )


def correlation(functions: np.ndarray, label: np.ndarray) -> np.ndarray:
    """|⟨e − ē, y − ȳ⟩| / (‖e − ē‖ ‖y − ȳ‖) of functions (…, sample) with a label (sample,)."""
    e = functions - functions.mean(-1, keepdims=True)
    y = label - label.mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.abs(e @ y) / (np.linalg.norm(e, axis=-1) * np.linalg.norm(y))


def linear_part(functions: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The multiple correlation R of functions (…, sample) with the coordinates (sample, axis).

    √ of the share of a centred function's square that is linear in x.
    """
    e = functions - functions.mean(-1, keepdims=True)
    basis, _ = np.linalg.qr(points - points.mean(0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.linalg.norm(e @ basis, axis=-1) / np.linalg.norm(e, axis=-1)


def _values(array: xr.DataArray) -> np.ndarray:
    return moments.of_one_point(array, "eigenfunction", "sample", "output")
