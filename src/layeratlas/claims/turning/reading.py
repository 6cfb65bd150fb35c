"""Which numbers of its cubes a claim reads, found by disturbing them.

First every variable by itself, then, of those that matter, every position along each dimension. All
places at positions that matter are taken for read. Where the claim's function takes numbers out of
all cubes before it judges, cubes that the claim does without are set aside before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layeratlas.claims.turning.fields import Field, Index, Place, Shift
from layeratlas.claims.turning.judging import Batch, Change, Judging, Outcome

__all__ = ["Read", "of_needed_cubes", "read"]

#: Disturbances of each part before it is taken for not read.
_TRIES = 2
#: As many where the claim's value is all that tells: one that counts stays where it is mostly.
_TRIES_ALONE = 8


@dataclass(frozen=True)
class Read:
    """A field that a claim reads, and the positions along the dims of its places that it reads."""

    field: Field
    positions: tuple[tuple[int, ...], ...]

    def places(self) -> list[Place]:
        """Those that are there: of which some run is ok and has a number."""
        at = np.ix_(*self.positions)
        known = np.isfinite(self.field.mean[at])
        return [Place(self.field, self._index(k)) for k in np.argwhere(known)]

    def missing(self) -> list[Place]:
        """Those of which no run that is ok has a number, though one does at another cell."""
        at = np.ix_(*self.positions)
        known = np.isfinite(self.field.mean[at])
        cells = tuple(k for k, d in enumerate(self.field.place_dims) if d in self.field.axes)
        elsewhere = known.any(cells, keepdims=True) if cells else known
        return [Place(self.field, self._index(k)) for k in np.argwhere(~known & elsewhere)]

    def _index(self, at: np.ndarray) -> Index:
        return tuple(of_dim[k] for of_dim, k in zip(self.positions, at.tolist(), strict=True))


def read(
    judging: Judging, fields: Sequence[Field], base: Outcome, random: np.random.Generator
) -> tuple[list[Read], list[Field]]:
    """The fields that the claim reads, each with its positions; and those that are left out.

    A field that the claim's function looks into before it judges can only be changed one by one:
    where there are others, such a field is left out.
    """
    tries = _TRIES if judging.is_together else _TRIES_ALONE
    whole = {field: [_disturbed(field, (), random) for _ in range(tries)] for field in fields}
    batch = _at_once(judging, list(whole.values()))
    if batch is None and judging.is_together and len(judging.cubes) > 1:
        fields = of_needed_cubes(judging, fields, base, random)
        whole = {field: whole[field] for field in fields}
        batch = _at_once(judging, list(whole.values()))
    if batch is not None or not judging.is_together:
        together, apart = list(whole.items()), []
    else:
        together = [(f, some) for f, some in whole.items() if _at_once(judging, [some]) is not None]
        apart = [field for field in fields if field not in dict(together)]
    found = [f for f, does in _mattering(judging, together, base, batch) if does]
    left = [f for f in apart if _moves_alone(judging, [f], base, random)]
    if not found:
        judging.is_together, found, left = judging.is_together and not left, left, []
    tries = _TRIES if judging.is_together else _TRIES_ALONE
    judging.narrow({field.cube for field in (*found, *left)}, base)
    parts = [
        ((number, dim, position), [_disturbed(field, _along(field, dim, position), random)
                                   for _ in range(tries)])
        for number, field in enumerate(found)
        for dim, size in enumerate(field.shape)
        for position in range(size)
        if size > 1
    ]  # fmt: skip
    positions = [[set() if n > 1 else {0} for n in field.shape] for field in found]
    for (number, dim, position), does in _mattering(judging, parts, base):
        if does:
            positions[number][dim].add(position)
    reads = [
        Read(field, tuple(tuple(sorted(known)) for known in of_field))
        for field, of_field in zip(found, positions, strict=True)
        if all(of_field)
    ]
    return reads, left


def of_needed_cubes(
    judging: Judging, fields: Sequence[Field], base: Outcome, random: np.random.Generator
) -> list[Field]:
    """Goes on with the cubes that the claim needs, and gives the fields of these.

    For a function that reads all cubes before it judges, where any claim costs as much as all of
    them. A claim does without a cube where it is the same without it in all that it says, how many
    runs stand behind it included, and where every number of the cubes set aside may be another.
    """
    idle = judging.cubes.keys() - judging.needed()
    if idle:
        aside = [field for field in fields if field.cube in idle]
        if not _moves_alone(judging, aside, base, random):
            judging.narrow(judging.cubes.keys() - idle, base)
    return [field for field in fields if field.cube in judging.cubes]


def _at_once(judging: Judging, changes: Sequence[Sequence[Change]]) -> Batch | None:
    """Changes of fields at once, also where numbers are taken early that do not matter here."""
    each = [one for some in changes for one in some]
    batch = judging.together(each)
    if batch is not None or not judging.is_together:
        return batch
    # All fields changed together: whichever number matters, it is another now.
    every = [[shift for one in some for shift in one] for some in zip(*changes, strict=True)]
    judging.takes_early = True
    batch = judging.together([*each, *every])
    if batch is not None and judging.agree(batch, every, len(each)):
        return batch
    judging.takes_early = False
    return None


def _moves_alone(
    judging: Judging, fields: Sequence[Field], base: Outcome, random: np.random.Generator
) -> bool:
    """Whether the claim, judged by itself, moves with these fields, all of them disturbed."""
    return any(
        _moves(judging.on([s for field in fields for s in _disturbed(field, (), random)]), base)
        for _ in range(_TRIES_ALONE)
    )


def _moves(outcome: Outcome, base: Outcome) -> bool:
    return outcome[1:] != base[1:] or not np.isclose(
        outcome.value, base.value, rtol=1e-13, atol=0, equal_nan=True
    )


def _mattering(
    judging: Judging,
    changes: Sequence[tuple[Any, Sequence[Change]]],
    base: Outcome,
    batch: Batch | None = None,
) -> list[tuple[Any, bool]]:
    """Of each what, whether any of its changes moves what the claim reads."""
    batch = batch or judging.batch([one for _, some in changes for one in some])
    found, first = [], 0
    for what, some in changes:
        found.append((what, any(batch.moves(first + k, base) for k in range(len(some)))))
        first += len(some)
    return found


def _along(field: Field, dim: int, position: int) -> tuple:
    """Where in `values` one position along a dim of places is."""
    at: list = [slice(None)] * field.values.ndim
    at[field.dims.index(field.place_dims[dim])] = position
    return tuple(at)


def _disturbed(field: Field, key: tuple, random: np.random.Generator) -> list[Shift]:
    """Every number there changed by itself, each at a scale of its own from one unit to the range
    of the variable: a small change may hide behind a maximum, a large one leave a rank as it is."""
    unit = field.unit if field.seed_axis is None else np.expand_dims(field.unit, field.seed_axis)
    unit = np.broadcast_to(unit, field.values.shape)[key]
    largest = np.log(np.maximum(field.reach / unit, 1.0))
    scale = unit * np.exp(random.uniform(0, 1, unit.shape) * largest)
    return [Shift(field, key, random.normal(size=unit.shape) * scale)]
