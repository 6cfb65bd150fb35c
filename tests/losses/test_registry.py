"""The list of losses is that of the settings, and every entry is there."""

from __future__ import annotations

from typing import get_args

import pytest

from layeratlas.engine.settings import TrainingSettings
from layeratlas.losses.registry import LOSSES, load_loss


def test_settings_offer_the_losses_there_are():
    assert get_args(TrainingSettings.model_fields["loss"].annotation) == tuple(LOSSES)


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_is_in_a_module_of_its_name(name):
    loss = load_loss(name)
    assert type(loss).__module__ == f"layeratlas.losses.{name}"
    assert all(callable(getattr(loss, part)) for part in ("gradient_kernel", "mean", "evaluate"))
