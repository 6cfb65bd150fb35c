"""Collecting the claims of a figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from layeratlas.claims.asking import Name, asked_for
from layeratlas.claims.claim import Claim, Found, Orders, judge, not_applicable, told_twice
from layeratlas.errors import LayerAtlasError

_VALUES_ALONE: ContextVar[bool] = ContextVar("values of claims alone", default=False)


@contextmanager
def values_alone() -> Iterator[None]:
    """In this block ledgers find values and judge them as they are, whatever seeds leave open."""
    token = _VALUES_ALONE.set(True)
    try:
        yield
    finally:
        _VALUES_ALONE.reset(token)


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
        value: Callable[[], Found | tuple[float, int, str]],
        *,
        unless: str | None = None,
        table: Sequence[Mapping[str, Any]] = (),
        is_order: bool | None = None,
    ) -> None:
        """Judge `value() -> (value, n, note)` or `Found`, or record why these data cannot decide.

        `n` counts runs, seeds × cells. `is_order`: the statement is that one of two is the larger,
        and the value their difference or ratio; it is a tie where the value is within its standard
        error (`claim.WITHIN`) of the threshold, once that is known (`spread`). By default what is
        compared with zero is one, unless its value comes with orders of its own.
        LayerAtlasError where the subject has a claim of this id already.
        In a block of `claims.asking` those that are not asked for are left out.
        """
        common: dict[str, Any] = {
            "id": id,
            "figure": self.figure,
            "subject": subject if isinstance(subject, str) else subject.subject,
            "statement": statement,
            "source": self.source,
            "comparison": comparison,
            "threshold": threshold,
        }

        def judged() -> Claim:
            if unless:
                return not_applicable(**common, reason=unless)
            found = Found(*value())
            orders = found.orders() if found.orders and not _VALUES_ALONE.get() else Orders(())
            open_ = is_order
            if open_ is None:
                open_ = threshold == 0 and comparison != "==" and found.orders is None
            return judge(
                **common, value=found.value, n=found.n, note=found.note, table=table,
                orders=orders.values, told=orders.told, is_order=open_,
            )  # fmt: skip

        asked = asked_for()
        claim = asked.take(Name(id, common["subject"]), judged) if asked else judged()
        if claim is None:
            return
        if wrong := told_twice([*self.claims, claim]):
            raise LayerAtlasError(wrong)
        self.claims.append(claim)
