"""What seeds leave open of the order of cells, and what statements about orders make of it.

A cell's number is known up to a standard error over seeds. Two cells are ordered by the data where
their difference exceeds `claim.WITHIN` of its standard errors, paired by seed: cells of a grid
share the draws of a seed. Other pairs may stand either way round, and so may a number beside zero.
What an order decides (a rank correlation, changes of sign, which cell is largest) then has a value
for each order that the data allow, all linear extensions of the pairs that they order.

Of one seed nothing is known: each pair stands as it is. NaN counts as ordered nowhere; whoever has
one has no value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.claims.claim import WITHIN

__all__ = [
    "CellTable",
    "Cells",
    "largest",
    "rank_correlation",
    "rank_correlations",
    "sign_changes",
    "standard_error",
    "steps",
]

#: Most cells whose orders are all gone through: 2^12 sets of them.
_EXACT = 12
#: Turns in which two orders are sought together, each the best for the other.
_TURNS = 8
#: Most pairs that a note names.
_NAMED = 4


@dataclass(frozen=True)
class Cells:
    """Numbers of cells, `values` (cell,), with those of each seed, `seeds` (seed, cell).

    `labels` are the dims that cells lie along, in C order, each with its coordinates.
    """

    values: np.ndarray
    seeds: np.ndarray
    labels: tuple[tuple[str, tuple[object, ...]], ...] = ()

    @classmethod
    def of(cls, values: xr.DataArray, seeds: xr.DataArray, over: str | Sequence[str]) -> Cells:
        """From `values` over the dims `over` and `seeds` over `seed` and these."""
        return CellTable.of(values, seeds, [over] if isinstance(over, str) else over).cells()

    @property
    def errors(self) -> np.ndarray:
        """Standard errors of the numbers, (cell,); NaN of fewer than two seeds."""
        return standard_error(self.seeds)

    @cached_property
    def errors_of_differences(self) -> np.ndarray:
        """Standard errors of all differences, (cell, cell)."""
        return standard_error(self.seeds[:, :, None] - self.seeds[:, None, :])

    @cached_property
    def open(self) -> np.ndarray:
        """Which pairs the seeds do not order, (cell, cell), symmetric; no cell with itself."""
        apart = np.abs(self.values[:, None] - self.values[None, :])
        pairs = apart <= WITHIN * self.errors_of_differences
        np.fill_diagonal(pairs, False)
        return pairs

    @property
    def open_signs(self) -> np.ndarray:
        """Which numbers may stand on either side of zero, (cell,)."""
        return np.abs(self.values) <= WITHIN * self.errors

    def before(self) -> np.ndarray:
        """Which cell surely stands below which: [i, j] where i is below j."""
        return (self.values[:, None] < self.values[None, :]) & ~self.open

    def pairs_told(self) -> str:
        """Open pairs as "a and b: +0.003 ± 0.011"; the nearest to equal first."""
        i, j = np.nonzero(np.triu(self.open))
        gaps, errors = self.values[i] - self.values[j], self.errors_of_differences[i, j]
        order = np.argsort(np.abs(gaps) / np.where(errors > 0, errors, np.inf))
        return _listed(
            lambda k: f"{self.name(i[k])} and {self.name(j[k])}: {gaps[k]:+.2g} ± {errors[k]:.2g}",
            order,
        )

    def signs_told(self) -> str:
        """Numbers of open sign as "a: +0.003 ± 0.011"."""
        return _listed(
            lambda k: f"{self.name(k)}: {self.values[k]:+.2g} ± {self.errors[k]:.2g}",
            np.flatnonzero(self.open_signs),
        )

    def name(self, cell: int | np.integer) -> str:
        """A cell by its coordinates, or by its number where it has none."""
        if not self.labels:
            return str(cell)
        at = np.unravel_index(int(cell), [len(values) for _, values in self.labels])
        parts = zip(self.labels, at, strict=True)
        return ", ".join(f"{dim.replace('_', ' ')} {_number(v[k])}" for (dim, v), k in parts)


@dataclass(frozen=True)
class CellTable:
    """Numbers over named axes, with those of each seed, that `Cells` are taken from many times.

    Arrays with names are slow to take from: claims are judged thousands of times on changed numbers
    (`claims.turning`), whose stand-ins for an array are passed on as they are.
    """

    values: Any
    seeds: Any
    labels: tuple[tuple[str, tuple[object, ...]], ...]

    @classmethod
    def of(cls, values: xr.DataArray, seeds: xr.DataArray, dims: Sequence[str]) -> CellTable:
        """From `values` over `dims` and `seeds` over `seed` and these."""
        labels = tuple((dim, tuple(values[dim].values)) for dim in dims)
        return cls(values.transpose(*dims).data, seeds.transpose("seed", *dims).data, labels)

    def cells(self, **at: int | Sequence[int] | np.ndarray) -> Cells:
        """Those at positions along some of the axes, all along the others; one position takes its
        axis away."""
        given = {dim: k if isinstance(k, int) else np.asarray(k) for dim, k in at.items()}
        key = tuple(given.get(dim, slice(None)) for dim, _ in self.labels)
        labels = tuple(
            (dim, tuple(names[k] for k in np.arange(len(names))[where]))
            for (dim, names), where in zip(self.labels, key, strict=True)
            if not isinstance(where, int)
        )
        values, seeds = self.values, self.seeds
        # One axis after the other: numpy pairs arrays of positions. Only what is taken is asked
        # for.
        for axis in reversed(range(len(key))):
            values = values[(*[slice(None)] * axis, key[axis])]
            seeds = seeds[(*[slice(None)] * (axis + 1), key[axis])]
        values, seeds = np.asarray(values, float), np.asarray(seeds, float)
        return Cells(values.ravel(), seeds.reshape(len(seeds), -1), labels)


def standard_error(seeds: np.ndarray) -> np.ndarray:
    """Standard error of the mean over the first axis, of what is finite; NaN of fewer than two."""
    known = np.isfinite(seeds)
    count = known.sum(0)
    total = np.where(known, seeds, 0.0).sum(0)
    mean = total / np.maximum(count, 1)
    squares = np.where(known, (np.where(known, seeds, 0.0) - mean) ** 2, 0.0).sum(0)
    return np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1) / count.clip(1)), np.nan)


def sign_changes(cells: Cells) -> tuple[int, ...]:
    """Numbers of changes of sign along the cells, ascending, of every choice of open signs.

    Zeros count for neither side, as in `numpy.sign`.
    """
    # Of each last sign (0: none yet) the counts of changes that some choice has led to.
    counts: dict[int, set[int]] = {0: {0}}
    for value, is_open in zip(cells.values, cells.open_signs, strict=True):
        signs = (-1, 1) if is_open else (int(np.sign(value)),)
        if signs == (0,):
            continue
        counts = {
            sign: {count + (last == -sign) for last, known in counts.items() for count in known}
            for sign in signs
        }
    return tuple(sorted(set().union(*counts.values())))


def largest(cells: Cells) -> np.ndarray:
    """The cells that may be the largest: first that which is, then those surely below no other."""
    best = int(np.argmax(cells.values))
    below = cells.before().any(1)
    others = np.flatnonzero(~below)
    return np.array([best, *others[others != best]])


def steps(values: np.ndarray, errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest of each difference of two: of an open one, with either sign."""
    is_open = np.abs(values) <= WITHIN * errors
    size = np.abs(values)
    return np.where(is_open, -size, values), np.where(is_open, size, values)


