"""The ledger: which plans are worth reading, and that a damaged one costs its shard alone."""

from __future__ import annotations

import json

import pytest

from layeratlas.runs.ledger import read_ledger
from layeratlas.runs.run import Run, short_hash
from layeratlas.runs.sharding import plan_shards
from layeratlas.storage import write_json_atomic

MEMBERS = {"dropout": ("model", "dropout"), "seed": ("seed",)}


@pytest.fixture
def runs() -> list[Run]:
    """Two widths, two rates of dropout, two seeds."""
    settings = [
        {"model": {"width": width, "dropout": dropout}, "seed": seed}
        for width in (4, 8)
        for dropout in (0.0, 0.1)
        for seed in (1, 2)
    ]
    return [Run(short_hash(one), {}, one, (0, 5)) for one in settings]


def test_the_ledger_gives_back_plans_whose_shard_is_finished_or_wanted(runs, tmp_path):
    plans = plan_shards(runs, 3, MEMBERS)
    for plan in plans:
        write_json_atomic(tmp_path / f"{plan.key}.plan.json", plan.to_json())
    wanted = [run.id for run in runs]
    by_key = {plan.key: plan for plan in plans}
    assert {p.key: p for p in read_ledger(tmp_path, wanted)} == by_key
    # Half a shard is not worth finishing, but worth using once it is there.
    some = wanted[1:]
    lacking = {plan.key for plan in plans if wanted[0] in plan.run_ids}
    assert {p.key for p in read_ledger(tmp_path, some)} == set(by_key) - lacking
    for key in lacking:
        (tmp_path / f"{key}.zarr.zip").touch()
    assert {p.key for p in read_ledger(tmp_path, some)} == set(by_key)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "3", '{"key": "a"}', '{"key": 1, "members": []}', "\x00"]
)
def test_a_damaged_ledger_entry_costs_its_shard_and_nothing_else(runs, tmp_path, text):
    first, *others = plan_shards(runs, 3, MEMBERS)
    (tmp_path / f"{first.key}.plan.json").write_text(text)
    for plan in others:
        write_json_atomic(tmp_path / f"{plan.key}.plan.json", plan.to_json())
    found = read_ledger(tmp_path, [run.id for run in runs])
    assert {plan.key for plan in found} == {plan.key for plan in others}


def test_a_half_damaged_ledger_entry_is_no_entry(runs, tmp_path):
    plan = plan_shards(runs, 40, MEMBERS)[0].to_json()
    for key in plan:
        broken = {**plan, key: None}
        (tmp_path / f"{plan['key']}.plan.json").write_text(json.dumps(broken))
        assert read_ledger(tmp_path, plan["run_ids"]) == [], key
