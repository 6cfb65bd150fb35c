"""The first epochs are slow, the others are not."""

from __future__ import annotations

import pytest
from made.schedules import EPOCHS, STEPS, factors


@pytest.mark.parametrize("epochs", [1, 2])
def test_the_first_epochs_are_slow(epochs):
    found = factors({"name": "warm_epoch", "factor": 5e-5, "epochs": epochs})
    slow = STEPS // EPOCHS * epochs
    assert found == [5e-5] * slow + [1.0] * (STEPS - slow)
