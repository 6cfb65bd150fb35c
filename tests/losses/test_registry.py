"""The table of losses: every entry is there, and made of training settings."""

from __future__ import annotations

import pytest

from layeratlas.losses.registry import LOSSES, loss_of


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_is_in_a_module_of_its_name(name):
    loss = loss_of({"loss": name})
    assert type(loss).__module__ == f"layeratlas.losses.{name}"
    assert all(callable(getattr(loss, part)) for part in ("gradient_kernel", "mean", "evaluate"))


def test_a_loss_takes_its_settings():
    assert loss_of({"loss": "mean_squared_error"}).encoding == "one_hot"
    centred = {"loss": "mean_squared_error", "encoding": "centred_one_hot"}
    assert loss_of(centred).encoding == "centred_one_hot"
    with pytest.raises(KeyError, match="unknown loss 'mean_square_error'; did you mean 'mean_s"):
        loss_of({"loss": "mean_square_error"})
