"""What a file says of its loss is judged before any job, in one sentence."""

from __future__ import annotations

import pytest

from layeratlas.engine.settings import TrainingSettings
from layeratlas.errors import ConfigError
from layeratlas.losses.base import Loss
from layeratlas.losses.choosing import prove, refuse_encoding, refuse_targets
from layeratlas.losses.registry import LOSSES, LossEntry


class Broken(Loss):
    def __init__(self, scale: float = 1.0):
        raise RuntimeError("no such scale")


def test_settings_are_completed_and_judged():
    assert TrainingSettings(loss="hinge").loss_settings == {}
    with pytest.raises(ValueError, match="margin: unknown setting of loss 'hinge'; it has none"):
        TrainingSettings(loss="hinge", loss_settings={"margin": 2})


def test_an_encoding_belongs_to_squared_losses():
    refuse_encoding("mean_squared_error", "centred_one_hot")
    refuse_encoding("cross_entropy", "one_hot")
    told = "'centred_one_hot' belongs to loss 'mean_squared_error', 'half_squared_error'; leave"
    with pytest.raises(ValueError, match=told):
        refuse_encoding("hinge", "centred_one_hot")


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_fits_the_targets_that_it_declares(name):
    for kind in ("classes", "vectors", "tokens"):
        if kind in LOSSES[name].targets:
            refuse_targets(name, "one_hot", kind, "mine")
        else:
            told = f"loss '{name}' is of .* dataset.source 'mine' has {kind} for targets; use '"
            with pytest.raises(ValueError, match=told) as refused:
                refuse_targets(name, "one_hot", kind, "mine")
            assert len(str(refused.value)) < 300


def test_numbers_are_not_encoded():
    told = "'centred_one_hot' is of classes, and dataset.source 'mine' has vectors for targets"
    with pytest.raises(ValueError, match=told):
        refuse_targets("half_squared_error", "centred_one_hot", "vectors", "mine")


def test_a_loss_of_a_user_is_tried(monkeypatch):
    prove("cross_entropy", {})
    entry = LossEntry("broken", f"{__name__}:Broken", settings={"scale": 1.0})
    monkeypatch.setitem(LOSSES._entries, "broken", entry)
    monkeypatch.setattr("layeratlas.losses.proving.resolve", lambda code: Broken)
    with pytest.raises(ConfigError, match=r"loss 'broken' .*RuntimeError .* 'no such scale'"):
        prove("broken", {"scale": 2.0})
