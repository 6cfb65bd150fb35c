"""Falls every so many epochs, as torch's StepLR."""

from __future__ import annotations

import pytest
import torch
from made.schedules import factors, rates_of_torch


@pytest.mark.parametrize("every", [1, 3, 100])
def test_factors_are_those_of_torch(every):
    twin = rates_of_torch(torch.optim.lr_scheduler.StepLR, step_size=every, gamma=0.2, each="epoch")
    found = factors({"name": "step", "every": every, "factor": 0.2})
    assert found == pytest.approx(twin, rel=1e-12)
