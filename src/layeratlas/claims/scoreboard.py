"""Claims as a table for the terminal."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE, Claim
from layeratlas.words import printable

if TYPE_CHECKING:
    from rich.table import Table


def scoreboard(claims: Iterable[Claim], older: Collection[str] = ()) -> Table:
    """A table for the terminal: one row a claim, what it says, its number and its verdict.

    Those of the figures `older` were judged from cubes that are others now: they are counted apart.
    """
    from rich.table import Table
    from rich.text import Text

    claims = list(claims)
    current = [claim.verdict for claim in claims if claim.figure not in older]
    count = [f"{current.count(verdict)} {verdict}" for verdict in (HOLDS, FAILS, NOT_APPLICABLE)]
    if len(current) < len(claims):
        count.append(f"{len(claims) - len(current)} of cubes that are others now")
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
        # Plain Text throughout: square brackets in a note are no markup, nor may what stands in a
        # file speak to the terminal.
        statement = Text(printable(claim.statement))
        if claim.note:
            statement.append(f"\n{printable(claim.note)}", style="dim")
        verdict = Text(claim.verdict, style=colours[claim.verdict])
        if claim.figure in older:
            verdict = Text(f"{claim.verdict}, once", style="dim")
        table.add_row(
            Text(printable(claim.figure) if claim.figure != previous else ""),
            Text(printable(claim.id)),
            Text(printable(claim.subject)),
            statement,
            Text("–" if claim.value is None else f"{claim.value:.4g}"),
            Text(f"{claim.comparison} {claim.threshold:g}"),
            Text(str(claim.n)),
            verdict,
        )
        previous = claim.figure
    return table
