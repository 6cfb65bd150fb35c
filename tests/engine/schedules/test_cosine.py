"""The cosine is torch's annealing over all steps."""

from __future__ import annotations

import pytest
import torch
from made.schedules import STEPS, factors, rates_of_torch


@pytest.mark.parametrize("final", [0.0, 0.1])
def test_factors_are_those_of_torch(final):
    twin = rates_of_torch(torch.optim.lr_scheduler.CosineAnnealingLR, T_max=STEPS, eta_min=final)
    assert factors({"name": "cosine", "final": final}) == pytest.approx(twin, rel=1e-12)


def test_it_waits_for_a_warm_up_and_never_rises():
    found = factors({"name": "cosine", "after": 7})
    assert set(found[:8]) == {1.0} and found[8] < 1
    assert sorted(found, reverse=True) == found
    assert set(factors({"name": "cosine", "after": STEPS + 1})) == {1.0}
