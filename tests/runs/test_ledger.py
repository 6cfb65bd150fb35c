"""The ledger: which plans are worth reading, which are believed, what a damaged one costs."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import random
from pathlib import Path

import pytest

from layeratlas.bounded.seals import SEAL, sealed
from layeratlas.errors import UnreadableError
from layeratlas.runs.ledger import check_plan, misfit, read_ledger, read_plan
from layeratlas.runs.plan import ShardPlan, write_plan
from layeratlas.runs.run import Run, short_hash
from layeratlas.runs.sharding import plan_shards, shard_key
from layeratlas.storage import write_json_atomic

MEMBERS = {"dropout": ("model", "dropout"), "scaling": ("scaling", "name"), "seed": ("seed",)}


@pytest.fixture
def runs() -> list[Run]:
    """Two widths, two rates of dropout, two seeds; a section that its member empties."""
    settings = [
        {"model": {"width": width, "dropout": dropout}, "scaling": {"name": "fsc"}, "seed": seed}
        for width in (4, 8)
        for dropout in (0.0, 0.1)
        for seed in (1, 2)
    ]
    return [Run(short_hash(one), {}, one, (0, 5)) for one in settings]


@pytest.fixture
def said() -> list[str]:
    return []


def test_the_ledger_gives_back_plans_whose_shard_is_finished_or_wanted(runs, tmp_path, said):
    plans = plan_shards(runs, 3, MEMBERS)
    for plan in plans:
        write_plan(tmp_path, plan)
    by_key = {plan.key: plan for plan in plans}
    assert {p.key: p for p in read_ledger(tmp_path, runs, MEMBERS, said.append)} == by_key
    # Half a shard is not worth finishing, but worth using once it is there.
    some = runs[1:]
    lacking = {plan.key for plan in plans if runs[0].id in plan.run_ids}
    assert {p.key for p in read_ledger(tmp_path, some, MEMBERS)} == set(by_key) - lacking
    # Its manifest alone is left where its weights were given up.
    for ending in (".zarr.zip", ".json"):
        for key in lacking:
            (tmp_path / f"{key}{ending}").touch()
        assert {p.key for p in read_ledger(tmp_path, some, MEMBERS, said.append)} == set(by_key)
        assert not said and read_ledger(tmp_path, [], MEMBERS) == []
        for key in lacking:
            (tmp_path / f"{key}{ending}").unlink()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "3", '{"key": "a"}', '{"key": 1, "members": []}', "\x00",
     "[" * 100_000, '{"key": 1e999}', '{"run_ids": ' + "9" * 5000 + "}"],
)  # fmt: skip
def test_a_damaged_ledger_entry_costs_its_shard_and_nothing_else(runs, tmp_path, text, said):
    first, *others = plan_shards(runs, 3, MEMBERS)
    path = tmp_path / f"{first.key}.plan.json"
    path.write_text(text)
    for plan in others:
        write_plan(tmp_path, plan)
    found = read_ledger(tmp_path, runs, MEMBERS, said.append)
    assert {plan.key for plan in found} == {plan.key for plan in others}
    (sentence,) = said
    assert path.name in sentence and "planned anew" in sentence and "\n" not in sentence


def test_a_half_damaged_ledger_entry_is_no_entry(runs, tmp_path):
    plan = plan_shards(runs, 40, MEMBERS)[0]
    own = [run for run in runs if run.id in plan.run_ids]
    for key, value in itertools.product(plan.to_json(), (None, 3, "x", [], {}, [None], {"a": 1})):
        broken = {**plan.to_json(), key: value}
        (tmp_path / f"{plan.key}.plan.json").write_text(json.dumps(broken))
        assert read_ledger(tmp_path, own, MEMBERS) == [], (key, value)


def test_what_is_no_file_is_no_entry(runs, tmp_path, said):
    plan = plan_shards(runs, 40, MEMBERS)[0]
    os.mkfifo(tmp_path / f"{plan.key}.plan.json")
    assert read_ledger(tmp_path, runs, MEMBERS, said.append) == []
    assert "no regular file" in said[0]


# --- a key is not a content -----------------------------------------------------------------------
def exchanged(plan: ShardPlan, name: str) -> ShardPlan:
    """The plan with two values of a member exchanged under the same ids."""
    values = list(plan.members[name])
    other = next(i for i, value in enumerate(values) if value != values[0])
    values[0], values[other] = values[other], values[0]
    return dataclasses.replace(plan, members={**plan.members, name: tuple(values)})


@pytest.mark.parametrize("name", ["dropout", "seed"])
@pytest.mark.parametrize("finished", [True, False])
def test_two_exchanged_values_are_seen(runs, tmp_path, said, name, finished):
    """With the key of its ids and a seal of its own: both follow from what is there."""
    true, *others = plan_shards(runs, 4, MEMBERS)
    wrong = exchanged(true, name)
    for plan in (wrong, *others):
        write_plan(tmp_path, plan)
    path = tmp_path / f"{true.key}.plan.json"
    assert read_plan(path) == wrong
    if finished:
        (tmp_path / f"{true.key}.zarr.zip").touch()
    assert read_ledger(tmp_path, runs, MEMBERS, said.append) == others
    assert len(said) == 1 and path.name in said[0] and "settings beside it" in said[0]
    assert len(said[0]) <= 400
    with pytest.raises(UnreadableError, match="settings beside it: edited or decayed"):
        check_plan(path, MEMBERS)
    # So the shard is planned as if there had never been one.
    found = read_ledger(tmp_path, runs, MEMBERS)
    assert {plan.key: plan for plan in plan_shards(runs, 4, MEMBERS, found)} == {
        plan.key: plan for plan in (true, *others)
    }


@pytest.mark.parametrize(
    "change",
    [
        {"shared": {"model": {"width": 5}}},
        {"shared": {"model": {"width": 4.0}}},
        {"shared": {"model": {"width": 4}, "more": 1}},
        {"shared": {"model": 3}},
        {"members": {"dropout": (0.0,) * 4, "scaling": ("fsc",) * 4, "seed": (1, 2) * 2}},
        {"members": {"dropout": (0, 0, 0.1, 0.1), "scaling": ("fsc",) * 4, "seed": (1, 2) * 2}},
        {"members": {"dropout": (0.0, 0.0, 0.1, 0.1), "scaling": ("fsc",) * 4}},
        {"members": {"droppot": (0.0, 0.0, 0.1, 0.1), "seed": (1, 2) * 2}},
    ],
)
def test_any_other_setting_is_seen_whether_it_is_compared_or_hashed(runs, change):
    true = plan_shards(runs, 4, MEMBERS)[0]
    known = {run.id: run for run in runs}
    assert misfit(true, MEMBERS, known) is misfit(true, MEMBERS) is None
    some = {name: known[name] for name in true.run_ids[::2]}
    for asked in (known, some, None):
        assert misfit(dataclasses.replace(true, **change), MEMBERS, asked)


def test_runs_outside_the_grid_are_looked_at_too(runs, tmp_path, said):
    true = plan_shards(runs, 4, MEMBERS)[0]
    wrong = dataclasses.replace(
        true, members={**true.members, "seed": (*true.members["seed"][:3], 9)}
    )
    write_plan(tmp_path, wrong)
    (tmp_path / f"{true.key}.zarr.zip").touch()
    wanted = [run for run in runs if run.id in true.run_ids[:3]]
    assert read_ledger(tmp_path, wanted, MEMBERS, said.append) == [] and said


def test_a_plan_of_a_version_that_split_otherwise_is_right_all_the_same(runs, tmp_path, said):
    """Fewer members, more shared: its ids are those of its settings."""
    fewer = {name: MEMBERS[name] for name in ("dropout", "seed")}
    (plan, _) = plan_shards(runs, 4, fewer)
    write_plan(tmp_path, plan)
    assert read_ledger(tmp_path, runs, MEMBERS, said.append) == [plan] and not said
    assert plan not in plan_shards(runs, 4, MEMBERS, [plan])


# --- seals ----------------------------------------------------------------------------------------
def test_plans_are_sealed_and_older_ones_stay_readable(runs, tmp_path):
    plan = plan_shards(runs, 4, MEMBERS)[0]
    write_plan(tmp_path, plan)
    path = tmp_path / f"{plan.key}.plan.json"
    document = json.loads(path.read_text())
    assert document == sealed(plan.to_json())
    assert check_plan(path, MEMBERS) is True
    write_json_atomic(path, plan.to_json())
    assert check_plan(path, MEMBERS) is False and read_plan(path) == plan
    write_json_atomic(path, {**document, SEAL: "0" * 64})
    with pytest.raises(UnreadableError, match="does not fit its seal"):
        check_plan(path, MEMBERS)
    assert read_plan(path) == plan, "nothing else of it changed"


def test_one_run_twice_and_a_key_of_others_are_refused(runs, tmp_path):
    plan = plan_shards(runs, 4, MEMBERS)[0]
    doubled = [plan.run_ids[0], *plan.run_ids[:3]]
    key = shard_key(doubled, plan.checkpoints)
    path = tmp_path / f"{key}.plan.json"
    write_json_atomic(path, {**plan.to_json(), "run_ids": doubled, "key": key})
    with pytest.raises(UnreadableError, match="holds one run twice"):
        read_plan(path)
    write_plan(tmp_path, plan)
    (tmp_path / f"{plan.key}.plan.json").rename(path)
    with pytest.raises(UnreadableError, match=f"the plan of another shard, {plan.key}"):
        read_plan(path)


@pytest.mark.parametrize("seal", [True, False])
def test_no_flipped_bit_is_believed(runs, tmp_path, seal):
    """A plan read with a bit of it flipped is left out, or is the very plan that it was."""
    plan = plan_shards(runs, 4, MEMBERS)[0]
    write_plan(tmp_path, plan)
    path: Path = tmp_path / f"{plan.key}.plan.json"
    if not seal:
        write_json_atomic(path, plan.to_json())
    content, dice, told = path.read_bytes(), random.Random(5), 0
    for _ in range(400):
        place, bit = dice.randrange(len(content)), dice.randrange(8)
        flipped = bytearray(content)
        flipped[place] ^= 1 << bit
        path.write_bytes(flipped)
        found = read_ledger(tmp_path, runs, MEMBERS)
        assert found in ([], [plan])
        try:
            check_plan(path, MEMBERS)
        except UnreadableError:
            told += 1
        else:
            assert found == [plan]
    assert told > 300
