"""Every schedule is a module of its own, and its factors are numbers from 0 to 1."""

from __future__ import annotations

import pytest

from layeratlas.engine.optimizing import parts_of_schedule
from layeratlas.engine.schedules.registry import SCHEDULES
from layeratlas.engine.schedules.schedule import Totals, schedule_of

NEEDED = {
    "warm_up": {"steps": 3}, "step": {"every": 2}, "milestones": {"epochs": [1, 3]},
    "warm_epoch": {"factor": 5e-5},
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_is_in_a_module_of_its_name(name):
    assert SCHEDULES[name].code == f"layeratlas.engine.schedules.{name}:factor"
    parts = parts_of_schedule({"name": name, **NEEDED.get(name, {})})
    factor = schedule_of(parts, Totals(12, 4))
    if name == "constant":
        assert factor is None
        return
    found = [factor(step, (step + 2) // 3) for step in range(1, 13)]
    assert all(0 <= value <= 1 for value in found) and len(set(found)) > 1
