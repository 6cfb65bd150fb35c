"""Collecting the claims of a figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from layeratlas.claims.claim import Claim, judge, not_applicable


class Subject(Protocol):
    """What a claim is about, by its name."""

    @property
    def subject(self) -> str: ...


class Ledger:
    """Collects the claims of one figure, in `claims`."""

    def __init__(self, figure: str, source: str) -> None:
        self.figure, self.source = figure, source
        self.claims: list[Claim] = []

    def decide(
        self,
        id: str,
        subject: Subject | str,
        statement: str,
        comparison: str,
        threshold: float,
        value: Callable[[], tuple[float, int, str]],
        *,
        unless: str | None = None,
        table: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Judge `value() -> (value, n, note)`, or record why this grid cannot decide it."""
        common: dict[str, Any] = {
            "id": id,
            "figure": self.figure,
            "subject": subject if isinstance(subject, str) else subject.subject,
            "statement": statement,
            "source": self.source,
            "comparison": comparison,
            "threshold": threshold,
        }
        if unless:
            self.claims.append(not_applicable(**common, reason=unless))
            return
        number, n, note = value()
        self.claims.append(judge(**common, value=number, n=n, note=note, table=table))
