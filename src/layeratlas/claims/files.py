"""Claims as JSON, sealed; and what of a file of them is believed.

A verdict is not taken from a file: it follows from value, comparison and threshold, a tie from the
values of other orders or the standard error beside it, and so do the counts from the verdicts. A
file that says otherwise was edited or has decayed. Files of earlier versions know neither ties nor
spreads.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from layeratlas.bounded.documents import MOST_BYTES, parse_json
from layeratlas.bounded.files import read_bytes
from layeratlas.bounded.seals import SEAL, check_seal, sealed
from layeratlas.claims.claim import (
    COMPARE,
    FAILS,
    HOLDS,
    NOT_APPLICABLE,
    TIE,
    VERDICTS,
    Claim,
    told_twice,
)
from layeratlas.errors import UnreadableError
from layeratlas.words import quoted

SUFFIX = ".claims.json"

_CUBE = "cube "
#: Relative, of numbers with eight digits.
_ROUNDED = 1e-7
_TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("id", "figure", "subject", "statement", "source", "note"), (str,)),
    **dict.fromkeys(("comparison", "verdict"), (str,)),
    "value": (float, int, type(None)),
    "threshold": (float, int),
    "n": (int,),
    "table": (list,),
    "spread": (float, int, type(None)),
    "orders": (list,),
    "is_order": (bool,),
}
#: What a file leaves out where there is none of it.
_OPTIONAL: dict[str, Any] = {"table": [], "spread": None, "orders": [], "is_order": False}


@dataclass(frozen=True)
class Judged:
    """The claims of a file, what it says they were judged from, and whether it is sealed."""

    claims: list[Claim]
    identity: Mapping[str, str]
    is_sealed: bool

    def older(self, content: Mapping[str, str]) -> list[str]:
        """Cubes, by name, whose `content` hash is another now; of others nothing is known."""
        judged = {
            name.removeprefix(_CUBE): told
            for name, told in self.identity.items()
            if name.startswith(_CUBE)
        }
        return sorted(name for name, told in judged.items() if content.get(name, told) != told)


def to_json(claims: Sequence[Claim], identity: Mapping[str, str] | None = None) -> str:
    """The claims as JSON: the same claims and identities give the same bytes.

    Numbers are written with eight significant digits; verdicts were reached before rounding.
    """
    records = []
    for claim in claims:
        record = asdict(claim)
        for name in _OPTIONAL.keys() & record.keys():
            if record[name] in (None, False, ()):
                del record[name]
        records.append(record)
    document = {"identity": dict(sorted((identity or {}).items())), "count": _count(claims)}
    document["claims"] = records
    text = json.dumps(sealed(_rounded(document)), indent=2, ensure_ascii=False, allow_nan=False)
    return text + "\n"


def read_claims(path: str | os.PathLike[str]) -> Judged:
    """The claims in a file `<figure>.json` or `<figure>.claims.json`.

    UnreadableError where it is no file of claims, does not fit its seal, or holds a verdict that
    does not follow from its number, a count that does not follow from the verdicts, or a claim of
    another figure.
    """
    judged = from_json(read_bytes(path, MOST_BYTES), path)
    name = Path(path).name
    figure = name.removesuffix(SUFFIX if name.endswith(SUFFIX) else ".json")
    for claim in judged.claims:
        if claim.figure != figure:
            raise UnreadableError(path, f"holds a claim of figure {quoted(claim.figure)}")
    return judged


def from_json(content: bytes | str, path: str | os.PathLike[str] = "claims") -> Judged:
    """The claims that `to_json` wrote, which came from `path`; else as `read_claims`."""
    document = parse_json(content, path)
    names = {"identity", "count", "claims"}
    if not isinstance(document, dict) or document.keys() - {SEAL} != names:
        raise UnreadableError(path, "is no file of claims")
    is_sealed = check_seal(document, path)
    identity, records = document["identity"], document["claims"]
    if not isinstance(identity, dict) or {*map(type, identity.values())} - {str}:
        raise UnreadableError(path, "says of nothing, in words, what its claims were judged from")
    if not isinstance(records, list):
        raise UnreadableError(path, "holds no list of claims")
    claims = [_claim(record, path) for record in records]
    count = document["count"]
    # Earlier versions counted no ties, and told some claims twice.
    is_earlier = isinstance(count, dict) and TIE not in count
    if not is_earlier and (wrong := told_twice(claims)):
        raise UnreadableError(path, f"holds {wrong}")
    if not isinstance(count, dict) or {TIE: 0, **count} != _count(claims):
        raise UnreadableError(path, "counts other verdicts than it holds: edited or decayed")
    return Judged(claims, identity, is_sealed)


def _claim(record: Any, path: str | os.PathLike[str]) -> Claim:
    if isinstance(record, dict):
        record = {**_OPTIONAL, **record}
    if (
        not isinstance(record, dict)
        or record.keys() != {field.name for field in fields(Claim)}
        or not all(type(record[name]) in types for name, types in _TYPES.items())
        or {*map(type, record["table"])} - {dict}
        or {*map(type, record["orders"])} - {float, int}
        or record["comparison"] not in COMPARE
        or record["verdict"] not in VERDICTS
    ):
        raise UnreadableError(path, f"is no file of claims: {quoted(record)}")
    tuples = {name: tuple(record[name]) for name in ("table", "orders")}
    claim = Claim(**{**record, **tuples})
    if not _follows(claim):
        raise UnreadableError(
            path,
            f"says that claim {quoted(claim.id, 40)} {quoted(claim.verdict)}, which its value "
            f"{claim.value} {claim.comparison} {claim.threshold} does not: edited or decayed",
        )
    return claim


def _follows(claim: Claim) -> bool:
    """Whether a verdict can be that of the numbers beside it, before all were rounded."""
    if claim.value is None:
        return claim.verdict in (FAILS, NOT_APPLICABLE)
    if claim.verdict == NOT_APPLICABLE:
        return False
    # Rounding keeps what is smaller no larger; of what became equal, either was the larger.
    equal = [value for value in claim.allowed if _may_equal(value, claim)]
    others = [value for value in claim.allowed if not _may_equal(value, claim)]
    given = {COMPARE[claim.comparison](value, claim.threshold) for value in others}
    if len(given) + len(equal) > 1 and claim.verdict == TIE:
        return True
    return len(given) < 2 and given <= {claim.verdict == HOLDS} and claim.verdict != TIE


def _may_equal(value: float, claim: Claim) -> bool:
    """Whether a value may have been the threshold; ends of an interval are sums of rounded ones."""
    slack = _ROUNDED * (abs(claim.value or 0) + abs(value)) if claim.is_order else 0.0
    return abs(value - claim.threshold) <= slack


def _count(claims: Sequence[Claim]) -> dict[str, int]:
    return {verdict: sum(claim.verdict == verdict for claim in claims) for verdict in VERDICTS}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.8g}") if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value
