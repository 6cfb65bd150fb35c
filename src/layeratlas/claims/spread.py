"""How certain the numbers of claims are: their standard errors over seeds, for any statement.

The jackknife: a claim's value θ is found again without each seed, θ_(i), and

    SE² = (g − 1)/g · Σ_i (θ_(i) − mean θ_(·))²

which for a mean is s²/n, and for differences of cells with the same seeds the paired one. More than
`MOST_GROUPS` seeds are left out in groups, g of them. Experiments with the same seeds share draws,
so a seed is left out of all of them at once; those with other seeds count as independent, and
their SE² add up (Efron and Stein, Ann. Statist. 9, 1981; Miller, Biometrika 61, 1974). So do those
of a run's seed and of the seed that data were drawn with, where that is an axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim, with_spread
from layeratlas.claims.ledger import values_alone
from layeratlas.errors import LayerAtlasError

__all__ = ["MOST_GROUPS", "judged_with_spreads", "pseudo_values"]

#: Groups of seeds that are left out one at a time; each costs as much as judging once.
MOST_GROUPS = 10
SEED = "seed"
#: Along each of these what differs is chance alone.
_SEEDS = (SEED, "draw_seed")

Cubes = Mapping[str, xr.DataTree]


def judged_with_spreads(judge: Callable[[Cubes], list[Claim]], cubes: Cubes) -> list[Claim]:
    """The claims that `judge` finds in the cubes, each with the standard error of its value.

    None where all cubes have one seed, or where a value needs every one. A statement that is an
    order is judged against it.
    """
    claims = judge(cubes)
    if not any(claim.value is not None for claim in claims):
        return claims
    squares: dict[tuple[str, str], float] = {}
    for seed, names in _alike(cubes):
        values = [_values(judge, others) for others in _left_out(cubes, seed, names)]
        for claim in claims:
            key = (claim.subject, claim.id)
            found = np.array([each.get(key, math.nan) for each in values])
            square = (len(found) - 1) / len(found) * float(((found - found.mean()) ** 2).sum())
            squares[key] = squares.get(key, 0.0) + square
    spreads = {key: math.sqrt(square) for key, square in squares.items() if math.isfinite(square)}
    return [with_spread(claim, spreads.get((claim.subject, claim.id))) for claim in claims]


def pseudo_values(
    runs: xr.DataArray, of: Callable[[xr.DataArray], xr.DataArray], whole: str | None = None
) -> xr.DataArray:
    """What each seed adds to a function `of` the mean over seeds: θ_i* = n θ − (n − 1) θ_(i).

    Their standard error is that of θ, and of differences of θ where seeds are shared; of a mean
    they are the values themselves. A run counts if it is finite all along the dim `whole`, as
    in the mean; NaN in its place where it does not, and everywhere of fewer than two.
    """
    known = xr.DataArray(np.isfinite(runs))
    if whole is not None:
        known = known.all(whole)
    values, count = runs.astype("float64").where(known, 0.0), known.sum(SEED)
    total = values.sum(SEED)
    with np.errstate(invalid="ignore", divide="ignore"):
        theta, without = of(total / count), of((total - values) / (count - known))
    return (count * theta - (count - 1) * without).where(known & (count > 1))


def _values(judge: Callable[[Cubes], list[Claim]], cubes: Cubes) -> dict[tuple[str, str], float]:
    """Values by subject and id; without a seed some claims, or all, may not be made."""
    try:
        with values_alone():
            claims = judge(cubes)
    except (LayerAtlasError, ArithmeticError, ValueError, IndexError, KeyError):
        return {}
    return {(c.subject, c.id): c.value for c in claims if c.value is not None}


def _alike(cubes: Cubes) -> list[tuple[str, list[str]]]:
    """Which seeds, and the experiments with several of them, those with the same ones together."""
    alike: dict[tuple, list[str]] = {}
    for name, cube in cubes.items():
        root = cube.to_dataset()
        for seed in _SEEDS:
            if root.sizes.get(seed, 1) > 1:
                alike.setdefault((seed, *root[seed].values.tolist()), []).append(name)
    return [(seeds[0], names) for seeds, names in alike.items()]


def _left_out(cubes: Cubes, seed: str, names: list[str]) -> Iterator[Cubes]:
    """The cubes with one group of seeds left out of those of `names`."""
    count = cubes[names[0]].to_dataset().sizes[seed]
    groups = min(count, MOST_GROUPS)
    for group in range(groups):
        kept = np.flatnonzero(np.arange(count) % groups != group)
        yield {
            name: cube.isel({seed: kept}, missing_dims="ignore") if name in names else cube
            for name, cube in cubes.items()
        }
