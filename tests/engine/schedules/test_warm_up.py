"""Warm-up is torch's linear growth from 1/n."""

from __future__ import annotations

import pytest
import torch
from made.schedules import factors, rates_of_torch


@pytest.mark.parametrize("steps", [1, 5, 100])
def test_factors_are_those_of_torch(steps):
    found = factors({"name": "warm_up", "steps": steps})
    if steps == 1:
        assert set(found) == {1.0}
        return
    twin = rates_of_torch(
        torch.optim.lr_scheduler.LinearLR, start_factor=1 / steps, total_iters=steps - 1
    )
    assert found == pytest.approx(twin, rel=1e-12)
