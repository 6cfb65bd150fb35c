"""One row of `verify`: a file, what kind it is, and what was found."""

from __future__ import annotations

from dataclasses import dataclass

OK, CHANGED, DAMAGED, MISSING = "ok", "changed", "damaged", "missing"
UNRECORDED, UNSEALED, OUTSIDE, FREED = "unrecorded", "unsealed", "outside", "freed"
NO_FAULT = (OK, UNRECORDED, UNSEALED, OUTSIDE, FREED)
"""What no file can be blamed for: older than records or seals, elsewhere, or given up."""


@dataclass(frozen=True)
class Finding:
    """One row of `verify`."""

    path: str
    kind: str
    status: str
    problem: str | None = None
    expected: str | None = None
    found: str | None = None
    record: str | None = None
    signer: str | None = None
