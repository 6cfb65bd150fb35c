"""Friction and noise of the chain that behaves like a network (beyond the paper).

Two things are fitted, each by its *shape*, because a network's scale is unknown: a load curve, the
eight points at the end of training, or a whole training *trajectory* D_l(epoch). The chain is that
of the spring phase diagram (first order, k = y = 1, fixed μ←), its shape a smooth function of
friction μ→ and noise ε̄ that a *library* of simulated chains tabulates. The fit takes the nearest
shape,

    (μ̂, ε̂) = argmin r(μ→, ε̄),   r² = mean_l (d_l − s_l(μ→, ε̄))²,

on the library refined by linear interpolation. A trajectory has one parameter more, the *clock* c
in steps of the chain an epoch, on a logarithmic grid:

    (μ̂, ε̂, ĉ) = argmin r,   r² = mean_{t,l} (d_l(t) − s_l(c t; μ→, ε̄))².

The load curve of a chain is that at the end of its running time, which is fixed instead.

The *scale* of a shape is one of two. Curves are rescaled to [0, 1] by their own minimum and
maximum. Trajectories are rescaled by the wall and one minimum for all epochs and layers together,

    d_l(t) = (D_l(t) − min D) / (D_0 − min D),   D_0: mean over the epochs,

because the dictionary is D_l ↔ y − x_l (spec. §3.1), in which D_0 ↔ y, the wall, is the one point
that a network and a chain share at all times: constant in a chain, and in a network under batch
statistics nearly so (within 0.06). Any scale that is not tied to D_0 puts the two walls at
different heights and counts the difference as a misfit of all layers.

All blocks of a chain start at the wall's distance, D_0 = … = D_L = y, while the layers of an
untrained network differ already, mostly upward (D_L > D_0). So the early epochs of networks lie
above 1, where chains do not follow: without noise never, and strong noise drives blocks above their
wall by less than a tenth, most where μ→ exceeds μ←. No parameter mends that, nor that networks and
chains slow down differently, the one by its loss and optimiser, the other by friction alone. Both
are in the residual, whose unit is D_0 − min D; nothing is subtracted to hide them.

The residual does not hold all of it. A chain that is given such a start is still found with its
friction and noise as far as they are identifiable, but its clock comes out slower, to about half,
because a slow chain stays longer near the early epochs; what is not identifiable may jump anywhere
in its region.

Two or three numbers explain one curve, and where noise is strong its strength no longer matters
(§3.4 (iii): all stationary curves coincide). So every fit comes with the *region* of parameters
whose residual is within the tolerance of the best one, the others being free (profiled out). A
parameter whose region spans more than half of the library's range is not identifiable there, and
is marked so. A best value at the end of that range is a bound and no estimate.

An interval is no error bar of the model. Where even the best chain is several tolerances away, the
region is that of the least bad chains, however narrow, and the parameters depend on the scale
chosen: look at the residual first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

#: Clocks of a trajectory's library: how densely, and how far below the fastest one.
CLOCKS_PER_DECADE = 20
CLOCK_DECADES = 2

#: Rescales curves `(…, *point)`, each by itself; NaN where a curve has no shape.
Scale = Callable[[np.ndarray], np.ndarray]


def range_normalised(curves: np.ndarray) -> np.ndarray:
    """Load curves `(…, layer)`, smallest value at 0 and largest at 1; NaN where both are equal."""
    low, high = curves.min(axis=-1, keepdims=True), curves.max(axis=-1, keepdims=True)
    return _between(curves, low, high, high > low)


def wall_normalised(trajectories: np.ndarray) -> np.ndarray:
    """Trajectories `(…, epoch, layer)`, smallest value at 0 and the wall D_0, its mean, at 1.

    Values above 1 lie above the wall. NaN where no layer ever goes below D_0: such a trajectory
    has no distance from its wall to measure in.
    """
    wall, others = trajectories[..., :1], trajectories[..., 1:]
    # Not "mean D_0 > min D": that of a D_0 below all others would hold by its wobble, or rounding.
    lowest = others.min(axis=(-2, -1), keepdims=True)
    falls = lowest < wall.min(axis=(-2, -1), keepdims=True)
    return _between(trajectories, lowest, wall.mean(axis=(-2, -1), keepdims=True), falls)


def _between(
    values: np.ndarray, zero: np.ndarray, one: np.ndarray, known: np.ndarray
) -> np.ndarray:
    """Values rescaled so that `zero` → 0 and `one` → 1; NaN where it is not `known`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, (values - zero) / (one - zero), np.nan)


