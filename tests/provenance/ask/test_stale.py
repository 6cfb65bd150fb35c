"""stale: code, configuration, data, uncommitted changes, and what follows from them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from made.builder import Store

import layeratlas
from layeratlas import stale
from layeratlas.provenance.ask.expectations import PARAMS
from layeratlas.provenance.record.schema import FileState
from layeratlas.provenance.record.settings import differing
from layeratlas.workflow.planning import Workflow

CHECKOUT = Path(layeratlas.__file__).parents[2]
NAME = "phase_diagram_dropout"


@pytest.fixture(scope="module")
def workflow() -> Workflow:
    return Workflow({"preset": "smoke"}, CHECKOUT)


@pytest.fixture
def results(tmp_path: Path, workflow: Workflow) -> Store:
    """Data set, shard, measurement, cube and claims of one experiment, as the rules make them."""
    store = Store(tmp_path)
    shutil.copytree(CHECKOUT / "config", tmp_path / "config")

    def made(rule: str, path: str, inputs: list[FileState], params: dict, **wildcards: str):
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(path)
        state = store.state_of_bytes(path)
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
    shard_json = workflow.shard_json(NAME, plan.key)
    base = "results/smoke"
    data = made(
        "prepare_dataset",
        f"{base}/datasets/{key}.x",
        [],
        {"recipe": workflow.datasets[key], "code": workflow.code("prepare")},
        key=key,
    )
    which = {"experiment": NAME, "key": plan.key}
    params = {"plan": shard_json, "code": workflow.code("train", NAME)}
    shard = made("train", f"{base}/shards/{NAME}/{plan.key}.x", [data], params, **which)
    params = {
        "plan": shard_json,
        "measure": workflow.measure_json(NAME),
        "code": workflow.code("measure", NAME),
    }
    path = f"{base}/measurements/{NAME}/{plan.key}.x"
    measured = made("measure", path, [shard, data], params, **which)
    params = {"plan": workflow.cube_plan(NAME), "code": workflow.code("assemble")}
    cube = made("assemble_cube", f"{base}/cubes/{NAME}.x", [measured], params, experiment=NAME)
    params = {
        "experiments": list(workflow.figure("phase_diagram").experiments),
        "preset": "smoke",
        "identity": workflow.identity(workflow.figure("phase_diagram").experiments),
        "code": workflow.figure_code("phase_diagram", "function"),
    }
    path = f"{base}/figures/phase_diagram.pdf"
    made("draw_figure", path, [cube], params, figure="phase_diagram")
    return store


def kinds(table) -> dict[str, set[str]]:
    """{first folder below results/smoke: kinds}"""
    return {
        path.split("/")[2]: set(rows["kind"]) for path, rows in table.groupby("path")
    }  # fmt: skip


def test_nothing_is_stale_at_first(results):
    table = stale(results.root)
    assert table.empty, table[["path", "kind", "reason"]].to_string()


def test_changed_code(results, monkeypatch):
    original = Workflow.code

    def changed(self, stage, experiment=None, *modules):
        return "f" * 16 if stage == "measure" else original(self, stage, experiment, *modules)

    monkeypatch.setattr(Workflow, "code", changed)
    table = stale(results.root)
    assert kinds(table) == {
        "measurements": {"code"},
        "cubes": {"ancestor"},
        "figures": {"ancestor"},
    }
    assert "the code that measure uses has changed" in table["reason"].to_string()


def test_changed_script(results):
    (results.root / "scripts").mkdir()
    (results.root / "scripts" / "assemble_cube.py").write_text("pass")
    record = results.records()[-2]
    record.write_text(record.read_text().replace('"script": null', f'"script": "{"0" * 64}"'))
    assert kinds(stale(results.root)) == {"cubes": {"code"}, "figures": {"ancestor"}}


def test_changed_configuration(results):
    path = results.root / "config" / "experiments" / f"{NAME}.yaml"
    path.write_text(path.read_text().replace("dropout: [0.28, 0]", "dropout: [0.27, 0]"))
    table = stale(results.root)
    found = kinds(table)
    assert found["cubes"] >= {"configuration"}
    assert found["shards"] == {"configuration"}
    assert "datasets" not in found
    reasons = table["reason"].to_list()
    assert any("no run of this shard is in the present grid" in reason for reason in reasons)
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
    record.write_text(record.read_text().replace('"dirty": false', '"dirty": true'))
    table = stale(results.root)
    # It does not make what was made from it irreproducible by the present code.
    assert kinds(table) == {"shards": {"uncommitted"}}
    assert "made from uncommitted changes to" in table["reason"][0]


def test_of_one_preset(results):
    record = results.records()[1]
    record.write_text(record.read_text().replace('"dirty": false', '"dirty": true'))
    assert stale(results.root, preset="laptop").empty
    assert len(stale(results.root, preset="smoke")) == 1


def test_rules_that_are_not_known_are_left_in_peace(results):
    (results.root / "x.txt").write_text("x")
    results.job("simulate", [], [results.state_of_bytes("x.txt")], settings={"code": "1"})
    assert stale(results.root).empty


def test_expectations_pass_what_the_rules_pass(workflow):
    """`PARAMS` is the library's copy of the rules: same rules, same names."""
    rules = {}
    for path in sorted((CHECKOUT / "rules").glob("*.smk")):
        for name, body in re.findall(r"^rule (\w+):\n((?: .*\n|\n)*)", path.read_text(), re.M):
            block = re.search(r"^    params:\n((?:        .*\n)+)", body, re.M)
            if block:
                rules[name] = set(re.findall(r"^        (\w+)=", block[1], re.M))
    plan = workflow.shards(NAME)[0]
    wildcards = {
        "experiment": NAME,
        "key": plan.key,
        "figure": "phase_diagram",
        "metric": "test_accuracy",
    }
    for rule, params in PARAMS.items():
        key = workflow.dataset_key(plan) if rule == "prepare_dataset" else plan.key
        assert set(params(workflow, wildcards | {"key": key})) == rules[rule], rule


def test_settings_are_compared_by_value():
    assert differing({"a": {"b": 1, "c": [1]}}, {"a": {"b": 1, "c": [1]}}) == {}
    assert differing({"a": {"b": 1}}, {"a": {"b": 2}, "d": None}) == {
        "a.b": (1, 2),
        "d": (None, None),
    }
