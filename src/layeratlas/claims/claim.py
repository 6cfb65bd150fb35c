"""Claims: statements of a paper with a number that decides them.

A claim function takes the cubes and reference files of its figure and returns `Claim`s. A verdict
is *holds*, *fails*, *tie*, or *not applicable* with the reason (the data are too small for the
statement, never that the number came out wrong). Missing data never count in favour: a value that
cannot be computed because runs diverged fails, and the note says so.

A statement may be an order: one cell is above another, a row rises. Seeds may leave that open. Then
the verdict is what every order gives that they allow, and *tie* where it depends on the order; a
tie counts for nothing. Of one seed nothing is known, and the order is judged as it is. Statements
about a size ("at most −0.1") are judged as they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from layeratlas.words import quoted

HOLDS = "holds"
TIE = "tie"
FAILS = "fails"
NOT_APPLICABLE = "not applicable"
VERDICTS = (HOLDS, TIE, FAILS, NOT_APPLICABLE)

#: Standard errors of a difference within which it orders nothing. Two is the usual: two equal cells
#: come out as ordered 5 times of 100 where there are many seeds, 18 times where there are three.
WITHIN = 2.0

COMPARE = {
    "<=": lambda value, threshold: value <= threshold,
    ">=": lambda value, threshold: value >= threshold,
    "<": lambda value, threshold: value < threshold,
    ">": lambda value, threshold: value > threshold,
    "==": lambda value, threshold: value == threshold,
}


@dataclass(frozen=True)
class Claim:
    """One statement about one subject, with the number that decides it.

    `n` counts the runs behind the value, seeds × cells: those with a number that went into it.
    `spread` is the standard error of the value over seeds, None where it is not known: of one seed,
    of a count. `table` holds the values one by one where a reader will want them.

    Of orders: `orders` are values under orders of cells that the seeds allow, the least and the
    largest among them; where `is_order`, the value is itself the difference (or ratio) of two, and
    it is its `spread` that leaves the order open.
    """

    id: str
    figure: str
    subject: str
    statement: str
    source: str
    value: float | None
    comparison: str
    threshold: float
    verdict: str
    n: int
    note: str = ""
    table: tuple[Mapping[str, Any], ...] = ()
    spread: float | None = None
    orders: tuple[float, ...] = ()
    is_order: bool = False

    @property
    def allowed(self) -> tuple[float, ...]:
        """Values that decide the verdict: of every order that seeds allow; of no order, one."""
        if self.value is None:
            return ()
        if self.orders or not (self.is_order and self.spread):
            return (self.value, *self.orders)
        reach = WITHIN * self.spread
        return (self.value - reach, self.value, self.value + reach)


class Orders(NamedTuple):
    """Values under orders that seeds allow, the outermost at least, and words for a tie's note."""

    values: Iterable[float]
    told: str = ""


class Found(NamedTuple):
    """A number for a claim, its `n` runs, and what other orders make of it, when asked."""

    value: float
    n: int
    note: str = ""
    orders: Callable[[], Orders] | None = None


def told_twice(claims: Iterable[Claim]) -> str | None:
    """What is wrong where two claims of a figure have one subject and id; None where none do."""
    known = set()
    for claim in claims:
        key = (claim.figure, claim.subject, claim.id)
        if key in known:
            return (
                f"two claims {quoted(claim.id, 40)} of {quoted(claim.subject, 80)} in figure "
                f"{quoted(claim.figure, 40)}: give each an id of its own"
            )
        known.add(key)
    return None


def verdict_of(values: Collection[float], comparison: str, threshold: float) -> str:
    """What all `values` give, or a tie; without values it fails."""
    given = {COMPARE[comparison](value, threshold) for value in values}
    if len(given) > 1:
        return TIE
    return HOLDS if given == {True} else FAILS


def judge(
    *,
    id: str,
    figure: str,
    subject: str,
    statement: str,
    source: str,
    value: float,
    comparison: str,
    threshold: float,
    n: int,
    note: str = "",
    table: Iterable[Mapping[str, Any]] = (),
    orders: Iterable[float] = (),
    is_order: bool = False,
    told: str = "",
) -> Claim:
    """A claim whose verdict is computed from its value, or from those of all orders.

    What is not finite fails. `told` is added to the note of a tie.
    """
    value = _settled(value)
    orders = tuple(dict.fromkeys(o for o in map(_settled, orders) if o != value))
    missing = not all(map(math.isfinite, (value, *orders)))
    if missing:
        note = "; ".join(filter(None, ["no value: runs diverged or are missing", note]))
    verdict = FAILS if missing else verdict_of((value, *orders), comparison, threshold)
    if verdict == TIE:
        note = "; ".join(filter(None, [note, told]))
    return Claim(
        id=id,
        figure=figure,
        subject=subject,
        statement=statement,
        source=source,
        value=None if missing else value,
        comparison=comparison,
        threshold=threshold,
        verdict=verdict,
        n=int(n),
        note=note,
        table=tuple(table),
        orders=() if missing else orders,
        is_order=is_order,
    )


def _settled(value: float) -> float:
    """In 13 digits: a rank correlation of 0.6 is 0.6 whichever way it was summed."""
    return float(f"{float(value):.13g}")


def with_spread(claim: Claim, spread: float | None) -> Claim:
    """The claim with the standard error of its value, against which an order is judged anew.

    Of a count, which compares for equality, a standard error says nothing, and of one run nothing
    is known: there is none.
    """
    if claim.value is None or spread is None or claim.n < 2 or claim.comparison == "==":
        return claim
    known = replace(claim, spread=float(spread))
    if not claim.is_order:
        return known
    verdict = verdict_of(known.allowed, known.comparison, known.threshold)
    off = f"{claim.value - claim.threshold:+.2g} ± {spread:.2g} of {claim.threshold:g}"
    note = f"{off}: within {WITHIN:g} standard errors" if verdict == TIE else ""
    return replace(known, verdict=verdict, note="; ".join(filter(None, [claim.note, note])))


def not_applicable(
    *,
    id: str,
    figure: str,
    subject: str,
    statement: str,
    source: str,
    comparison: str,
    threshold: float,
    reason: str,
    n: int = 0,
) -> Claim:
    """A claim that this grid cannot decide, with the reason."""
    return Claim(
        id=id,
        figure=figure,
        subject=subject,
        statement=statement,
        source=source,
        value=None,
        comparison=comparison,
        threshold=threshold,
        verdict=NOT_APPLICABLE,
        n=int(n),
        note=reason,
    )
