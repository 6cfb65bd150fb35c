"""The cost of training is told once, before it starts, and of what is to run alone."""

from __future__ import annotations

import re

import pytest

from layeratlas.kinds.cost import training_flop
from layeratlas.workflow.estimate import CORE, Estimate, estimate, told

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
