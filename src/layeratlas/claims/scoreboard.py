"""Claims as a table for the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE, Claim

if TYPE_CHECKING:
    from rich.table import Table


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
