"""A smooth surface through noisy runs: a Gaussian process over the plane.

    y(x, s) = f(x) + √v(x) · ( √κ g_s(x) + √(1 − κ) e(x, s) ) + r(x)

f is the quantity, g_s what a seed does everywhere alike, e what it does at one point, r what is not
smooth. f and g have Matérn kernels of order 5/2; v(x), the variance of a run, is known from seeds
(`layeratlas.refining.noise`). Runs of one seed share their draws, so that their errors do not
average out over points: a surface from two seeds is off everywhere by what these two do (κ near 1).
Lengths, heights and κ maximise the marginal likelihood (scikit-learn's regressor).
"""

from __future__ import annotations

import warnings

import numpy as np
from jaxtyping import Float
from scipy.linalg import cho_solve, solve_triangular
from scipy.optimize import minimize
from scipy.spatial.distance import cdist
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Hyperparameter, Kernel
from threadpoolctl import threadpool_limits

from layeratlas.refining.noise import Samples

__all__ = ["Surface"]

# Lengths in units of the ranges; height and roughness in variances of the values.
_LENGTHS, _HEIGHT = (0.08, 4.0), (0.1, 100.0)
_SHARE, _REACH, _ROUGH = (1e-3, 0.999), (2.0, 10.0), (1e-8, 3e-2)
_NOISE = (1.0, 16.0)
_STARTS = ((0.4, 0.4, 1.0, 1.5, 0.5, 3.0, 1e-4), (1.5, 1.5, 5.0, 1.5, 0.9, 3.0, 1e-5))
# Keeps the matrix regular where seeds agree to the last bit.
_NUGGET = 1e-9
_STEP = 1 / 256


class Surface:
    """The posterior of f over the unit square, given what runs found.

    ValueError for fewer than three points.
    """

    def __init__(self, samples: Samples) -> None:
        if len(samples.places) < 3:
            raise ValueError("a surface takes at least three points")
        self.samples = samples
        self._middle = float(samples.mean.mean())
        self._scale = float(samples.mean.std()) or 1.0
        point, seed = np.nonzero(samples.known)
        spread = np.sqrt(samples.variance[point]) / self._scale
        self._runs = np.column_stack([samples.places[point], point, seed, spread])
        y = (samples.values[point, seed] - self._middle) / self._scale
        # Bits must not depend on how many cores there are.
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fits = [
                GaussianProcessRegressor(_Runs(*start), alpha=_NUGGET, optimizer=_maximise).fit(
                    self._runs, y
                )
                for start in _STARTS
            ]
        best = max(fits, key=lambda fit: fit.log_marginal_likelihood_value_)
        self._kernel: _Runs = best.kernel_
        self._lower, self._weights = best.L_, best.alpha_
        _, self.misfit = self._left_out()

    @property
    def lengths(self) -> tuple[float, float]:
        """Lengths over which f changes, along the axes, in units of their ranges."""
        return self._kernel.length_x, self._kernel.length_y

    @property
    def share(self) -> float:
        """κ, the part of a run's variance that its seed has everywhere."""
        return self._kernel.share

    @property
    def roughness(self) -> float:
        """Variance of r, in the quantity's unit squared."""
        return self._kernel.rough * self._scale**2

    def foretold(self) -> Float[np.ndarray, " point"]:
        """What all other points foretell of the mean over the seeds of each."""
        left, _ = self._left_out()
        own = np.nonzero(self.samples.known)[0]
        told = np.zeros(len(self.samples.places))
        np.add.at(told, own, self.samples.values[self.samples.known] - left)
        return told / self.samples.count

    def _left_out(self) -> tuple[np.ndarray, float]:
        """Residuals of runs from what all other points foretell, and how far off they are in
        standard deviations, root mean square over points; 1 where the model is right.

        With all runs of a point left out, their residuals are B⁻¹ a with the covariance B⁻¹, where
        B and a are the point's part of the inverse covariance and of the weights.
        """
        point = self._runs[:, 2]
        with threadpool_limits(1):
            inverse = cho_solve((self._lower, True), np.eye(len(self._lower)))
            residuals, squares = np.zeros(len(point)), []
            for one in np.unique(point):
                own = np.flatnonzero(point == one)
                weights = self._weights[own]
                residuals[own] = np.linalg.solve(inverse[np.ix_(own, own)], weights)
                squares.append(weights @ residuals[own] / len(own))
        return self._scale * residuals, float(np.sqrt(np.mean(squares)))

    def at(
        self, places: Float[np.ndarray, "place 2"]
    ) -> tuple[Float[np.ndarray, " place"], Float[np.ndarray, " place"]]:
        """Mean of the posterior and its standard deviation, larger where the model misfits."""
        with threadpool_limits(1):
            half = self._half(places)
            mean = self._middle + self._scale * (self._cross(places) @ self._weights)
            left = np.maximum(self._kernel.height - (half**2).sum(axis=0), 0.0)
        return mean, max(1.0, self.misfit) * self._scale * np.sqrt(left)

    def noise(self, places: Float[np.ndarray, "place 2"]) -> Float[np.ndarray, " place"]:
        """Variance of one run at places."""
        return self._kernel.noise * self.samples.spread.at(places)

    def covariance(
        self, one: Float[np.ndarray, "a 2"], other: Float[np.ndarray, "b 2"]
    ) -> Float[np.ndarray, "a b"]:
        """Covariance of the posterior between places."""
        with threadpool_limits(1):
            told = self._half(one).T @ self._half(other)
            return self._scale**2 * (self._kernel.smooth(one, other) - told)

    def slope(self, places: Float[np.ndarray, "place 2"]) -> Float[np.ndarray, "place 2"]:
        """Gradient of the mean, by central differences over 1/128 of the ranges."""
        found = []
        with threadpool_limits(1):
            for aside in (np.array([_STEP, 0.0]), np.array([0.0, _STEP])):
                change = self._cross(places + aside) - self._cross(places - aside)
                found.append(self._scale * (change @ self._weights) / (2 * _STEP))
        return np.stack(found, axis=1)

    def _cross(self, places: np.ndarray) -> np.ndarray:
        return self._kernel.smooth(places, self._runs[:, :2])

    def _half(self, places: np.ndarray) -> np.ndarray:
        return solve_triangular(self._lower, self._cross(places).T, lower=True)


