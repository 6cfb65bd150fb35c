"""AdamW: steps are those of torch."""

from __future__ import annotations

import functools

import pytest
import torch
from made.optimizers import check_steps_of_torch


@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize("torch_backend", [False, True])
def test_steps_are_those_of_torch(torch_backend, decay):
    settings = {"optimizer": "adamw", "beta1": 0.8, "beta2": 0.99, "weight_decay": decay}
    twin = functools.partial(torch.optim.AdamW, betas=(0.8, 0.99), weight_decay=decay)
    check_steps_of_torch(settings, twin, torch_backend)
