"""Falls after chosen epochs, as torch's MultiStepLR."""

from __future__ import annotations

import pytest
import torch
from made.schedules import factors, rates_of_torch


@pytest.mark.parametrize("epochs", [[1], [2, 5], [3, 100]])
def test_factors_are_those_of_torch(epochs):
    twin = rates_of_torch(
        torch.optim.lr_scheduler.MultiStepLR, milestones=epochs, gamma=0.2, each="epoch"
    )
    found = factors({"name": "milestones", "epochs": epochs, "factor": 0.2})
    assert found == pytest.approx(twin, rel=1e-12)
