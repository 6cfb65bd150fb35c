"""Parts multiply, and a factor that is no number ≥ 0 is refused."""

from __future__ import annotations

import math

import pytest

from layeratlas.engine.schedules import schedule
from layeratlas.engine.schedules.registry import SCHEDULES, ScheduleEntry
from layeratlas.engine.schedules.schedule import Totals, schedule_of
from layeratlas.errors import ConfigError

TOTALS = Totals(100, 10)


def bad(step, epoch, totals, settings):
    """A factor that turns negative, or into no number."""
    return settings["then"] if step > 1 else 1.0


def test_parts_multiply():
    warm, cosine = {"name": "warm_up", "steps": 4}, {"name": "cosine", "final": 0.1, "after": 4}
    each = [schedule_of([part], TOTALS) for part in (warm, cosine)]
    both = schedule_of([warm, cosine], TOTALS)
    for step in range(1, 101):
        assert both(step, 1) == pytest.approx(each[0](step, 1) * each[1](step, 1))
    # As nanoGPT has it: full at the end of the warm-up, `final` behind the last step.
    assert both(4, 1) == 1.0 and both(2, 1) == 0.5
    assert both(52 + 1, 1) == pytest.approx(0.1 + 0.9 * 0.5, abs=1e-12)


def test_none_is_no_schedule():
    assert schedule_of([], TOTALS) is None


@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf])
def test_a_factor_that_is_none_is_refused(monkeypatch, value):
    monkeypatch.setitem(SCHEDULES._entries, "bad", ScheduleEntry("bad", "extensions.bad:bad"))
    monkeypatch.setattr(schedule, "resolve", lambda code: bad)
    factor = schedule_of([{"name": "bad", "then": value}], TOTALS)
    assert factor(1, 1) == 1
    with pytest.raises(ConfigError, match=r"schedule 'bad': gave the factor .* at step 2, epoch 1"):
        factor(2, 1)
