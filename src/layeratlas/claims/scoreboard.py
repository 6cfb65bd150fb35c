"""Claims as tables for the terminal: a figure each, in eighty columns, no row a page long."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE, TIE, Claim
from layeratlas.claims.counting import counted, needs, number, runs, spread, summary
from layeratlas.words import printable

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

NARROWEST = 60
#: Widths of the columns beside the statement, and what stands between columns.
_CLAIM, _NUMBER, _VERDICT, _BETWEEN = 13, 14, 10, 2
#: Lines of a row: of a subject, a statement, a note.
_SUBJECT_LINES, _STATEMENT_LINES, _NOTE_LINES = 1, 3, 2
_STYLES = {HOLDS: "green", TIE: "yellow", FAILS: "bold red", NOT_APPLICABLE: "dim"}


def scoreboard(
    claims: Iterable[Claim], older: Collection[str] = (), width: int = 80, whole: str = ""
) -> Group:
    """For a terminal of so many columns: a table a figure, one row a claim.

    What does not fit is cut; `whole` names where it stands whole. Claims of the figures `older`
    were judged from cubes that are others now: they are counted apart.
    """
    from rich.console import Group
    from rich.text import Text

    claims = list(claims)
    width = max(width, NARROWEST)
    current = [claim for claim in claims if claim.figure not in older]
    count = [f"{n} {printable(verdict)}" for verdict, n in counted(current).items()]
    if len(current) < len(claims):
        count.append(f"{len(claims) - len(current)} of cubes that are others now")
    cut: list[bool] = []
    tables = [
        _table(figure, list(some), figure in older, width, cut)
        for figure, some in groupby(claims, key=lambda claim: claim.figure)
    ]
    ending = [Text("Claims: " + ", ".join(count), style="bold")]
    if any(cut) and whole:
        ending.append(Text(f"… is whole in {printable(whole)}", style="dim"))
    return Group(*tables, *ending)


def _table(figure: str, claims: list[Claim], is_older: bool, width: int, cut: list[bool]) -> Table:
    """The claims of one figure; to `cut` goes whether each row was."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    # Plain Text throughout: square brackets in a note are no markup, nor may what stands in a
    # file speak to the terminal.
    title = Text(printable(figure), style="bold not italic")
    title.append(f"  {summary(claims)}{', once' if is_older else ''}", style="dim not bold")
    title.truncate(width - 1, overflow="ellipsis")
    table = Table(
        title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, show_edge=False,
        padding=(0, _BETWEEN, 0, 0), width=width,
    )  # fmt: skip
    statement = width - _CLAIM - _NUMBER - _VERDICT - 4 * _BETWEEN - 3
    table.add_column("claim", width=_CLAIM)
    table.add_column("statement", width=statement)
    table.add_column("value, n", width=_NUMBER)
    table.add_column("verdict", width=_VERDICT)
    for claim in claims:
        parts = [
            _lines(claim.subject, statement, _SUBJECT_LINES, "italic"),
            _lines(claim.statement, statement, _STATEMENT_LINES, ""),
            _lines(claim.note, statement, _NOTE_LINES, "dim"),
        ]
        of_number = (number(claim), spread(claim), needs(claim), f"n = {runs(claim)}")
        name = _lines(claim.id, _CLAIM, _SUBJECT_LINES + _STATEMENT_LINES + _NOTE_LINES, "")
        cut.append(name[1] or any(shortened for _, shortened in parts))
        style = "dim" if is_older else _STYLES.get(claim.verdict, "yellow")
        word = f"{claim.verdict}, once" if is_older else claim.verdict
        table.add_row(
            name[0],
            Text("\n").join(text for text, _ in parts if text.plain),
            Text("\n".join(filter(None, of_number))),
            _lines(word, _VERDICT, 3, style)[0],
        )
    return table


def _lines(text: str, width: int, most: int, style: str) -> tuple[Text, bool]:
    """`text` wrapped into at most so many lines, and whether some of it was left out."""
    from rich.console import Console
    from rich.text import Text

    whole = Text(printable(text), style=style)
    if not whole.plain:
        return whole, False
    # Of the sizes that a terminal gives to characters, not their number. Nothing is wrapped whole
    # to show its beginning.
    is_long = len(whole) > width * (most + 2)
    if is_long:
        whole.truncate(width * (most + 2), overflow="crop")
    lines = whole.wrap(Console(width=width), width, overflow="fold")
    if len(lines) <= most and not is_long:
        return Text("\n").join(lines), False
    kept = list(lines[:most])
    kept[-1].rstrip()
    kept[-1].truncate(width - 2, overflow="crop")
    kept[-1].append(" …")
    return Text("\n").join(kept), True
