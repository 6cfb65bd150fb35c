"""Claims: statements of a paper with a number that decides them.

A claim function takes the cubes and reference files of its figure and returns `Claim`s. A verdict
is *holds*, *fails*, or *not applicable* with the reason (the grid is too small for the statement,
never that the number came out wrong). Missing data never count in favour: a value that cannot be
computed because runs diverged fails, and the note says so.

The workflow reads this module at every start, so importing it loads neither xarray nor rich.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table
    from xarray import DataTree

__all__ = [
    "FAILS",
    "HOLDS",
    "NOT_APPLICABLE",
    "Claim",
    "check",
    "from_json",
    "judge",
    "not_applicable",
    "scoreboard",
    "to_json",
]

HOLDS = "holds"
FAILS = "fails"
NOT_APPLICABLE = "not applicable"

_COMPARE = {
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
    holds = not missing and _COMPARE[comparison](value, threshold)
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


def check(
    figure: str, cubes: Mapping[str, DataTree], references: Mapping[str, Path] | None = None
) -> list[Claim]:
    """All claims of a figure of `layeratlas.figures.FIGURES`; none if it makes none."""
    from layeratlas import figures

    entry = figures.lookup(figure)
    if entry.claims is None:
        return []
    figures.require("experiments", entry.experiments, cubes, figure)
    figures.require("references", entry.references, references or {}, figure)
    return figures.resolve(entry.claims)(cubes, references or {})


def to_json(claims: Sequence[Claim], identity: Mapping[str, str] | None = None) -> str:
    """The claims as JSON: the same claims and identities give the same bytes.

    Numbers are written with eight significant digits; verdicts were reached before rounding.
    """
    records = []
    for claim in claims:
        record = asdict(claim)
        if not record["table"]:
            del record["table"]
        records.append(record)
    count = {v: sum(c.verdict == v for c in claims) for v in (HOLDS, FAILS, NOT_APPLICABLE)}
    document = {"identity": dict(sorted((identity or {}).items())), "count": count}
    document["claims"] = records
    return json.dumps(_rounded(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(text: str) -> list[Claim]:
    """The claims of a file that `to_json` wrote."""
    return [
        Claim(**{**record, "table": tuple(record.get("table", ()))})
        for record in json.loads(text)["claims"]
    ]


def scoreboard(claims: Iterable[Claim]) -> Table:
    """A table for the terminal: one row a claim, what it says, its number and its verdict."""
    from rich.table import Table
    from rich.text import Text

    claims = list(claims)
    count = [f"{sum(c.verdict == v for c in claims)} {v}" for v in (HOLDS, FAILS, NOT_APPLICABLE)]
    table = Table(title="Claims", caption=", ".join(count), title_justify="left")
    table.add_column("figure", overflow="fold")
    table.add_column("claim", no_wrap=True)
    table.add_column("subject")
    table.add_column("statement", ratio=1)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("needs", no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    colours = {HOLDS: "green", FAILS: "bold red", NOT_APPLICABLE: "dim"}
    previous = None
    for claim in claims:
        if previous not in (None, claim.figure):
            table.add_section()
        # Plain Text throughout: square brackets in a note are no markup.
        statement = Text(claim.statement)
        if claim.note:
            statement.append(f"\n{claim.note}", style="dim")
        table.add_row(
            Text(claim.figure if claim.figure != previous else ""),
            Text(claim.id),
            Text(claim.subject),
            statement,
            Text("–" if claim.value is None else f"{claim.value:.4g}"),
            Text(f"{claim.comparison} {claim.threshold:g}"),
            Text(str(claim.n)),
            Text(claim.verdict, style=colours[claim.verdict]),
        )
        previous = claim.figure
    return table


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.8g}") if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value
