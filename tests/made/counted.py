"""What holds for the n of every claim, whatever it is about: it counts runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from unittest.mock import patch

import numpy as np
import xarray as xr

from layeratlas import papers
from layeratlas.claims import spread
from layeratlas.claims.claim import NOT_APPLICABLE, Claim
from layeratlas.claims.ledger import values_alone
from layeratlas.runs.status import DIVERGED, OK
from layeratlas.tables import resolve

Cubes = Mapping[str, xr.DataTree]
Judge = Callable[[Cubes], list[Claim]]
Key = tuple[str, str]


def check_counts(
    name: str,
    cubes: Cubes,
    references=None,
    *,
    alone: Collection[str] = (),
    chosen: Collection[str] = (),
    groups: int = 3,
) -> None:
    """Nothing is wrong with n of the claims of a figure; the rest as of `wrong_counts`.

    Seeds are left out in so many groups at most, of which each costs as much as judging once.
    """
    judge = resolve(papers.FIGURES[name].claims)
    with patch.object(spread, "MOST_GROUPS", groups):
        wrong = wrong_counts(lambda some: judge(some, references or {}), cubes, alone, chosen)
    assert not wrong, "\n".join(wrong)


def wrong_counts(
    judge: Judge, cubes: Cubes, alone: Collection[str] = (), chosen: Collection[str] = ()
) -> list[str]:
    """What is wrong with n of the claims that `judge` finds, if it is to count runs.

    n counts runs, seeds × cells, each of them once, so

    - it is at most the runs that are ok in all cubes;
    - where seeds are left out in turn it is smaller by as many as it counts, all together; claims
      `alone` are about one run, and take the next;
    - where one run of a cube is lost, it is smaller by that run, or by its cell where a claim
      leaves cells out that have lost one; what counts layers or records of runs loses more;
    - where half of the cells have no run, or the other half, it is smaller in one of the two, but
      for claims about a cell that is `chosen` among those that are there.

    And a number of several runs, of several seeds, has a standard error; one of a single run, none.
    """
    found: list[dict[Key, Claim]] = []

    def recorded(some: Cubes) -> list[Claim]:
        found.append({})
        claims = judge(some)
        found[-1] = _named(claims)
        return claims

    claims = spread.judged_with_spreads(recorded, cubes)
    whole, *without = found
    counts = {key: claim.n for key, claim in whole.items() if claim.verdict != NOT_APPLICABLE}
    every = sum(int((_status(cube) == OK).sum()) for cube in cubes.values())
    wrong = [f"{key}: n = {n} of {every} runs" for key, n in counts.items() if not 0 < n <= every]
    wrong += _of_seeds(claims, without, alone, len(cubes) == len(_several(cubes)))
    wrong += _of_one_lost(judge, cubes, counts)
    wrong += _of_cells(judge, cubes, {k: n for k, n in counts.items() if k[1] not in chosen})
    return wrong


def _of_seeds(
    claims: Iterable[Claim],
    without: Collection[Mapping[Key, Claim]],
    alone: Collection[str],
    is_whole: bool,
) -> Iterator[str]:
    """`without` each seed in turn; `is_whole`: of every cube."""
    for key, claim in _named(claims).items():
        if claim.n < 2 and claim.spread is not None:
            yield f"{key}: n = {claim.n}, and a spread"
        left = [others[key] for others in without if key in others]
        if not without or any(other.verdict == NOT_APPLICABLE for other in left):
            # Of one seed, or of a number that needs each of them.
            continue
        fewer = sum(claim.n - other.n for other in left)
        wanted = 0 if key[1] in alone else claim.n
        if len(left) < len(without) or not (fewer == wanted or (fewer < wanted and not is_whole)):
            yield f"{key}: n = {claim.n}, without each seed {[other.n for other in left]}"
        is_number = claim.value is not None and claim.comparison != "=="
        if claim.n > 1 and is_number and claim.spread is None:
            yield f"{key}: n = {claim.n}, and no spread"


def _of_one_lost(judge: Judge, cubes: Cubes, counts: Mapping[Key, int]) -> Iterator[str]:
    # A cell without a run is another matter.
    several = _several(cubes)
    sizes = [_status(cube).sizes["seed"] for cube in several.values()]
    cells = {*sizes, sum(sizes)}
    for place in (0, -1) if several else ():
        fewer_runs = {key: lost(cube, _corner(cube, place)) for key, cube in several.items()}
        less = _judged(judge, {**cubes, **fewer_runs})
        for key, n in counts.items():
            fewer = n - less[key].n
            known = less[key].verdict != NOT_APPLICABLE
            if known and not (0 <= fewer <= len(several) or fewer in cells):
                yield f"{key}: n = {n}, with a run of each cube lost {less[key].n}"


def _of_cells(judge: Judge, cubes: Cubes, counts: Mapping[Key, int]) -> Iterator[str]:
    if sum(_cells(cube) for cube in cubes.values()) < 2:
        return
    halves = [_judged(judge, _without_half(cubes, half)) for half in (0, 1)]
    for key, n in counts.items():
        left = [half[key].n for half in halves if key in half]
        if len(left) == 2 and min(left) >= n:
            yield f"{key}: n = {n}, with one or the other half of the cells gone {left}"


def _named(claims: Iterable[Claim]) -> dict[Key, Claim]:
    return {(claim.subject, claim.id): claim for claim in claims}


def _judged(judge: Judge, cubes: Cubes) -> dict[Key, Claim]:
    with values_alone():
        return _named(judge(cubes))


def _several(cubes: Cubes) -> Cubes:
    """Those of several seeds."""
    return {key: cube for key, cube in cubes.items() if _status(cube).sizes["seed"] > 1}


def _status(cube: xr.DataTree) -> xr.DataArray:
    return cube.to_dataset()["status"]


def _cells(cube: xr.DataTree) -> int:
    status = _status(cube)
    return status.size // status.sizes["seed"]


def _corner(cube: xr.DataTree, place: int) -> xr.DataArray:
    """The last seed at the first (0) or the last (−1) point of the grid."""
    status = _status(cube)
    there = xr.zeros_like(status, dtype=bool)
    there[{**dict.fromkeys(status.dims, place), "seed": -1}] = True
    return there


def _without_half(cubes: Cubes, half: int) -> Cubes:
    """Cubes in which every second cell has no run, counted from one cube to the next."""
    first, made = half, {}
    for key, cube in cubes.items():
        status = _status(cube)
        cells = status.isel(seed=0, drop=True)
        number = xr.zeros_like(cells, dtype=int)
        number.values[...] = first + np.arange(cells.size).reshape(cells.shape)
        made[key] = lost(cube, (number % 2 == 0).broadcast_like(status))
        first += cells.size
    return made


def lost_at(cube: xr.DataTree, **at: int) -> xr.DataTree:
    """The cube whose runs at these places of its axes diverged."""
    there = xr.zeros_like(_status(cube), dtype=bool)
    there[at] = True
    return lost(cube, there)


def lost(cube: xr.DataTree, where: xr.DataArray) -> xr.DataTree:
    """The cube with runs that diverged."""
    status = _status(cube)
    copy = cube.copy()
    copy.dataset = cube.to_dataset().assign(
        status=status.where(~where.transpose(*status.dims), DIVERGED).astype(status.dtype)
    )
    return copy
