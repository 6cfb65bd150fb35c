"""Verdicts follow from values; what cannot be computed counts for nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE, not_applicable


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
