"""The cost of training is told once, before it starts, and of what is to run alone."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from layeratlas.kinds import KINDS
from layeratlas.kinds.cost import training_flop
from layeratlas.runs.plan import write_plan
from layeratlas.workflow.estimate import (
    CORE,
    GPU,
    MOST_RUNS,
    PART_OF_GPU,
    Estimate,
    estimate,
    runs_in,
    told,
    told_of_freed,
)
from layeratlas.workflow.planning import Workflow

HOUR = CORE * 3600


@pytest.fixture
def tiny(inside):
    """Plans of the tiny experiment, three lengths and two depths of it, in two sorts of shard."""
    inside.write(grid={"depth": [3, 5], "epochs": [1, 2, 4]}, seeds=3, shard_size=2)
    return inside.atlas()


def test_it_is_the_sum_over_the_runs_of_these_shards(tiny):
    shards = [("tiny", plan.key) for plan in tiny.shards("tiny")]
    found = estimate(tiny, shards)
    runs = tiny.runs("tiny")
    assert (found.networks, found.shards, found.unknown) == (18, len(shards), 0)
    assert found.flop == pytest.approx(sum(training_flop(run.settings) for run in runs), rel=1e-12)
    # 16 inputs, width 8, 10 classes, 64 images, three seeds.
    assert found.flop == 6 * 64 * (1 + 2 + 4) * 3 * sum((16 + 8 * k + 10) * 8 for k in (1, 3))
    some = estimate(tiny, shards[:2])
    assert some.networks < 18 and 0 < some.flop < found.flop
    assert estimate(tiny, []) == Estimate()


def test_runs_that_a_shard_holds_beside_those_asked_for_count_too(inside):
    inside.write(grid={"dropout": [0, 0.1]})
    plan = inside.atlas().shards("tiny")[0]
    whole = estimate(inside.atlas(), [("tiny", plan.key)])
    grown = inside.atlas()
    grown._plans["tiny"] = [plan]
    grown._runs["tiny"] = grown.runs("tiny")[:1]
    assert estimate(grown, [("tiny", plan.key)]) == whole


@pytest.mark.parametrize(
    ("cost", "preset", "parts"),
    [
        (Estimate(), "paper", None),
        (Estimate(5, 1, 0.9 * HOUR), "laptop", None),
        (Estimate(5, 1, 0.9 * HOUR), "paper", ("54 minutes of one core", "1 minute of a GPU")),
        (Estimate(1234, 7, 1.2 * HOUR), "laptop", ("1,234 networks in 7 shards", "1 hour of one")),
        (Estimate(5, 1, 3000 * HOUR), "smoke", ("3,000 hours of one core", "4 hours of a GPU")),
        (Estimate(5, 2, 2 * HOUR, 3), "laptop", ("2 hours of one core", "3 networks of families")),
        (Estimate(3, 1, 0.0, 3), "paper", ("3 networks of families of unknown size are not",)),
    ],
)
def test_little_is_told_of_the_paper_alone(cost, preset, parts):
    sentence = told(cost, preset)
    assert bool(sentence) == (parts is not None)
    assert len(sentence) <= 380 and all(part in sentence for part in parts or ())


def test_snakemake_tells_it_once_and_nothing_of_what_is_made(project):
    """After a dry run; before the first job of a real one."""
    target = "results/paper/shards/tiny"
    key = project.atlas("paper").shards("tiny")[0].key
    dry = project.snakemake(f"{target}/{key}.json", dry=True, preset="paper")
    (sentence,) = re.findall(r"^Note: to train: .*$", dry.stderr, re.M)
    assert "4 networks in 1 shards" in sentence
    made = project.make(f"{target}/{key}.json", preset="paper")
    assert made.count("Note: to train:") == 1
    assert made.index(sentence) < made.index("rule train")
    again = project.snakemake(f"{target}/{key}.json", dry=True, preset="paper")
    assert "to train" not in again.stderr + again.stdout
    smoke = project.atlas().shards("tiny")[0].key
    planned = project.snakemake(f"results/smoke/shards/tiny/{smoke}.json", dry=True)
    assert planned.returncode == 0 and "to train" not in planned.stderr


# --- how many runs make a job -------------------------------------------------------------------
def test_a_job_is_of_as_many_runs_as_there_are_minutes_for(tiny):
    runs = [run for run in tiny.runs("tiny") if run.settings["training"]["epochs"] == 4]
    mean = sum(training_flop(run.settings) for run in runs) / len(runs)
    for wanted in (1, 7, 40):
        minutes = (wanted + 0.5) * mean / CORE / 60
        assert runs_in(minutes, "training", False, 5)(runs) == wanted
        # A card is faster, though small networks use little of it.
        on_card = runs_in(minutes, "training", True, 5)(runs)
        assert on_card == pytest.approx((wanted + 0.5) * GPU * PART_OF_GPU / CORE, abs=1)
    assert runs_in(1e-9, "training", False, 5)(runs) == 1
    assert runs_in(1e5, "training", False, 5)(runs) == MOST_RUNS


def test_where_nobody_can_tell_the_experiment_says_it(tiny, monkeypatch):
    monkeypatch.setitem(KINDS, "training", dataclasses.replace(KINDS["training"], flop=_unknown))
    assert runs_in(30.0, "training", False, 5)(tiny.runs("tiny")) == 5


def _unknown(settings):
    return None


@pytest.mark.parametrize(
    ("kind", "changes", "factor"),
    [
        ("simulation", {"chain.steps": 3}, 3),
        ("simulation", {"chain.length": 2}, 2),
        ("probe", {"model.width": 4}, 15),
        ("probe", {"probe.samples": 100}, 30),
    ],
)
def test_other_kinds_cost_what_their_sizes_say(kind, changes, factor):
    """Width counts twice, but for the draw of the weights and the outer layers."""
    settings = {
        "simulation": {"chain": {"length": 7, "steps": 100, "order": "first"}},
        "probe": {
            "model": {"depth": 50, "width": 100, "n_inputs": 3, "n_outputs": 1},
            "probe": {"samples": 8, "conditioning": False},
        },
    }[kind]
    before = KINDS[kind].flop(settings)
    for path, times in changes.items():
        section, name = path.split(".")
        settings = {
            **settings,
            section: {**settings[section], name: settings[section][name] * times},
        }
    assert KINDS[kind].flop(settings) > 0.7 * factor * before


def test_shards_follow_the_place(inside):
    """By the key of config.yaml, for every kind; run ids are what they were."""
    inside.write(grid={"dropout": [0, 0.1, 0.2, 0.3], "negative_slope": [0, 1]}, seeds=5)
    usual = inside.atlas()
    (cost,) = {training_flop(run.settings) for run in usual.runs("tiny")}
    sizes = {}
    for wanted in (1, 7, 40):
        minutes = (wanted + 0.5) * cost / CORE / 60
        atlas = Workflow({"preset": "smoke", "device": "cpu", "minutes_per_job": minutes}, Path())
        sizes[wanted] = [plan.size for plan in atlas.shards("tiny")]
        assert [run.id for run in atlas.runs("tiny")] == [run.id for run in usual.runs("tiny")]
    assert sizes == {1: [1] * 40, 7: [7] * 5 + [5], 40: [40]}


def test_jobs_that_plan_again_cut_as_their_controller_did(inside):
    """While shards are begun, in any order, those of the others keep their keys."""
    inside.write(grid={"dropout": [0, 0.1, 0.2], "depth": [3, 5]}, seeds=5)
    config = {"preset": "smoke", "device": "cpu", "minutes_per_job": 4e-7}
    keys = {plan.key for plan in Workflow(config, Path()).shards("tiny")}
    assert 4 < len(keys) < 30
    folder = Path("results/smoke/shards/tiny")
    for plan in sorted(Workflow(config, Path()).shards("tiny"), key=lambda plan: plan.key):
        write_plan(folder, plan)
        assert {plan.key for plan in Workflow(config, Path()).shards("tiny")} == keys


def test_only_what_was_given_up_is_told_as_that(tmp_path):
    """Its manifest is left; what was never made has none, what is there has its archive too."""
    folder = tmp_path / "shards" / "tiny"
    folder.mkdir(parents=True)
    for name in ("a.json", "b.json", "b.zarr.zip", "c.plan.json"):
        (folder / name).touch()
    shards = [("tiny", key) for key in "abc"]
    assert told_of_freed(tmp_path, shards).startswith("1 shards are trained again: ")
    assert told_of_freed(tmp_path, shards[1:]) == ""
