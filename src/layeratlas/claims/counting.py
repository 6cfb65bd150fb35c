"""How many claims hold, in words; verdicts are read as they stand, whichever there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE, Claim
from layeratlas.words import printable

#: Told in this order, others between.
_FIRST, _LAST = (HOLDS,), (FAILS, NOT_APPLICABLE)


def counted(claims: Iterable[Claim]) -> dict[str, int]:
    """Verdict → how many; those that every scoreboard counts are there even of none."""
    found = Counter(claim.verdict for claim in claims)
    others = sorted(set(found) - {*_FIRST, *_LAST})
    return {verdict: found[verdict] for verdict in (*_FIRST, *others, *_LAST)}


def summary(claims: Iterable[Claim]) -> str:
    """As "27 of 30 claims hold, 2 ties, 1 departs from the paper"; empty of no claims.

    What this grid cannot decide is not among those that could hold.
    """
    count = counted(claims)
    undecided = count.pop(NOT_APPLICABLE)
    decided, holds, departs = sum(count.values()), count.pop(HOLDS), count.pop(FAILS)
    parts = []
    if decided:
        plural = "claim" if decided == 1 else "claims"
        parts.append(f"{holds} of {decided} {plural} {'holds' if decided == 1 else 'hold'}")
    parts += [f"{n} {printable(word)}{'' if n == 1 else 's'}" for word, n in count.items()]
    if departs:
        parts.append(f"{departs} {'departs' if departs == 1 else 'depart'} from the paper")
    if undecided:
        parts.append(f"{undecided} {'' if decided else 'claims '}not applicable at this size")
    return ", ".join(parts)


def needs(claim: Claim) -> str:
    """What the number of a claim would have to be: ">= 0.5"."""
    return f"{claim.comparison} {claim.threshold:g}"


def number(claim: Claim) -> str:
    """The number of a claim, in four digits."""
    return "–" if claim.value is None else f"{claim.value:.4g}"


def spread(claim: Claim) -> str:
    """Its standard error as "± 0.02"; empty where it is not known."""
    return "" if claim.spread is None else f"± {claim.spread:.2g}"


def runs(claim: Claim) -> str:
    """What its n counts, as "30 runs"."""
    return f"{claim.n} run{'' if claim.n == 1 else 's'}"


def departures(claims: Iterable[Claim]) -> list[str]:
    """A sentence for each claim that fails: which, of what, its number and what it needs."""
    return [
        printable(
            f"{claim.figure}, {claim.id} ({claim.subject}): {claim.statement}: "
            f"{' '.join(filter(None, (number(claim), spread(claim))))}, needs {needs(claim)}"
        )
        for claim in claims
        if claim.verdict == FAILS
    ]
