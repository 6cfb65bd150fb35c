"""Claims as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE, Claim


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


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.8g}") if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value
