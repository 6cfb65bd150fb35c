"""Factors of a schedule at every step, and those of torch's schedulers."""

from __future__ import annotations

from typing import Any, Literal

import torch

from layeratlas.engine.optimizing import parts_of_schedule
from layeratlas.engine.schedules.schedule import Totals, schedule_of

EPOCHS, STEPS = 8, 40


def factors(part: dict[str, Any]) -> list[float]:
    """The factor of every step of a training of `EPOCHS` epochs, five steps each."""
    factor = schedule_of(parts_of_schedule(part), Totals(STEPS, EPOCHS))
    each = STEPS // EPOCHS
    return [factor(step + 1, step // each + 1) for step in range(STEPS)]


def rates_of_torch(
    scheduler: Any, each: Literal["step", "epoch"] = "step", **settings: Any
) -> list[float]:
    """The rate that a torch scheduler has at every step, from 1."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    made = scheduler(optimizer, **settings)
    rates = []
    for step in range(STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if each == "step" or (step + 1) % (STEPS // EPOCHS) == 0:
            made.step()
    return rates
