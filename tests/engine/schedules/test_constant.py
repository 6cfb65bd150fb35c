"""The schedule of no schedule."""

from __future__ import annotations

from layeratlas.engine.schedules.constant import factor


def test_the_rate_stays():
    assert {factor(step, 1, None, {}) for step in (1, 10**9)} == {1.0}
