"""An interval is two claims."""

from __future__ import annotations

import pytest

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.feature_speed.claims.intervals import between


@pytest.mark.parametrize(
    ("value", "verdicts"), [(0.5, [HOLDS, HOLDS]), (-1, [FAILS, HOLDS]), (2, [HOLDS, FAILS])]
)
def test_each_end_is_judged(value, verdicts):
    ledger = Ledger("figure", "source")
    between(ledger, "slope", "MLP", "the slope", (0.0, 1.0), lambda: (value, 3, "note"))
    low, high = ledger.claims
    assert [claim.id for claim in ledger.claims] == ["slope-low", "slope-high"]
    assert [claim.verdict for claim in ledger.claims] == verdicts
    assert (low.threshold, high.threshold) == (0, 1)
    assert low.statement == high.statement == "the slope (between 0 and 1)"


def test_what_cannot_be_decided_is_not():
    ledger = Ledger("figure", "source")
    between(ledger, "slope", "MLP", "the slope", (0, 1), lambda: 1 / 0, unless="too few")
    assert [claim.verdict for claim in ledger.claims] == [NOT_APPLICABLE] * 2
