"""All experiments of a folder, each read and checked when it is asked for."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from made.refusals import GOOD

from layeratlas.config import experiments
from layeratlas.config.experiment import load_experiment
from layeratlas.config.experiments import Experiments, Outline, load_experiments
from layeratlas.config.folder import experiment_names
from layeratlas.config.reading import read_yaml
from layeratlas.config.shapes import PRESETS
from layeratlas.errors import ConfigError

EXPERIMENTS = Path(__file__).resolve().parents[2] / "config" / "experiments"
WRONG = GOOD.replace("epochs: 5", "epochs: -5")
BORROWS = GOOD + "measure: {networks: %s}\n"


def write(folder, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)


def test_each_is_as_it_is_loaded_alone(tmp_path):
    write(tmp_path, a=GOOD, b=GOOD.replace("epochs: 5", "epochs: 6"))
    found = Experiments("laptop", tmp_path)
    assert list(found) == ["a", "b"] and len(found) == 2
    for name in found:
        assert found[name] == load_experiment(name, "laptop", tmp_path)
        assert found[name] is found[name]
    assert load_experiments("laptop", tmp_path) == dict(found)


def test_nothing_is_checked_that_nobody_asks_for(tmp_path):
    write(tmp_path, right=GOOD, wrong=WRONG)
    found = Experiments("smoke", tmp_path)
    assert found["right"].settings["training"]["epochs"] == 5
    with pytest.raises(ConfigError, match="epochs"):
        found["wrong"]
    with pytest.raises(ConfigError, match="epochs"):
        found.check()
    with pytest.raises(ConfigError, match="epochs"):
        load_experiments("smoke", tmp_path)


def test_kinds_are_known_before_anything_is_checked(tmp_path):
    write(
        tmp_path,
        base="template: true\nkind: simulation\ntitle: Chains\n",
        chains="extends: base\n",
        networks=WRONG,
    )
    assert dict(Experiments("smoke", tmp_path).kinds) == {
        "chains": "simulation", "networks": "training",
    }  # fmt: skip


def test_kinds_that_are_known_are_not_looked_up(tmp_path):
    write(tmp_path, asked=GOOD)
    found = Experiments(
        "smoke", tmp_path, Outline({"asked": "training", "other": "simulation"}, [])
    )
    assert list(found) == ["asked", "other"]
    assert found["asked"].kind == "training"
    with pytest.raises(ConfigError, match="other"):
        found["other"]


def test_which_ask_for_a_boundary_is_known_before_anything_is_checked(tmp_path):
    write(
        tmp_path,
        base="template: true\nrefine: {of: kappa}\n",
        child="extends: base\n",
        one_preset="presets: {paper: {refine: {of: kappa}}}\n",
        taken_back="extends: base\nrefine: null\n",
        grid=WRONG,
    )
    found = Experiments("smoke", tmp_path)
    assert found.outline.refining == ["child", "one_preset"]
    assert not found.is_refined("grid")  # which is wrong, and is not looked at for it


def test_names_there_are_not_are_no_files(tmp_path):
    write(tmp_path, a=GOOD, t="template: true\n" + GOOD)
    found = Experiments("smoke", tmp_path)
    assert "a" in found and "t" not in found and "../a" not in found
    assert found.get("t") is None
    with pytest.raises(KeyError):
        found["t"]


def test_what_is_asked_for_is_checked_among_the_others(tmp_path):
    write(tmp_path, a=BORROWS % "c", b=GOOD, c=BORROWS % "b")
    found = Experiments("smoke", tmp_path)
    assert found["b"].measure.networks is None
    assert found["c"].measure.networks == "b"
    with pytest.raises(ConfigError, match=r"a\.yaml: measure\.networks: 'c' trains no"):
        found["a"]
    with pytest.raises(ConfigError, match=r"a\.yaml: measure\.networks"):
        found["a"]  # nor is it right when asked again
    with pytest.raises(ConfigError, match=r"a\.yaml: measure\.networks"):
        Experiments("smoke", tmp_path).check()


def test_in_a_circle_each_is_refused_for_itself(tmp_path):
    write(tmp_path, a=BORROWS % "b", b=BORROWS % "a")
    for name, other in (("a", "b"), ("b", "a")):
        with pytest.raises(ConfigError, match=f"{name}.yaml: measure.networks: '{other}'"):
            Experiments("smoke", tmp_path)[name]


@pytest.mark.parametrize("preset", PRESETS)
def test_a_folder_gives_what_its_files_give_alone_and_reads_each_once(preset, monkeypatch):
    reads: Counter[Path] = Counter()

    def counted(path: Path):
        reads[path] += 1
        return read_yaml(path)

    monkeypatch.setattr(experiments, "read_yaml", counted)
    found = load_experiments(preset, EXPERIMENTS)
    assert set(reads) == set(EXPERIMENTS.glob("*.yaml")) and set(reads.values()) == {1}
    assert tuple(found) == experiment_names(EXPERIMENTS, read_yaml)
    assert all(each.preset == preset for each in found.values())
    name = "phase_diagram_data_noise"
    assert found[name] == load_experiment(name, preset, EXPERIMENTS)
