"""Names that changed: ids and files keep the former one."""

from __future__ import annotations

import pytest

from layeratlas.kinds.probe import ProbeRun
from layeratlas.kinds.training import TrainingRun
from layeratlas.runs.ledger import misfit
from layeratlas.runs.names import RENAMED, former, today
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.run import run_id, short_hash


@pytest.mark.parametrize(("old", "name"), RENAMED.items())
def test_settings_come_and_go_under_the_former_name(old, name):
    settings = {"model": {"family": name, "depth": 3}, "seed": 1}
    assert former(settings) == {"model": {"family": old, "depth": 3}, "seed": 1}
    assert today(former(settings)) == settings and former(former(settings)) == former(settings)
    assert settings["model"]["family"] == name


@pytest.mark.parametrize(
    "other", [{}, {"model": {"family": "mlp"}}, {"model": {}}, {"model": 3}, {"model": None}, 3,
              {"model": {"family": ["cnn"]}}],
)  # fmt: skip
def test_what_has_no_such_name_stays(other):
    assert today(other) is other and former(other) is other


def test_ids_are_those_that_the_former_names_gave():
    """Pinned: what the versions that had these names gave."""
    training = TrainingRun.model_validate(
        {"dataset": {"source": "digits", "n_train": 64}, "model": {"family": "block_cnn"}}
    ).canonical()
    probe = ProbeRun.model_validate({"model": {"family": "residual_mlp"}}).canonical()
    for plain, old in ((training, "cnn"), (probe, "resnet")):
        model = {**plain["model"], "family": old}
        assert run_id(plain) == short_hash({**plain, "model": model})


def test_a_plan_of_before_is_a_plan_of_today():
    settings = {"model": {"family": "resnet", "depth": 3}}
    data = {
        "key": "k", "run_ids": [short_hash({**settings, "seed": 1})], "shared": settings,
        "members": {"seed": [1]}, "checkpoints": [0],
    }  # fmt: skip
    plan = ShardPlan.from_json(data)
    assert plan.shared["model"]["family"] == "residual_mlp"
    assert plan.to_json() == data
    assert misfit(plan, {"seed": ("seed",)}) is None
