"""Asking a function of claims for one of its claims, or for their names alone.

A function of claims hands each of them to a `Ledger`. In a block of `only` the ledger judges the
wanted one and leaves out the others; in a block of `naming` it judges none and notes their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import NamedTuple

from layeratlas.claims.claim import Claim

__all__ = ["Asked", "Name", "asked_for", "naming", "only"]


class Name(NamedTuple):
    """What a claim of a figure is told by."""

    id: str
    subject: str


@dataclass
class Asked:
    """What is asked of ledgers: the claim `wanted`, of None the names alone.

    `names` are those that came by. `judges` find the wanted one: each judges it, and once more each
    time it is called; where `is_put_off`, the ledger leaves that to whoever asks.
    """

    wanted: Name | None
    is_put_off: bool = False
    names: list[Name] = field(default_factory=list)
    judges: list[Callable[[], Claim]] = field(default_factory=list)

    def take(self, name: Name, judge: Callable[[], Claim]) -> Claim | None:
        """The claim where it is wanted now."""
        self.names.append(name)
        if name != self.wanted:
            return None
        self.judges.append(judge)
        return None if self.is_put_off else judge()


_ASKED: ContextVar[Asked | None] = ContextVar("claims asked for", default=None)


def asked_for() -> Asked | None:
    """What is asked of ledgers here; None for all claims."""
    return _ASKED.get()


@contextmanager
def only(wanted: Name, *, is_put_off: bool = False) -> Iterator[Asked]:
    """In this block ledgers judge this claim alone, or with `is_put_off` none, but keep how."""
    asked = Asked(wanted, is_put_off)
    token = _ASKED.set(asked)
    try:
        yield asked
    finally:
        _ASKED.reset(token)


@contextmanager
def naming() -> Iterator[list[Name]]:
    """In this block ledgers judge nothing; gives the names of the claims that they were given."""
    asked = Asked(None, is_put_off=True)
    token = _ASKED.set(asked)
    try:
        yield asked.names
    finally:
        _ASKED.reset(token)
