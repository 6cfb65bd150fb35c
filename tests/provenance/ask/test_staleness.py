"""stale: code, configuration, data, uncommitted changes, and what follows from them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from made.builder import Store, altered

import layeratlas
from layeratlas import stale
from layeratlas.provenance.record.schema import FileState
from layeratlas.provenance.record.settings import differing
from layeratlas.workflow import fingerprints, jobs
from layeratlas.workflow.jobs import JOBS
from layeratlas.workflow.planning import Workflow
from layeratlas.workflow.receipts import receipt_path

CHECKOUT = Path(layeratlas.__file__).parents[2]
NAME = "phase_diagram_dropout"


@pytest.fixture(scope="module")
def workflow() -> Workflow:
    return Workflow({"preset": "smoke"}, CHECKOUT)


@pytest.fixture
def results(tmp_path: Path, workflow: Workflow) -> Store:
    """Data set, shard, measurement, cube and claims of one experiment, as the rules make them."""
    store = Store(tmp_path)
    for folder in ("config", "scripts"):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder)

    def made(rule: str, path: str, inputs: list[FileState], params: dict, **wildcards: str):
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(path)
        state = store.state_of_bytes(path)
        receipt = tmp_path / receipt_path("smoke", rule, wildcards)
        receipt.parent.mkdir(parents=True, exist_ok=True)
        receipt.touch()
        store.job(
            rule,
            inputs,
            [state],
            settings=params,
            fingerprint=params["code"],
            wildcards=wildcards,
            experiment=wildcards.get("experiment"),
            figure=wildcards.get("figure"),
        )
        return state

    plan = workflow.shards(NAME)[0]
    key = workflow.dataset_key(plan)
    base = "results/smoke"

    def asked(rule: str, **wildcards: str) -> dict:
        return {name: workflow.param(rule, name, wildcards) for name in JOBS[rule].names}

    data = made(
        "prepare_dataset",
        f"{base}/datasets/{key}.x",
        [],
        asked("prepare_dataset", key=key),
        key=key,
    )
    which = {"experiment": NAME, "key": plan.key}
    path = f"{base}/shards/{NAME}/{plan.key}.x"
    shard = made("train", path, [data], asked("train", **which), **which)
    path = f"{base}/measurements/{NAME}/{plan.key}.x"
    measured = made("measure", path, [shard, data], asked("measure", **which), **which)
    which = {"experiment": NAME}
    path = f"{base}/cubes/{NAME}.x"
    cube = made("assemble_cube", path, [measured], asked("assemble_cube", **which), **which)
    which = {"figure": "phase_diagram"}
    path = f"{base}/figures/phase_diagram.pdf"
    made("draw_figure", path, [cube], asked("draw_figure", **which), **which)
    return store


def kinds(table) -> dict[str, set[str]]:
    """{first folder below results/smoke: kinds}"""
    return {
        path.split("/")[2]: set(rows["kind"]) for path, rows in table.groupby("path")
    }  # fmt: skip


def test_nothing_is_stale_at_first(results):
    table = stale(results.root)
    assert table.empty, table[["path", "kind", "reason"]].to_string()


def test_what_would_be_made_again_for_want_of_a_receipt_is_said(results):
    """As the workflow decides: it looks at receipts alone."""
    (receipt,) = (results.root / "results/smoke/receipts/measure").rglob("*.json")
    receipt.unlink()
    assert kinds(stale(results.root)) == {
        "measurements": {"receipt"},
        "cubes": {"ancestor"},
        "figures": {"ancestor"},
    }


def test_changed_code(results, monkeypatch):
    original = jobs.code_id

    def changed(*modules, scripts=(), **options):
        is_measure = [script.name for script in scripts] == ["measure.py"]
        return "f" * 16 if is_measure else original(*modules, scripts=scripts, **options)

    monkeypatch.setattr(jobs, "code_id", changed)
    table = stale(results.root)
    assert kinds(table) == {
        "measurements": {"code"},
        "cubes": {"ancestor"},
        "figures": {"ancestor"},
    }
    assert "the code that measure uses has changed" in table["reason"].to_string()


def test_a_comment_in_a_script_makes_nothing_stale(results):
    """An edited line does; how the script was before is in the fingerprint, not in its bytes."""
    script = results.root / "scripts" / "measure.py"
    script.write_text("# A remark.\n" + script.read_text())
    fingerprints._read_file.cache_clear()
    assert stale(results.root).empty
    fingerprints._read_file.cache_clear()
    script.write_text(script.read_text() + "\nmeasured = None\n")
    assert kinds(stale(results.root)) == {
        "measurements": {"code"},
        "cubes": {"ancestor"},
        "figures": {"ancestor"},
    }


def test_changed_configuration(results):
    path = results.root / "config" / "experiments" / f"{NAME}.yaml"
    path.write_text(path.read_text().replace("dropout: [0.28, 0]", "dropout: [0.27, 0]"))
    table = stale(results.root)
    found = kinds(table)
    assert found["cubes"] >= {"configuration"}
    assert found["shards"] == {"configuration"}
    assert "datasets" not in found
    reasons = table["reason"].to_list()
    assert any("no run of shard" in reason for reason in reasons)
    assert any("settings have changed since: plan.description" in reason for reason in reasons)


def test_experiment_that_is_gone(results):
    # With those that are made from it, which would be refused without it.
    for path in (results.root / "config" / "experiments").glob("*.yaml"):
        if path.stem == NAME or NAME in path.read_text():
            path.unlink()
    table = stale(results.root)
    assert any(f"no experiment '{NAME}' any more" in reason for reason in table["reason"])


def test_refused_configuration_is_said_not_raised(results):
    path = results.root / "config" / "experiments" / f"{NAME}.yaml"
    path.write_text(path.read_text() + "\nepochs: 3\n")
    table = stale(results.root)
    assert set(table["kind"]) >= {"unchecked"}
    assert any(path.name in reason for reason in table["reason"])


def test_changed_and_lost_inputs(results):
    data = next((results.root / "results/smoke/datasets").iterdir())
    content = data.read_text()
    data.write_text("other bytes")
    found = kinds(stale(results.root))
    assert found["datasets"] == {"changed"}
    assert found["shards"] == {"data", "ancestor"}
    assert found["figures"] == {"ancestor"}
    data.unlink()
    table = stale(results.root)
    assert kinds(table)["shards"] == {"gone"}
    assert any("no longer exists" in reason for reason in table["reason"])
    data.write_text(content)
    assert stale(results.root).empty


def test_uncommitted_code(results):
    record = results.records()[1]
    results.edit(record, lambda said: said["code"].update(dirty=True))
    table = stale(results.root)
    # It does not make what was made from it irreproducible by the present code.
    assert kinds(table) == {"shards": {"uncommitted"}}
    assert "made from uncommitted changes to" in table["reason"][0]


def test_of_one_preset(results):
    record = results.records()[1]
    results.edit(record, lambda said: said["code"].update(dirty=True))
    assert stale(results.root, preset="laptop").empty
    assert len(stale(results.root, preset="smoke")) == 1


def test_rules_that_are_not_known_are_left_in_peace(results):
    (results.root / "x.txt").write_text("x")
    results.job("simulate", [], [results.state_of_bytes("x.txt")], settings={"code": "1"})
    assert stale(results.root).empty


def test_own_work_is_stale_when_its_code_or_what_it_read_has_changed(results):
    script, read = results.root / "mine.py", results.root / "in.txt"
    script.write_text("1")
    read.write_text("data")
    (results.root / "out.txt").write_text("2")
    digest = results.state_of_bytes("mine.py").digest
    results.job(
        "own_work",
        [results.state_of_bytes("in.txt")],
        [results.state_of_bytes("out.txt")],
        settings={"command": "python mine.py", "scripts": {"mine.py": digest, "../x": digest}},
        preset=None,
    )

    def reasons() -> dict[str, str]:
        found = stale(results.root)
        own = found[found["path"] == "out.txt"]
        return dict(zip(own["kind"], own["reason"], strict=True))

    assert reasons() == {}
    script.write_text("another")
    assert reasons()["code"].startswith(f"its script mine.py has changed since ({digest[:12]} then")
    script.unlink()
    assert reasons() == {"code": "its script mine.py is gone; it is kept with the record"}
    script.write_text("1")
    read.write_text("other data")
    assert reasons() == {"data": "input in.txt is not what it was"}


def test_settings_are_compared_by_value():
    assert differing({"a": {"b": 1, "c": [1]}}, {"a": {"b": 1, "c": [1]}}) == {}
    assert differing({"a": {"b": 1}}, {"a": {"b": 2}, "d": None}) == {
        "a.b": (1, 2),
        "d": (None, None),
    }


def test_code_that_could_not_be_read(results):
    """That git did not answer is told like uncommitted changes, and makes nothing else stale."""
    why = {"commit": "git took longer than 5 s", "gpu": "nvidia-smi is not installed"}
    altered(results, 1, {"commit": None, "dirty": None, "unread": why, "kept": "a" * 64})
    table = stale(results.root)
    assert kinds(table) == {"shards": {"unknown_code"}}
    (reason,) = table["reason"]
    assert reason == (
        "commit and uncommitted changes of its code could not be read: git took longer than 5 s; "
        "the code itself is kept"
    )
    altered(results, 1, {"commit": "c" * 40, "dirty": True, "unread": {"diff": "git says 'no'"}})
    assert kinds(stale(results.root)) == {"shards": {"uncommitted", "unknown_code"}}


def test_of_each_result_the_record_that_comes_last_counts(results):
    """A job on a machine whose clock is behind made the cube anew, from changed code."""
    path = f"results/smoke/cubes/{NAME}.x"
    old = results.state_of_bytes(path)
    (results.root / path).write_text("made anew")
    results.jobs = -600
    again = results.job(
        "assemble_cube",
        [],
        [results.state_of_bytes(path)],
        wildcards={"experiment": NAME},
        experiment=NAME,
        replaced={path: old.digest},
        dirty=True,
    )
    table = stale(results.root).set_index("path").loc[[path]]
    assert set(table["record"]) == {again.id}
    assert "uncommitted" in set(table["kind"])
    assert "changed" not in set(table["kind"])
