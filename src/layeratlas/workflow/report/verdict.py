"""How many claims hold, short enough for a column of a table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from layeratlas.claims.claim import HOLDS, NOT_APPLICABLE, TIE
from layeratlas.claims.counting import counted
from layeratlas.claims.files import read_claims

NONE = "no claims"
UNJUDGED = "not judged"
UNDECIDED = "undecided at this size"


def verdict(judged: Iterable[Path]) -> str:
    """As "41 of 42 hold", with the number of ties where there are any, of all claims of the files.

    What this grid cannot decide is not among those that could hold. Without files `NONE`, and
    `UNJUDGED` where one of them is not there. UnreadableError of what is no file of claims.
    """
    paths = list(judged)
    if not all(path.is_file() for path in paths):
        return UNJUDGED
    count = counted(claim for path in paths for claim in read_claims(path).claims)
    undecided = count.pop(NOT_APPLICABLE)
    decided = sum(count.values())
    if not decided:
        return UNDECIDED if undecided else NONE
    ties = count.get(TIE, 0)
    tied = f", {ties} {'tie' if ties == 1 else 'ties'}" if ties else ""
    verb = "holds" if decided == 1 else "hold"
    return f"{count[HOLDS]} of {decided} {verb}{tied}"
