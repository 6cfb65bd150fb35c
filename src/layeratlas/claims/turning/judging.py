"""Judging one claim on changed cubes: one by one, or many at once where the claim allows it.

*At once* means that the function of claims runs on `Trials`. It is right where all that the claim
needs before it is judged is arrays. A function may take numbers out of them earlier, for this claim
or for others of the figure: it then gets those without a change, and a few changes are judged one
by one as well. Where they agree, the numbers were for others. Where they do not, or the function
does not run on `Trials`, all is judged one by one, which costs as much as `papers.check` each time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, Protocol

import numpy as np
import xarray as xr

from layeratlas.claims.asking import Name, only
from layeratlas.claims.claim import NOT_APPLICABLE, Claim, with_spread
from layeratlas.claims.turning.fields import Field, Shift, loaded
from layeratlas.claims.turning.trials import ApartError, Trials, watching, which
from layeratlas.errors import LayerAtlasError

__all__ = ["NOTHING", "RAISED", "Batch", "Change", "Judging", "Outcome", "Trace"]

Cubes = Mapping[str, xr.DataTree]
Change = Sequence[Shift]

#: What bytes of one variable's trials may be: 64 MiB.
_MOST_BYTES = 1 << 26
# Functions of claims are anybody's: what they raise on changed numbers is no answer.
RAISED = (LayerAtlasError, ArithmeticError, ValueError, IndexError, KeyError, TypeError)


class Trace(NamedTuple):
    """What a change moves of the numbers that a claim asks for.

    `how` says which, each up or down; empty where it moves none. `far` is the root of the sum of
    squares of how far, each relative to the largest such number.
    """

    how: bytes
    far: float


class Outcome(NamedTuple):
    """What a claim comes to; the value is NaN, and the verdict "", where it comes to nothing."""

    value: float
    verdict: str
    note: str = ""

    def turns(self, base: Outcome) -> bool:
        """Whether this is another verdict, and one at all."""
        return self.verdict not in (base.verdict, "", NOT_APPLICABLE)


NOTHING = Outcome(math.nan, "")


def outcome_of(claim: Claim | None) -> Outcome:
    if claim is None:
        return NOTHING
    value = math.nan if claim.value is None else claim.value
    return Outcome(value, claim.verdict, f"{claim.n} {claim.note}")


class Batch(Protocol):
    """Changes that are judged when they are asked for."""

    def outcome(self, change: int) -> Outcome: ...

    def trace(self, change: int) -> Trace | None:
        """What it moves of the numbers that the claim asks for; None where that is not known."""
        ...

    def moves(self, change: int, base: Outcome) -> bool:
        """Whether it moves anything that the claim reads."""
        ...


class Judging:
    """One claim, judged again and again on changes of the same cubes."""

    def __init__(
        self, judge: Callable[[Cubes], list[Claim]], cubes: Cubes, wanted: Name, most: int
    ) -> None:
        self.judge, self.wanted = judge, wanted
        self.cubes = loaded(cubes)
        #: How often the claim is judged one by one before the search stops.
        self.most = most
        self.count = 0
        #: The standard error that orders are judged against, held while the data are changed.
        self.spread: float | None = None
        self.is_together = True
        #: Whether numbers may be taken out of changed arrays before the claim is judged: those
        #: without a change, which has been seen to be no matter of this claim (`agree`).
        self.takes_early = False
        self._nodes = {
            name: {node.path: node.to_dataset(inherit=False) for node in cube.subtree}
            for name, cube in self.cubes.items()
        }
        self._cache: dict[tuple[tuple[int, str, bytes], ...], Outcome] = {}

    @property
    def is_spent(self) -> bool:
        return not self.is_together and self.count >= self.most

    def claim(self, cubes: Cubes | None = None) -> Claim | None:
        """The claim on these cubes, on its own by default; None where it is not made."""
        with only(self.wanted):
            found = self.judge(self.cubes if cubes is None else cubes)
        return next((c for c in found if Name(c.id, c.subject) == self.wanted), None)

    def safe(self, cubes: Cubes | None = None) -> Outcome:
        """What the claim comes to; nothing where its function does not get through."""
        self.count += 1
        try:
            with np.errstate(all="ignore"):
                return self.outcome_of(self.claim(cubes))
        except RAISED:
            return NOTHING

    def outcome_of(self, claim: Claim | None) -> Outcome:
        """What it comes to with the standard error that is held."""
        return outcome_of(claim and with_spread(claim, self.spread))

    def on(self, change: Change) -> Outcome:
        """What the claim comes to on changed cubes, by the claim's own function."""
        with self.changed(change):
            return self.safe()

    @contextmanager
    def changed(self, change: Change) -> Iterator[None]:
        """In this block the cubes are changed."""
        kept = [(shift, shift.field.values[shift.key].copy()) for shift in change]
        try:
            for shift in change:
                shift.field.values[shift.key] += shift.by
            yield
        finally:
            for shift, values in reversed(kept):
                shift.field.values[shift.key] = values

    def needed(self) -> set[str]:
        """Cubes without which the claim, or a word of it, is another; looked for one by one."""
        claim, kept = self.claim(), dict(self.cubes)
        for name in self.cubes:
            others = {key: cube for key, cube in kept.items() if key != name}
            try:
                if others and self.claim(others) == claim:
                    kept = others
            except RAISED:
                continue
        return set(kept)

    def narrow(self, names: set[str], base: Outcome) -> None:
        """Go on with these cubes alone, where they give the same claim."""
        names &= self.cubes.keys()
        if names and names < self.cubes.keys():
            cubes = {name: self.cubes[name] for name in self.cubes if name in names}
            if self.safe(cubes) == base:
                self.cubes = cubes

    def agree(self, batch: Batch, changes: Sequence[Change], first: int = 0) -> bool:
        """Whether changes, in a batch from number `first`, come to the same one by one."""
        for number, change in enumerate(changes, start=first):
            found, alone = batch.outcome(number), self.on(change)
            if found.verdict != alone.verdict or not np.isclose(
                found.value, alone.value, rtol=1e-9, atol=1e-12, equal_nan=True
            ):
                return False
        return True

    def together(self, changes: Sequence[Change]) -> Batch | None:
        """These changes at once; None where that is not possible."""
        if not (self.is_together and changes):
            return None
        size = max(shift.field.values.nbytes for change in changes for shift in change)
        most = max(_MOST_BYTES // size - 1, 1)
        cuts = range(0, len(changes), most)
        try:
            return _Parts([_Together(self, changes[k : k + most]) for k in cuts], most)
        except Exception:
            # Whatever arrays that are none do to somebody's function: it gets plain ones.
            return None

    def batch(self, changes: Sequence[Change]) -> Batch:
        """These changes, at once where that is possible; if not, nothing is from then on."""
        found = self.together(changes)
        if found is None and changes:
            self.is_together = False
        return found or _OneByOne(self, changes)

    def with_data(self, data: Mapping[Field, Trials]) -> dict[str, xr.DataTree]:
        """The cubes with these in the place of some of their variables."""
        cubes = dict(self.cubes)
        for name in {field.cube for field in data} & cubes.keys():
            nodes = dict(self._nodes[name])
            for field, trials in data.items():
                if field.cube == name:
                    attributes = nodes[field.node][field.name].attrs
                    variable = xr.Variable(field.dims, trials, attributes)
                    nodes[field.node] = nodes[field.node].assign({field.name: variable})
            cubes[name] = xr.DataTree.from_dict(nodes, name=cubes[name].name)
        return cubes


class _OneByOne:
    """Changes judged each by itself."""

    def __init__(self, judging: Judging, changes: Sequence[Change]) -> None:
        self.judging, self.changes = judging, changes
        self.known: dict[int, Outcome] = {}

    def outcome(self, change: int) -> Outcome:
        if change not in self.known:
            self.known[change] = self.judging.on(self.changes[change])
        return self.known[change]

    def trace(self, change: int) -> Trace | None:
        return None

    def moves(self, change: int, base: Outcome) -> bool:
        found = self.outcome(change)
        return found[1:] != base[1:] or not np.isclose(
            found.value, base.value, rtol=1e-13, atol=0, equal_nan=True
        )


class _Parts:
    """Batches one after another, `size` changes each."""

    def __init__(self, parts: Sequence[Batch], size: int) -> None:
        self.parts, self.size = parts, size

    def outcome(self, change: int) -> Outcome:
        return self.parts[change // self.size].outcome(change % self.size)

    def trace(self, change: int) -> Trace | None:
        return self.parts[change // self.size].trace(change % self.size)

    def moves(self, change: int, base: Outcome) -> bool:
        return self.parts[change // self.size].moves(change % self.size, base)


class _Together:
    """Changes judged at once, as trials 1, 2, …; trial 0 is without a change."""

    def __init__(self, judging: Judging, changes: Sequence[Change]) -> None:
        self._judging = judging
        stacks: dict[Field, np.ndarray] = {}
        for number, change in enumerate(changes, start=1):
            for shift in change:
                values = shift.field.values
                if shift.field not in stacks:
                    shape = (len(changes) + 1, *values.shape)
                    stacks[shift.field] = np.broadcast_to(values, shape).copy()
                stacks[shift.field][number][shift.key] += shift.by
        cubes = judging.with_data({field: Trials(stack) for field, stack in stacks.items()})
        with np.errstate(all="ignore"):
            with only(judging.wanted, is_put_off=True) as asked, watching() as early:
                judging.judge(cubes)
            if early and not judging.takes_early:
                raise ApartError
            (self._judge,) = asked.judges
            with watching() as seen:
                self._judge()
        self._known: dict[int, Outcome] = {}
        off = np.concatenate(
            [_moved(one.stack, len(changes)) for one in seen] or [np.zeros((len(changes), 0))], 1
        )
        self._how = np.sign(off).astype(np.int8)
        self._finite = np.isfinite(off).all(1)
        self._far = np.sqrt((off**2).sum(1))

    def outcome(self, change: int) -> Outcome:
        if change not in self._known:
            try:
                with which(change + 1), np.errstate(all="ignore"):
                    self._known[change] = self._judging.outcome_of(self._judge())
            except RAISED:
                self._known[change] = NOTHING
        return self._known[change]

    def trace(self, change: int) -> Trace | None:
        if not self._finite[change]:
            return None
        return Trace(
            self._how[change].tobytes() if self._how[change].any() else b"", self._far[change]
        )

    def moves(self, change: int, base: Outcome) -> bool:
        return bool(self._how[change].any())


def _moved(stack: np.ndarray, count: int) -> np.ndarray:
    """(change, number): how far numbers are from those without a change, relative to the largest;
    infinite where they come or go, or are no numbers."""
    flat = stack.reshape(count + 1, -1)
    if flat.dtype.kind not in "fiub":
        return np.where(flat[1:] != flat[:1], np.inf, 0.0)
    flat = flat.astype(float)
    with np.errstate(invalid="ignore"):
        off = flat[1:] - flat[:1]
    off[np.isnan(flat[1:]) & np.isnan(flat[:1])] = 0.0
    off[np.isnan(off)] = np.inf
    known = np.abs(flat[:1][np.isfinite(flat[:1])])
    return off / (known.max(initial=0.0) or 1.0)
