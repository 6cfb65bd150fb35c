"""Settings of a training: what goes together."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from layeratlas.engine.settings import EarlyStop, ScalingSettings, TrainingSettings
from layeratlas.networks.scaling_names import BY_FAN_IN, CALIBRATED
from layeratlas.networks.scalings import SCALINGS
from layeratlas.runs.settings import plain_settings


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"momentum": 0.9}, "momentum belongs to optimizer 'sgd'; 'adam' takes beta1, beta2"),
        (
            {"optimizer": "scale_invariant_sgd", "momentum": 0.9},
            "'scale_invariant_sgd' takes learning_rate alone",
        ),
        ({"batch_size": 0}, "batch_size must be at least 1, or 'full'"),
        ({"optimizer": "lion"}, "Input should be 'adam', 'sgd', 'scale_invariant_sgd', 'adamw' or"),
        ({"optimizer": "blockwise", "weight_decay": 0.1}, "optimizer 'adam', 'sgd' or 'adamw'; 'b"),
        ({"nesterov": True}, "nesterov belongs to optimizer 'sgd'; 'adam' takes"),
        ({"optimizer": "sgd", "nesterov": True}, "nesterov true without momentum"),
        ({"optimizer": "blockwise", "optimizer_settings": {"rule": "x"}}, "rule: input should be"),
        ({"optimizer_settings": {"rule": "cap"}}, "rule: unknown setting of optimizer 'adam'; it"),
        ({"schedule": {"name": "cos"}}, "unknown schedule 'cos'; did you mean 'cosine'"),
        ({"loss": "hing"}, "Input should be 'cross_entropy', 'mean_squared_error', 'half_sq"),
        ({"loss_settings": {"delta": 1}}, "delta: unknown setting of loss 'cross_entropy'; it has"),
        ({"encoding": "centred_one_hot"}, "'centred_one_hot' belongs to loss 'mean_squared_error'"),
        ({"beta1": 1.0}, "less than 1"),
        ({"loss_spike": {"below": 1.0, "above": 0.5}}, "above 0.5 is less than below 1, so that"),
        ({"loss_spike": {"below": 0}}, "greater than 0"),
        ({"lr": 0.1}, "Extra inputs are not permitted"),
    ],
)
def test_what_does_not_go_together_is_refused(wrong, told):
    with pytest.raises(ValidationError, match=told):
        TrainingSettings(**wrong)


def test_defaults_are_the_specifications():
    settings = TrainingSettings()
    assert (settings.optimizer, settings.learning_rate, settings.epochs) == ("adam", 1e-3, 100)
    assert settings.early_stop == EarlyStop(loss_below=1e-4, change_below=1e-10)
    assert TrainingSettings(early_stop=None).early_stop is None


def test_what_an_optimiser_declares_is_completed_and_a_later_setting_leaves_no_trace():
    blockwise = TrainingSettings(optimizer="blockwise")
    assert blockwise.optimizer_settings == {"rule": "normalized", "constants": None}
    plain = plain_settings(TrainingSettings())
    later = {"optimizer_settings", "schedule", "nesterov", "weight_decay", "loss_spike"}
    assert not later & set(plain)
    assert plain_settings(TrainingSettings(schedule="constant")) == plain
    asked = plain_settings(TrainingSettings(optimizer="adamw", weight_decay=0.1))
    assert asked == plain | {"optimizer": "adamw", "weight_decay": 0.1}


def test_every_scaling_has_a_name_here():
    assert {*BY_FAN_IN} <= {*SCALINGS} and CALIBRATED not in SCALINGS
    for name in (*SCALINGS, CALIBRATED):
        assert ScalingSettings(name=name).name == name
    with pytest.raises(ValidationError):
        ScalingSettings(name="nearly_fsc")
