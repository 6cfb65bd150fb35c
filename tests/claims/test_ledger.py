"""A ledger decides, or says why it cannot, and never computes what it does not need."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE, TIE, Found, Orders
from layeratlas.claims.ledger import Ledger, values_alone
from layeratlas.errors import LayerAtlasError


@dataclass(frozen=True)
class Panel:
    subject: str


def decide(subject, value, **other):
    ledger = Ledger("f", "source")
    ledger.decide("1", subject, "it is small", "<=", 0.5, value, **other)
    (claim,) = ledger.claims
    return claim


def test_a_value_is_judged_with_what_is_behind_it():
    claim = decide("a", lambda: (0.4, 12, "of cells"), table=[{"cell": 1}])
    assert (claim.verdict, claim.value, claim.n, claim.note) == (HOLDS, 0.4, 12, "of cells")
    assert (claim.figure, claim.source, claim.subject) == ("f", "source", "a")
    assert claim.table == ({"cell": 1},)
    assert decide("a", lambda: (float("nan"), 1, "")).verdict == FAILS


def test_a_subject_may_be_an_object_that_has_one():
    claim = decide(Panel("a"), lambda: (0.4, 1, "here"))
    assert (claim.subject, claim.note) == ("a", "here")


def test_what_cannot_be_decided_is_not_computed():
    def fails():
        raise AssertionError("computed")

    claim = decide("a", fails, unless="2 columns")
    assert (claim.verdict, claim.note, claim.threshold) == (NOT_APPLICABLE, "2 columns", 0.5)


def test_claims_keep_their_order():
    ledger = Ledger("f", "source")
    for id in "ba":
        ledger.decide(id, "s", "t", "<", 1.0, lambda: (0.0, 1, ""))
    assert [claim.id for claim in ledger.claims] == ["b", "a"]


def test_a_value_may_come_with_those_of_other_orders():
    found = Found(0.4, 12, "cells", lambda: Orders((0.3, 0.4, 0.6), "b and c"))
    claim = decide("a", lambda: found)
    assert (claim.verdict, claim.orders, claim.note) == (TIE, (0.3, 0.6), "cells; b and c")
    with values_alone():
        claim = decide("a", lambda: found)
    assert (claim.verdict, claim.value, claim.orders) == (HOLDS, 0.4, ())


@pytest.mark.parametrize(
    ("comparison", "threshold", "orders", "is_order", "expected"),
    [
        (">", 0.0, False, None, True),
        (">", 0.0, False, False, False),
        (">", 0.5, False, None, False),
        ("<", 1.0, False, True, True),
        # Of a count nothing is larger, and orders of its own say more than a standard error.
        ("==", 0.0, False, None, False),
        (">", 0.0, True, None, False),
    ],
)
def test_what_is_compared_with_zero_is_an_order(comparison, threshold, orders, is_order, expected):
    ledger = Ledger("f", "source")
    found = Found(0.4, 1, "", (lambda: Orders((0.4,))) if orders else None)
    ledger.decide("1", "a", "t", comparison, threshold, lambda: found, is_order=is_order)
    assert ledger.claims[0].is_order is expected


def test_two_claims_of_one_subject_and_id_are_refused():
    ledger = Ledger("f", "source")
    for subject in "ab":
        ledger.decide("1", subject, "t", "<", 1.0, lambda: (0.0, 1, ""))
    for unless in (None, "2 columns"):
        with pytest.raises(LayerAtlasError, match="two claims '1' of 'a' in figure 'f'"):
            ledger.decide("1", "a", "another", "<", 2.0, lambda: (0.0, 1, ""), unless=unless)
    assert len(ledger.claims) == 2
