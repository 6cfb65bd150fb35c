"""The list of optimisers is that of the settings, and every entry is there."""

from __future__ import annotations

import pytest

from layeratlas.engine.optimizers import registry
from layeratlas.engine.optimizers.base import Optimizer
from layeratlas.engine.optimizers.registry import OPTIMIZERS, OptimizerEntry, load_optimizer
from layeratlas.engine.settings import TrainingSettings
from layeratlas.tables import resolve


def test_settings_offer_the_optimisers_there_are():
    told = TrainingSettings.model_json_schema()["properties"]["optimizer"]["enum"]
    assert told == list(OPTIMIZERS)


def test_what_an_entry_takes_is_a_setting_of_training():
    for entry in OPTIMIZERS.values():
        assert set(entry.takes) <= set(TrainingSettings.model_fields)


def test_what_an_entry_names_is_there():
    for entry in OPTIMIZERS.values():
        assert callable(resolve(entry.code)) and (not entry.fits or callable(resolve(entry.fits)))


def test_an_entry_may_be_one_function(monkeypatch):
    entry = OptimizerEntry("still", "extensions.still:stay", moments=2)
    monkeypatch.setitem(OPTIMIZERS._entries, "still", entry)
    monkeypatch.setattr(registry, "resolve", lambda code: stay)
    found = load_optimizer("still")
    assert issubclass(found, Optimizer) and found.moments == 2
    assert TrainingSettings(optimizer="still").optimizer == "still"


def stay(theta, gradient, state, rate, step, settings):
    """An update that moves nothing."""
    return theta, state


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimiser_is_in_a_module_of_its_name(name):
    entry = load_optimizer(name)
    assert issubclass(entry, Optimizer)
    assert entry.__module__ == f"layeratlas.engine.optimizers.{name}"
