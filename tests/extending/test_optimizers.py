"""An optimiser and a schedule of one's own: two files of `extensions/`, the package untouched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layeratlas.backends import get_backend
from layeratlas.config.expansion import expand
from layeratlas.config.experiment import load_experiment
from layeratlas.engine.entries import training_entries
from layeratlas.engine.loop import train_shard
from layeratlas.engine.optimizers.registry import OPTIMIZERS, OptimizerEntry
from layeratlas.engine.schedules.registry import SCHEDULES
from layeratlas.errors import ConfigError
from layeratlas.extending import loading
from layeratlas.workflow.jobs import code_of

EXAMPLES = Path(__file__).parent / "examples" / "extensions"
LION = (EXAMPLES / "lion.py").read_text(encoding="utf-8")

LINEAR = '''"""A learning rate that falls in a straight line."""

from layeratlas.engine.schedules.registry import SCHEDULES, ScheduleEntry


def linear(step, epoch, totals, settings):
    return 1 - (1 - settings["end"]) * (step - 1) / totals.steps


SCHEDULES.add(ScheduleEntry("linear", "extensions.linear:linear", {"end": 0.0}))
'''

EXPERIMENT = """
title: Signs
dataset: {source: digits, n_train: 64}
model: {depth: 3, width: 8, batch_norm: false}
training: {optimizer: lion, optimizer_settings: {beta1: 0.8}, schedule: linear, epochs: 3}
grid: {learning_rate: [0.001]}
"""

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def extended(write, monkeypatch):
    """The working folder with both files; the tables are as before after the test."""
    for table in (OPTIMIZERS, SCHEDULES):
        ours = {n: e for n, e in table._entries.items() if e.code.startswith("layeratlas.")}
        monkeypatch.setattr(table, "_entries", ours)
    write("extensions/lion.py", LION)
    write("extensions/linear.py", LINEAR)
    loading.load()
    return write


def test_they_are_short():
    assert max(len(text.splitlines()) for text in (LION, LINEAR)) <= 30


def test_an_experiment_names_them(extended):
    folder = extended("signs.yaml", EXPERIMENT).parent
    (run,) = expand(load_experiment("signs", "smoke", folder))
    training = run.settings["training"]
    assert training["optimizer_settings"] == {"beta1": 0.8, "beta2": 0.99}
    assert training["schedule"] == [{"name": "linear", "end": 0.0}]
    used = training_entries([run.settings])
    assert {"extensions.lion:update", "extensions.linear:linear"} <= set(used)


def test_what_they_do_not_take_is_refused(extended):
    for wrong, told in (
        ("beta3: 0.8", "optimizer_settings: beta3: unknown setting of optimizer 'lion'; did you"),
        ("beta2: x", "optimizer_settings: beta2: input should be a valid number; got 'x'"),
    ):
        folder = extended("signs.yaml", EXPERIMENT.replace("beta1: 0.8", wrong)).parent
        with pytest.raises(ConfigError, match=told):
            load_experiment("signs", "smoke", folder)


def test_an_update_that_breaks_is_refused_before_any_job(extended, monkeypatch):
    unknown = OptimizerEntry("lions", "extensions.lion:update", moments=2, settings={"beta1": 0.9})
    monkeypatch.setitem(OPTIMIZERS._entries, "lions", unknown)
    folder = extended(
        "signs.yaml", EXPERIMENT.replace("optimizer: lion", "optimizer: lions")
    ).parent
    with pytest.raises(
        ConfigError, match=r"signs.yaml.*optimizer 'lions': its update breaks"
    ) as no:
        load_experiment("signs", "smoke", folder)
    assert len(str(no.value)) <= 380


@pytest.mark.parametrize("on_torch", [False, True])
def test_networks_learn_by_them(extended, make_plan, clouds, on_torch):
    images, labels = clouds(n=50, d=7)
    training = {"optimizer": "lion", "schedule": "linear", "epochs": 6, "batch_size": "full"}
    plan = make_plan(training=training, learning_rate=(1e-3, 3e-3, 1e-2))
    backend = get_backend("cpu", "float64", torch=on_torch)
    result = train_shard(plan, images, labels, n_outputs=3, backend=backend)
    # Each weight moved by rate × factor at every of six steps, this way or that.
    moved = np.abs(result.theta[:, -1] - result.theta[:, 0])
    factors = 1 - np.arange(6) / 6
    for e, rate in enumerate(plan.members["learning_rate"]):
        assert moved[e].max() == pytest.approx(rate * factors.sum(), rel=1e-6)
    assert (result.train_loss[:, -1] < result.train_loss[:, 0]).all()


def test_their_text_counts_where_they_are_used_and_nowhere_else(extended):
    def code(optimizer, **more):
        run = {"model": {"family": "mlp", "initialization": "uniform_fan_in"},
               "training": {"optimizer": optimizer, "loss": "cross_entropy", **more}}  # fmt: skip
        return code_of("train", training_entries([run]), SCRIPTS)

    def asked():
        linear = [{"name": "linear", "end": 0.0}]
        return [code("adam"), code("lion"), code("adam", schedule=linear)]

    before = asked()
    extended("extensions/lion.py", LION.replace("theta - rate", "theta + rate"))
    edited = asked()
    assert edited[0] == before[0] and edited[2] == before[2] and edited[1] != before[1]
    extended("extensions/linear.py", LINEAR.replace("1 - (", "1 + ("))
    assert asked()[:2] == edited[:2] and asked()[2] != before[2]
