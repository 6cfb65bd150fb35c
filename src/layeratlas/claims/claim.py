"""Claims: statements of a paper with a number that decides them.

A claim function takes the cubes and reference files of its figure and returns `Claim`s. A verdict
is *holds*, *fails*, or *not applicable* with the reason (the grid is too small for the statement,
never that the number came out wrong). Missing data never count in favour: a value that cannot be
computed because runs diverged fails, and the note says so."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

HOLDS = "holds"


FAILS = "fails"


NOT_APPLICABLE = "not applicable"


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

    `n` counts the data behind the value (cells, columns, pairs, as the statement says); `table`
    holds the values one by one where a reader will want them.
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
) -> Claim:
    """A claim whose verdict is computed from its value; a value that is not finite fails."""
    value = float(value)
    missing = not math.isfinite(value)
    if missing:
        note = "; ".join(filter(None, ["no value: runs diverged or are missing", note]))
    holds = not missing and COMPARE[comparison](value, threshold)
    return Claim(
        id=id,
        figure=figure,
        subject=subject,
        statement=statement,
        source=source,
        value=None if missing else value,
        comparison=comparison,
        threshold=threshold,
        verdict=HOLDS if holds else FAILS,
        n=int(n),
        note=note,
        table=tuple(table),
    )


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