@dataclass(frozen=True)
class Library:
    """Shapes `(friction, noise, *point)` of simulated chains on a grid.

    `friction` ascending; `noise` ascending, 0 allowed. A point is `(layer,)` of a load curve or
    `(epoch, layer)` of a trajectory; `scale` makes shapes of chains and curves alike. `scatter` is
    the rms deviation of single chains from the mean shape, the model's own noise. Fits look at
    `points` × `points` values in between.
    """

    friction: np.ndarray
    noise: np.ndarray
    shapes: np.ndarray
    scatter: float
    scale: Scale = range_normalised
    points: int = 81

    @classmethod
    def from_separation(
        cls,
        friction: ArrayLike,
        noise: ArrayLike,
        separation: ArrayLike,
        scale: Scale = range_normalised,
    ) -> Library:
        """From y − x_l of chains, `(friction, noise, seed, *point)`."""
        order_f, order_n = np.argsort(friction), np.argsort(noise)
        runs = np.asarray(separation, float)[order_f][:, order_n]
        mean = scale(runs.mean(axis=2))
        deviation = scale(runs) - mean[:, :, None]
        scatter = float(np.sqrt(np.mean(deviation**2)))
        return cls(np.asarray(friction)[order_f], np.asarray(noise)[order_n], mean, scatter, scale)

    @property
    def grids(self) -> dict[str, np.ndarray]:
        """The refined values of each parameter, in the order of the axes of `squares`.

        Noise is even in rank between the library's values, because shapes change with the
        logarithm of noise where they change at all.
        """
        return {
            "friction_right": np.linspace(self.friction[0], self.friction[-1], self.points),
            "noise_strength": self._weights()[1] @ self.noise,
        }

    def shape(self, friction: int, noise: int) -> np.ndarray:
        """The refined shape `(*point)` at two indices of `grids`."""
        across, along = self._weights()
        return np.einsum("f,n,fn...->...", across[friction], along[noise], self.shapes)

    def squares(self, curves: np.ndarray) -> np.ndarray:
        """r² of curves `(curve, *point)` and every refined shape, `(curve, friction, noise)`.

        NaN for a curve that misses a point or has no shape on this scale. ValueError if the
        points differ.
        """
        point = self.shapes.shape[2:]
        if curves.shape[1:] != point:
            raise ValueError(
                f"the curves have {' × '.join(map(str, curves.shape[1:]))} points, the library's "
                f"chains {' × '.join(map(str, point))}"
            )
        wanted = self.scale(np.asarray(curves, float)).reshape(len(curves), -1)
        across, along = self._weights()
        shapes = np.tensordot(across, self.shapes.reshape(*self.shapes.shape[:2], -1), 1)
        shapes = (along @ shapes).reshape(self.points**2, -1)
        # |d − s|² = |d|² − 2 d·s + |s|², so that no array holds all curves and all shapes.
        square = (wanted**2).sum(1)[:, None] - 2 * wanted @ shapes.T
        square += np.einsum("sp,sp->s", shapes, shapes)
        mean = np.maximum(square, 0.0) / wanted.shape[1]
        return mean.reshape(len(curves), self.points, self.points)

    def scatter_at(self, best: Mapping[str, int]) -> float:
        """The model's own noise where a fit ended, at the indices `best` of `grids`."""
        return self.scatter

    def _weights(self) -> tuple[np.ndarray, np.ndarray]:
        """Weights of linear interpolation, refined × given values, of friction and of noise."""

        def refined(given: np.ndarray) -> np.ndarray:
            fine = np.linspace(given[0], given[-1], self.points)
            return np.stack([np.interp(fine, given, unit) for unit in np.eye(len(given))], axis=1)

        return refined(self.friction), refined(np.arange(len(self.noise)))


