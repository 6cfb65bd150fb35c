"""Verdicts follow from values; what cannot be computed counts for nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.claims.claim import (
    FAILS,
    HOLDS,
    NOT_APPLICABLE,
    TIE,
    WITHIN,
    not_applicable,
    told_twice,
    with_spread,
)


@pytest.mark.parametrize(
    ("value", "comparison", "verdict"),
    [
        (0.5, "<=", HOLDS),
        (0.51, "<=", FAILS),
        (0.5, ">=", HOLDS),
        (0.49, ">=", FAILS),
        (0.5, "<", FAILS),
        (0.49, "<", HOLDS),
        (0.5, ">", FAILS),
        (0.51, ">", HOLDS),
        (0.5, "==", HOLDS),
        (0.51, "==", FAILS),
    ],
)
def test_a_verdict_compares_with_the_threshold(claimed, value, comparison, verdict):
    claim = claimed(value, comparison=comparison)
    assert claim.verdict == verdict
    assert claim.value == value


@given(
    value=st.sampled_from([math.nan, math.inf, -math.inf]),
    comparison=st.sampled_from(["<=", ">=", "<", ">", "=="]),
    threshold=st.sampled_from([0.5, math.inf, -math.inf]),
)
def test_a_value_that_is_not_finite_never_holds(claimed, value, comparison, threshold):
    claim = claimed(value, comparison=comparison, threshold=threshold, note="of two")
    assert claim.verdict == FAILS
    assert claim.value is None
    assert claim.note == "no value: runs diverged or are missing; of two"


def test_what_a_grid_cannot_decide_has_a_reason():
    claim = not_applicable(
        id="1", figure="f", subject="s", statement="t", source="u", comparison="<",
        threshold=0.0, reason="2 columns",
    )  # fmt: skip
    assert (claim.verdict, claim.value, claim.note, claim.n) == (
        NOT_APPLICABLE, None, "2 columns", 0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("comparison", "orders", "verdict"),
    [
        ("<=", (0.1, 0.5), HOLDS),
        ("<=", (0.1, 0.6), TIE),
        ("<", (0.1, 0.5), TIE),
        (">=", (0.1, 0.4), FAILS),
        ("==", (0.2,), FAILS),
        ("==", (0.5, 0.2), TIE),
    ],
)
def test_a_verdict_is_what_every_order_gives(claimed, comparison, orders, verdict):
    claim = claimed(0.3, comparison=comparison, orders=orders, told="a and b", note="of two")
    assert claim.verdict == verdict
    assert claim.note == ("of two; a and b" if verdict == TIE else "of two")
    assert (claim.value, claim.orders) == (0.3, orders)


def test_a_number_is_the_same_whichever_way_it_was_summed(claimed):
    total = 0.1 + 0.2
    assert total > 0.3
    claim = claimed(total, threshold=0.3, orders=(total, 0.3))
    assert (claim.verdict, claim.value, claim.orders) == (HOLDS, 0.3, ())


def test_an_order_without_a_number_fails(claimed):
    claim = claimed(0.3, orders=(0.1, math.nan))
    assert (claim.verdict, claim.value, claim.orders) == (FAILS, None, ())


@given(
    value=st.floats(-1, 1),
    spread=st.floats(1e-6, 1),
    comparison=st.sampled_from(["<=", ">=", "<", ">"]),
)
def test_an_order_within_its_standard_error_is_a_tie(claimed, value, spread, comparison):
    """Whatever the comparison; beyond it, and for a size, the verdict stays as it was."""
    bare = claimed(value, threshold=0.0, comparison=comparison, is_order=True)
    size = claimed(value, threshold=0.0, comparison=comparison)
    assert bare.verdict == size.verdict == with_spread(size, spread).verdict
    known = with_spread(bare, spread)
    assert known.spread == with_spread(size, spread).spread == spread
    if abs(value) < WITHIN * spread * (1 - 1e-9):
        assert known.verdict == TIE
        assert "within 2 standard errors" in known.note
    elif abs(value) > WITHIN * spread * (1 + 1e-9):
        assert (known.verdict, known.note) == (bare.verdict, "")


def test_a_standard_error_says_nothing_of_a_count_or_of_no_value_or_of_one_run(claimed):
    for claim in (
        claimed(1.0, comparison="=="),
        claimed(math.nan, is_order=True),
        claimed(0.1, is_order=True, n=1),
    ):
        assert with_spread(claim, 0.5) == claim
    assert with_spread(claimed(0.1, is_order=True), None) == claimed(0.1, is_order=True)


def test_a_claim_is_of_one_subject_and_id(claimed):
    found = [claimed(0.1), claimed(0.2, id="2"), claimed(0.1, subject="t"), claimed(1, figure="g")]
    assert told_twice(found) is None
    assert told_twice([*found, claimed(0.3, subject="t")]) == (
        "two claims '1' of 't' in figure 'f': give each an id of its own"
    )