def rank_correlation(one: np.ndarray, two: np.ndarray) -> float:
    """Spearman's; NaN where a value is missing or all of either are equal."""
    known = np.isfinite(one).all() and np.isfinite(two).all() and len(one) > 1
    return _correlation(_ranks(one), _ranks(two)) if known else math.nan


def rank_correlations(one: Cells | np.ndarray, two: Cells) -> tuple[float, float]:
    """Least and largest Spearman correlation of two over all orders that their seeds allow.

    `one` may be numbers without error, such as the places of an axis. Exact where it is and there
    are up to 12 cells (dynamic programme over sets of cells: the cell that comes last of a set is
    one that has no other of it above it). Else a search by turns, each order the best for the
    other, so that both ends are values of orders that are allowed, perhaps not the outermost.
    NaN where a value is missing or all are equal.
    """
    first = one.values if isinstance(one, Cells) else np.asarray(one, float)
    if not (np.isfinite(first).all() and np.isfinite(two.values).all()):
        return math.nan, math.nan
    if len(first) < 2 or (np.ptp(first) == 0 and not isinstance(one, Cells)):
        return math.nan, math.nan
    # The order that was measured is one of those allowed; a search by turns may pass it by.
    measured = _correlation(_ranks(first), _ranks(two.values))
    if not (two.open.any() or (isinstance(one, Cells) and one.open.any())):
        return measured, measured
    ends = [_outermost(one, two, sign) for sign in (1.0, -1.0)]
    known = [end for end in (measured, *ends) if not math.isnan(end)]
    return (min(known), max(known)) if known else (math.nan, math.nan)


