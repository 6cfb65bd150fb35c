"""The list of optimisers is that of the settings, and every entry is there."""

from __future__ import annotations

from typing import get_args

import pytest

from layeratlas.engine.optimizers.base import Optimizer
from layeratlas.engine.optimizers.registry import OPTIMIZERS, load_optimizer
from layeratlas.engine.settings import TrainingSettings


def test_settings_offer_the_optimisers_there_are():
    assert get_args(TrainingSettings.model_fields["optimizer"].annotation) == tuple(OPTIMIZERS)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimiser_is_in_a_module_of_its_name(name):
    entry = load_optimizer(name)
    assert issubclass(entry, Optimizer)
    assert entry.__module__ == f"layeratlas.engine.optimizers.{name}"
