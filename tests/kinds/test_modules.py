"""Modules of users when an experiment is planned: refused before any job, tried once."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest

from layeratlas.config.measuring import MeasureSettings
from layeratlas.errors import ConfigError
from layeratlas.kinds import modules
from layeratlas.networks.affine import Affine
from layeratlas.networks.registry import FAMILIES, FamilyEntry, create_family
from layeratlas.workflow.planning import Workflow

EXPERIMENT = """
title: mine
dataset: {{source: mnist_5k, n_train: 100, size: 8}}
model: {{family: module, from: "{reference}", settings: {{}}}}
measure: {{batch_norm_modes: [{modes}]}}
grid: {{learning_rate: [0.1, 0.2]}}
"""
NET = """
from torch import nn


class Net(nn.Linear):
    def __init__(self, input_shape, n_outputs):
        super().__init__(input_shape[1] * input_shape[2], n_outputs)

    def forward(self, x):
        return super().forward(x.flatten(1))
"""


@pytest.fixture
def workflow(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERATLAS_BASE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "planned_net.py").write_text(NET)

    def of(reference="planned_net.py:Net", modes="running_statistics"):
        text = EXPERIMENT.format(reference=reference, modes=modes)
        (tmp_path / "mine.yaml").write_text(text)
        return Workflow({"preset": "smoke"}, Path.cwd(), tmp_path)

    return of


def test_maps_are_named_by_the_trial_that_is_kept(workflow, tmp_path, monkeypatch):
    """Planning is in every job, and must not make a network for it."""
    monkeypatch.setattr(modules, "create_family", lambda *given, **more: pytest.fail("made"))
    asked = MeasureSettings(metrics=["uc_nfc"], maps=["a*", "b?"])
    runs = workflow().runs("mine")
    names = [asdict(Affine(name, "dense", "w", None, 1)) for name in ("a1", "b2")]
    found = {"affines": names, "maps": 2, "batch_norm": False}
    monkeypatch.setattr(modules, "tried", lambda *given, tokens: found)
    modules.prove(runs, asked, "here")
    names.pop()
    with pytest.raises(ConfigError, match=r"here: measure\.maps\[1\]: 'b\?' matches no affine map"):
        modules.prove(runs, asked, "here")


def test_a_module_is_tried_when_its_experiment_is_planned_and_not_before(workflow, monkeypatch):
    asked = []
    monkeypatch.setattr(modules, "tried", lambda *given, tokens: asked.append(given) or {})
    planned = workflow()
    assert list(planned.experiments) == ["mine"]
    assert not asked
    runs = planned.runs("mine")
    assert [given[1:] for given in asked] == [((1, 8, 8), 10)]
    assert len({run.id for run in runs}) == 2


def test_the_text_is_part_of_the_identity_of_its_runs(workflow, tmp_path):
    first = {run.id for run in workflow().runs("mine")}
    (tmp_path / "planned_net.py").write_text("# as before\n" + NET)
    assert {run.id for run in workflow().runs("mine")} == first
    (tmp_path / "planned_net.py").write_text(NET + "\n\nmore = 1\n")
    assert not {run.id for run in workflow().runs("mine")} & first


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("nowhere.py:Net", "there is no file nowhere.py"),
        ("planned_net.py:Nett", "planned_net.py has no 'Nett'"),
        ("planned_net.py", "name a file and a class"),
    ],
)
def test_what_is_not_there_is_refused_with_every_experiment(workflow, reference, told):
    with pytest.raises(ConfigError, match=rf"mine\.yaml .*model\.from: .*{told}"):
        _ = workflow(reference).experiments


@pytest.mark.parametrize(
    ("reference", "modes", "told"),
    [
        ("made.odd:NoMap", "running_statistics", "has no affine map"),
        ("planned_net.py:Net", "batch_statistics", "needs a network with batch norm"),
    ],
)
def test_what_a_try_tells_is_refused_before_any_job(workflow, reference, modes, told):
    planned = workflow(reference, modes)
    with pytest.raises(ConfigError, match=rf"mine\.yaml \(preset smoke\): .*{told}") as refusal:
        planned.shards("mine")
    assert len(str(refusal.value)) <= 380


@pytest.mark.parametrize(
    ("dataset", "shape", "n_outputs", "reads_tokens"),
    [
        ("{source: text, path: t.txt, n_train: 20, context: 5}", (5,), 4, True),
        ("{source: disc, n_train: 20}", (2,), 2, False),
    ],
)
def test_a_module_is_tried_on_data_of_any_sort(
    workflow, monkeypatch, tmp_path, dataset, shape, n_outputs, reads_tokens
):
    (tmp_path / "t.txt").write_text("abcd" * 50)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    given = []
    monkeypatch.setattr(modules, "tried", lambda *a, tokens: given.append((*a[1:], tokens)) or {})
    before = "{{source: mnist_5k, n_train: 100, size: 8}}"
    text = EXPERIMENT.replace(before, dataset.replace("{", "{{").replace("}", "}}"))
    monkeypatch.setitem(
        globals(),
        "EXPERIMENT",
        text.replace("measure: {{", "measure: {{metrics: [hessian_trace], "),
    )
    workflow().runs("mine")
    assert given == [(shape, n_outputs, reads_tokens)]


@pytest.mark.parametrize(
    ("metrics", "told"),
    [
        ("alignment", "'alignment' is of networks with at least 2 named affine maps, and "
         "'planned_net.py:Net' has 1; leave it out"),
        ("data_separation, parameter_movement", None),
    ],
)  # fmt: skip
def test_modules_with_too_few_maps_for_a_metric(workflow, monkeypatch, metrics, told):
    text = EXPERIMENT.replace("measure: {{", f"measure: {{{{metrics: [{metrics}], ")
    monkeypatch.setitem(globals(), "EXPERIMENT", text)
    if told is None:
        assert workflow().shards("mine")
        return
    with pytest.raises(ConfigError, match=r"measure\.metrics: ") as refusal:
        workflow().shards("mine")
    assert told in str(refusal.value) and len(str(refusal.value)) <= 380


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (False, "'alignment' is of networks with at least 2 named affine maps, and 'nameless' has "
         "none; leave it out"),
        (True, "model.family: 'nameless' fails: OSError: no such weights"),
    ],
)  # fmt: skip
def test_families_of_users_without_named_maps(monkeypatch, broken, told):
    entry = FamilyEntry("nameless", "made.odd:Nameless", "made.odd:Nameless")
    monkeypatch.setitem(FAMILIES._entries, "nameless", entry)
    model = {"family": "nameless", "settings": {"broken": broken}}
    run = SimpleNamespace(settings={"model": model, "dataset": {"source": "digits", "n_train": 9}})
    modules.prove([run], MeasureSettings(metrics=("data_separation",)), "x.yaml")
    with pytest.raises(ConfigError, match=r"^x\.yaml: ") as refusal:
        modules.prove([run], MeasureSettings(metrics=("network_alignment",)), "x.yaml")
    assert told.replace("'alignment'", "'network_alignment'") in str(refusal.value)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ({"family": "mlp", "depth": 3}, "'layer_9' matches no affine map; there are layer_1, "
         "layer_2, layer_3"),
        ({"family": "module", "from": "planned_net.py:Net"}, "'layer_9' matches no affine map; "
         "there are "),
    ],
)  # fmt: skip
def test_a_map_that_no_network_has_is_refused(workflow, model, told):
    workflow()
    text = "\n".join([
        "title: mine",
        "dataset: {source: mnist_5k, n_train: 100, size: 8}",
        f"model: {model | ({'batch_norm': False} if model['family'] == 'mlp' else {})}",
        "measure: {metrics: [uc_nfc], maps: ['*', layer_9]}",
        "grid: {learning_rate: [0.1, 0.2]}",
    ])  # fmt: skip
    Path("mine.yaml").write_text(text)
    planned = Workflow({"preset": "smoke"}, Path.cwd(), Path.cwd())
    with pytest.raises(ConfigError, match=r"mine\.yaml .*: measure\.maps\[1\]: ") as refusal:
        planned.runs("mine")
    assert told in str(refusal.value) and len(str(refusal.value)) <= 380


@pytest.mark.parametrize(
    "model",
    [
        {"family": "mlp", "depth": 3, "width": 4, "batch_norm": True},
        {"family": "mlp", "depth": 2, "width": 4, "batch_norm": False},
        {"family": "residual_mlp", "depth": 4, "width": 4, "branch_scale": 0.5},
        {"family": "block_cnn", "depth": 3, "channels": 2, "batch_norm": True},
    ],
)
def test_every_map_of_a_family_may_be_asked_for(model):
    data = {"source": "digits", "n_train": 9}
    run = SimpleNamespace(settings={"model": model, "dataset": data})
    names = [affine.name for affine in create_family(model, (1, 8, 8), 10).affines]
    modules._refuse_unknown_maps([run], MeasureSettings(maps=names), "x.yaml")
    with pytest.raises(ConfigError) as refusal:
        modules._refuse_unknown_maps([run], MeasureSettings(maps=["layer_9"]), "x.yaml")
    assert str(refusal.value).endswith(", ".join(names))


def test_parts_of_a_map_that_no_network_has_are_refused():
    data = {"source": "digits", "n_train": 9}
    model = {"family": "mlp", "depth": 2, "width": 4, "batch_norm": False}
    run = SimpleNamespace(settings={"model": model, "dataset": data})
    parts = {"layer_1": ("a", "b")}
    modules._refuse_unknown_maps([run], MeasureSettings(parts=parts, maps=["layer_1.a"]), "x")
    with pytest.raises(ConfigError, match=r"^x: measure\.parts: 'qkv' matches no affine map"):
        modules._refuse_unknown_maps([run], MeasureSettings(parts={"qkv": ("a", "b")}), "x")