@dataclass(frozen=True)
class TrajectoryLibrary:
    """Chains' trajectories read at several clocks: one `Library` of `(epoch, layer)` a clock.

    `clocks` in steps an epoch, ascending.
    """

    clocks: np.ndarray
    libraries: tuple[Library, ...]

    @classmethod
    def from_separation(
        cls,
        friction: ArrayLike,
        noise: ArrayLike,
        steps: ArrayLike,
        separation: ArrayLike,
        epochs: ArrayLike,
        clocks: ArrayLike | None = None,
    ) -> TrajectoryLibrary:
        """From y − x_l of chains, `(friction, noise, seed, step, layer)`, for networks at `epochs`.

        Between the recorded steps chains are interpolated linearly. The fastest of the default
        `clocks` ends with the last step, the slowest `CLOCK_DECADES` decades earlier. ValueError
        where a clock asks for steps outside of the recorded ones.
        """
        known, moments = np.asarray(steps, float), np.asarray(epochs, float)
        if clocks is None:
            count = round(CLOCKS_PER_DECADE * CLOCK_DECADES) + 1
            clocks = known[-1] / moments[-1] * np.logspace(-CLOCK_DECADES, 0, count)
        ticks = np.sort(np.asarray(clocks, float))
        # Products round: the fastest clock may end an ulp after the last step.
        ends = np.array([ticks[0] * moments[0], ticks[-1] * moments[-1] * (1 - 1e-12)])
        if ends[0] < known[0] or ends[1] > known[-1]:
            raise ValueError(
                f"epochs {moments[0]:g} to {moments[-1]:g} at {ticks[0]:g} to {ticks[-1]:g} steps "
                f"an epoch leave the recorded steps, {known[0]:g} to {known[-1]:g}"
            )
        runs = np.asarray(separation, float)
        return cls(
            ticks,
            tuple(
                Library.from_separation(
                    friction, noise, _at(runs, known, c * moments), wall_normalised
                )
                for c in ticks
            ),
        )

    @property
    def grids(self) -> dict[str, np.ndarray]:
        """As `Library.grids`, the clock first."""
        return {"steps_per_epoch": self.clocks, **self.libraries[0].grids}

    def shape(self, clock: int, friction: int, noise: int) -> np.ndarray:
        """The refined shape `(epoch, layer)` at three indices of `grids`."""
        return self.libraries[clock].shape(friction, noise)

    def squares(self, trajectories: np.ndarray) -> np.ndarray:
        """r² of trajectories `(curve, epoch, layer)`, `(curve, clock, friction, noise)`."""
        return np.stack([library.squares(trajectories) for library in self.libraries], axis=1)

    @property
    def scale(self) -> Scale:
        """By the wall, whatever the clock."""
        return wall_normalised

    @property
    def scatter(self) -> float:
        """The model's own noise, rms over the clocks."""
        return float(np.sqrt(np.mean([library.scatter**2 for library in self.libraries])))

    def scatter_at(self, best: Mapping[str, int]) -> float:
        """The model's own noise at the fitted clock."""
        return self.libraries[best["steps_per_epoch"]].scatter


@dataclass(frozen=True)
class Estimate:
    """One parameter's best value and the interval that fits as well.

    `identifiable`: the interval is at most half of the library's range; `at_end`: −1 or 1 where the
    value is the first or the last of that range, else 0.
    """

    value: float
    low: float
    high: float
    identifiable: bool
    at_end: int


@dataclass(frozen=True)
class Fit:
    """Residual r of one curve, its parameters by name, and their places in the library's grids.

    `best` is empty and everything else NaN where a curve has no shape.
    """

    residual: float
    parameters: Mapping[str, Estimate]
    best: Mapping[str, int]


def nearest(square: np.ndarray, grids: Mapping[str, np.ndarray], tolerance: float) -> Fit:
    """The fit of one curve from its r² at every point of the grids, one axis a parameter.

    `tolerance` is the rms deviation that counts as equally good, e.g. the scatter between
    seeds: parameters with r² ≤ r²_min + tolerance² form the region. A parameter is identifiable if
    its region spans at most half of its grid.
    """
    if not np.isfinite(square).all():
        nan = float("nan")
        return Fit(nan, dict.fromkeys(grids, Estimate(nan, nan, nan, False, 0)), {})
    best = np.unravel_index(np.argmin(square), square.shape)
    region = square <= square[best] + tolerance**2
    parameters = {}
    for axis, (name, values) in enumerate(grids.items()):
        others = tuple(other for other in range(square.ndim) if other != axis)
        inside = np.flatnonzero(region.any(axis=others))
        first, last = inside[0], inside[-1]
        parameters[name] = Estimate(
            value=float(values[best[axis]]),
            low=float(values[first]),
            high=float(values[last]),
            identifiable=bool(last - first <= (len(values) - 1) / 2),
            at_end=int(best[axis] == len(values) - 1) - int(best[axis] == 0),
        )
    places = dict(zip(grids, map(int, best), strict=True))
    return Fit(float(np.sqrt(square[best])), parameters, places)


def fit_curve(curve: np.ndarray, library: Library | TrajectoryLibrary, tolerance: float) -> Fit:
    """Fit one load curve `(layer,)` or trajectory `(epoch, layer)`; see `nearest`."""
    return nearest(library.squares(np.asarray(curve)[None])[0], library.grids, tolerance)


def _at(separation: np.ndarray, steps: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """`(…, step, layer)` at other steps, linear in between."""
    after = np.clip(np.searchsorted(steps, wanted), 1, len(steps) - 1)
    weight = ((wanted - steps[after - 1]) / (steps[after] - steps[after - 1]))[:, None]
    return (1 - weight) * separation[..., after - 1, :] + weight * separation[..., after, :]
