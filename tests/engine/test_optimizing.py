"""What a file says of optimiser and schedule: spellings that are the same, and what is tried."""

from __future__ import annotations

import pytest

from layeratlas.engine import optimizing
from layeratlas.engine.optimizers.registry import OPTIMIZERS, OptimizerEntry
from layeratlas.engine.optimizing import parts_of_schedule, refuse_foreign, refuse_unfit
from layeratlas.engine.settings import TrainingSettings
from layeratlas.errors import ConfigError

MLP = {"family": "mlp", "depth": 3, "width": 8, "batch_norm": False, "negative_slope": 0.0,
       "dropout": 0.0, "initialization": "uniform_fan_in"}  # fmt: skip


def never():
    raise AssertionError("nobody needed the network")


def test_spellings_of_a_schedule():
    cosine = {"name": "cosine", "final": 0.0, "after": 0}
    assert parts_of_schedule("cosine") == parts_of_schedule({"name": "cosine"}) == (cosine,)
    assert parts_of_schedule(["constant", {"name": "cosine", "final": 0}]) == (cosine,)
    assert parts_of_schedule(None) == parts_of_schedule([]) == parts_of_schedule("constant") == ()
    assert parts_of_schedule([cosine]) == parts_of_schedule((cosine,))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (3, "expected a schedule, such as .* got 3"),
        ({"final": 0.1}, "expected a schedule, such as"),
        ("cosin", "unknown schedule 'cosin'; did you mean 'cosine'"),
        ({"name": "cosine", "final": 2}, "final: input should be less than or equal to 1; got 2"),
        ({"name": "milestones", "epochs": [2, -1]}, "epochs.1: input should be greater"),
        ({"name": "cosine", "end": 2}, "end: unknown setting of schedule 'cosine'"),
    ],
)
def test_a_wrong_schedule_is_told(given, told):
    with pytest.raises(ValueError, match=told):
        parts_of_schedule(given)


def test_an_optimiser_is_shown_what_it_declares():
    given = {"optimizer": "blockwise", "optimizer_settings": {"constants": [1]}}
    assert TrainingSettings(**given).optimizer_settings == {
        "rule": "normalized", "constants": [1.0],
    }  # fmt: skip
    with pytest.raises(ValueError, match=r"constants\.0: input should be greater"):
        TrainingSettings(optimizer="blockwise", optimizer_settings={"constants": [-1.0]})
    chosen = {"momentum": 0.0, "nesterov": False, "weight_decay": 0.0}
    for name in OPTIMIZERS:
        refuse_foreign(name, chosen)


def test_constants_are_counted_on_the_network():
    own = {"rule": "cap", "constants": [1.0, 1.0, 1.0]}
    refuse_unfit("blockwise", own, lambda: (MLP, (1, 4, 4), 10))
    with pytest.raises(ConfigError, match="3 given, but the network has 4 layers"):
        refuse_unfit("blockwise", own, lambda: (MLP | {"batch_norm": True}, (1, 4, 4), 10))
    refuse_unfit("blockwise", {"rule": "cap", "constants": None}, never)
    refuse_unfit("adam", {}, never)


def test_an_update_of_somebodys_own_is_tried(monkeypatch):
    entry = OptimizerEntry("own", "extensions.own:broken", settings={"power": 1.0})
    monkeypatch.setitem(OPTIMIZERS._entries, "own", entry)
    monkeypatch.setattr(optimizing, "resolve", lambda code: broken)
    with pytest.raises(ConfigError, match=r"optimizer 'own': its update breaks .*ZeroDivision"):
        refuse_unfit("own", {"power": 0.0}, never)
    refuse_unfit("own", {"power": 1.0}, never)


def broken(theta, gradient, state, rate, step, settings):
    """An update that some settings break."""
    return theta - (1 / settings["power"]) * rate * gradient, ()
