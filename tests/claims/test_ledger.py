"""A ledger decides, or says why it cannot, and never computes what it does not need."""

from __future__ import annotations

from dataclasses import dataclass

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE
from layeratlas.claims.ledger import Ledger


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