def _outermost(one: Cells | np.ndarray, two: Cells, sign: float) -> float:
    """The least (`sign` 1) or the largest (−1) correlation."""
    second = two.before()
    if not isinstance(one, Cells):
        ranks = _ranks(np.asarray(one, float))
        return _correlation(ranks, _placed(sign * ranks, second))
    first, found = one.before(), []
    # From the orders as measured, of the one and of the other.
    for ranks, mine in ((_ranks(one.values), False), (_ranks(two.values), True)):
        for _ in range(_TURNS):
            other = _placed(sign * ranks, first if mine else second)
            found.append(_correlation(ranks, other))
            if len(found) > 1 and found[-1] == found[-2]:
                break
            ranks, mine = other, not mine
    return min(found) if sign > 0 else max(found)


def _placed(weights: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Places 1 … k of the cells with the least Σ weight · place, as far as `before` allows."""
    return _placed_as(weights.tobytes(), before.tobytes())


# Claims are judged again and again on nearly the same data, in which orders are few.
@lru_cache(maxsize=4096)
def _placed_as(weights: bytes, before: bytes) -> np.ndarray:
    weigh = np.frombuffer(weights)
    allowed = np.frombuffer(before, bool).reshape(len(weigh), -1)
    exact = len(weigh) <= _EXACT
    places = _placed_exactly(weigh, allowed) if exact else _placed_greedily(weigh, allowed)
    places.flags.writeable = False
    return places


@cache
def _sets_with(k: int) -> list[list[np.ndarray]]:
    """Sets of k cells, as bits of a number: [size][i], those of so many cells that hold cell i."""
    sets = np.arange(1 << k)
    sizes = np.array([s.bit_count() for s in range(1 << k)])
    return [
        [np.flatnonzero((sizes == size) & (sets >> i & 1 == 1)) for i in range(k)]
        for size in range(k + 1)
    ]


def _placed_exactly(weights: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Over sets S of cells: f(S) = min over the last i of S of f(S − i) + weight_i · |S|."""
    k = len(weights)
    above = [int(sum(1 << j for j in np.flatnonzero(before[i]))) for i in range(k)]
    cost = np.full(1 << k, np.inf)
    cost[0] = 0.0
    last = np.zeros(1 << k, dtype=int)
    for size in range(1, k + 1):
        for i, chosen in enumerate(_sets_with(k)[size]):
            # i may be the last of a set that holds it and nothing that stands above it.
            able = chosen[chosen & above[i] == 0] if above[i] else chosen
            price = cost[able ^ (1 << i)] + weights[i] * size
            better = price < cost[able]
            cost[able[better]], last[able[better]] = price[better], i
    places, left = np.empty(k), (1 << k) - 1
    for place in range(k, 0, -1):
        places[last[left]] = place
        left ^= 1 << int(last[left])
    return places


def _placed_greedily(weights: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The heaviest of those that nothing left stands below comes next."""
    k = len(weights)
    places, left = np.empty(k), np.ones(k, dtype=bool)
    for place in range(1, k + 1):
        free = left & ~(before & left[:, None]).any(0)
        nxt = int(np.flatnonzero(free)[np.argmax(weights[free])])
        places[nxt], left[nxt] = place, False
    return places


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, of equal values their mean: scipy's `rankdata`, which takes a second to import
    and checks its input for longer than it ranks."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a, b)[0, 1]) if np.ptp(a) and np.ptp(b) else math.nan


def _listed(told: Callable[[int], str], those: Sequence[int] | np.ndarray) -> str:
    more = f" and {len(those) - _NAMED} more" if len(those) > _NAMED else ""
    return "; ".join(told(int(one)) for one in those[:_NAMED]) + more


def _number(value: object) -> str:
    return f"{float(value):g}" if isinstance(value, (int, float, np.number)) else str(value)