class _Runs(Kernel):
    """Covariance of runs, rows (x, y, point, seed, √v)."""

    def __init__(
        self, length_x=1.0, length_y=1.0, height=1.0, noise=1.0, share=0.5, reach=1.0, rough=1e-4
    ):
        self.length_x, self.length_y, self.height = length_x, length_y, height
        self.noise, self.share, self.reach, self.rough = noise, share, reach, rough

    hyperparameter_length_x = Hyperparameter("length_x", "numeric", _LENGTHS)
    hyperparameter_length_y = Hyperparameter("length_y", "numeric", _LENGTHS)
    hyperparameter_height = Hyperparameter("height", "numeric", _HEIGHT)
    hyperparameter_noise = Hyperparameter("noise", "numeric", _NOISE)
    hyperparameter_share = Hyperparameter("share", "numeric", _SHARE)
    hyperparameter_reach = Hyperparameter("reach", "numeric", _REACH)
    hyperparameter_rough = Hyperparameter("rough", "numeric", _ROUGH)

    def smooth(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Covariance of f between places."""
        lengths = np.array([self.length_x, self.length_y])
        return self.height * _matern(cdist(one / lengths, other / lengths))

    def __call__(self, X, Y=None, eval_gradient=False):
        """Among runs of one table alone, which is all that a fit asks for."""
        # Points are fewer than runs, and what smooth there is between them is the costly part.
        _, first, point = np.unique(X[:, 2], return_index=True, return_inverse=True)
        places = X[first, :2]
        between = np.ix_(point, point)
        same_seed = X[:, None, 3] == X[None, :, 3]
        alike = self.share * _matern(cdist(places, places) / self.reach)
        alike += (1 - self.share) * np.eye(len(places))
        noise = self.noise * np.outer(X[:, 4], X[:, 4]) * same_seed * alike[between]
        smooth = self.smooth(places, places) + self.rough * np.eye(len(places))
        return smooth[between] + noise

    def diag(self, X):
        return self.height + self.noise * X[:, 4] ** 2 + self.rough

    def is_stationary(self):
        return False


def _matern(apart: np.ndarray) -> np.ndarray:
    """Matérn of order 5/2 at a distance in lengths."""
    scaled = np.sqrt(5.0) * apart
    return (1 + scaled + scaled**2 / 3) * np.exp(-scaled)


def _maximise(objective, start, bounds):
    """Numerical gradients: six numbers, and a matrix of some hundred runs."""
    found = minimize(
        lambda theta: objective(theta, eval_gradient=False), start, bounds=bounds,
        method="L-BFGS-B", options={"maxiter": 40},
    )  # fmt: skip
    return found.x, found.fun
