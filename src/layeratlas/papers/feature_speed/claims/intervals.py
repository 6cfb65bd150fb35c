"""A statement about an interval is two claims, one for each end."""

from __future__ import annotations

from collections.abc import Callable

from layeratlas.claims.ledger import Ledger

__all__ = ["between"]


def between(
    ledger: Ledger,
    id: str,
    subject: str,
    statement: str,
    ends: tuple[float, float],
    value: Callable[[], tuple[float, int, str]],
    *,
    unless: str | None = None,
) -> None:
    """The value is not below the first end, and not above the second; see `Ledger.decide`."""
    low, high = ends
    told = f"{statement} (between {low:g} and {high:g})"
    ledger.decide(f"{id}-low", subject, told, ">=", low, value, unless=unless)
    ledger.decide(f"{id}-high", subject, told, "<=", high, value, unless=unless)
