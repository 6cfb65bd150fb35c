"""What is not checked again: folders found right, by the same code, that nothing changes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from made.refusals import GOOD

from layeratlas.bounded.seals import sealed
from layeratlas.config import experiments, remembering
from layeratlas.config.experiments import Experiments
from layeratlas.config.remembering import looks_outside, open_experiments
from layeratlas.datasets.recipe import SORTS
from layeratlas.datasets.recipes.own import OwnRecipe
from layeratlas.datasets.registry import OWN
from layeratlas.errors import ConfigError
from layeratlas.extending import places

WRONG = GOOD.replace("epochs: 5", "epochs: -5")
CHECKOUT = Path(__file__).resolve().parents[2]


class Folder:
    """A folder of experiments, its memory, and what a start loads of it."""

    def __init__(self, root: Path, monkeypatch):
        self.path, self.memory = root / "experiments", root / "kept" / "memory.json"
        self.path.mkdir()
        self.loaded: list[str] = []
        load = experiments.load_experiment

        def counted(name, *rest):
            self.loaded.append(name)
            return load(name, *rest)

        monkeypatch.setattr(experiments, "load_experiment", counted)

    def write(self, **texts: str) -> None:
        for name, text in texts.items():
            (self.path / f"{name}.yaml").write_text(text)

    def start(self, checks="new", preset="smoke") -> Experiments:
        self.loaded.clear()
        return open_experiments(preset, self.path, checks, self.memory)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Folder:
    found = Folder(tmp_path, monkeypatch)
    found.write(a=GOOD, b=GOOD, t="template: true\n" + GOOD)
    return found


def test_the_next_start_checks_nothing_but_what_it_asks_for(folder):
    assert list(folder.start()) == ["a", "b"] and folder.loaded == ["a", "b"]
    found = folder.start()
    assert list(found) == ["a", "b"] and not folder.loaded
    assert dict(found.kinds) == {"a": "training", "b": "training"}
    assert found["b"].name == "b" and folder.loaded == ["b"]


def test_all_are_checked_where_nothing_is_to_be_remembered(folder):
    folder.start("all")
    assert folder.loaded == ["a", "b"] and not folder.memory.exists()
    folder.start("new")
    folder.start("all")
    assert folder.loaded == ["a", "b"]


def test_jobs_check_what_they_ask_for(folder):
    folder.write(b=WRONG)
    found = folder.start("asked")
    assert list(found) == ["a", "b"] and not folder.loaded and not folder.memory.exists()
    assert found["a"].name == "a"
    with pytest.raises(ConfigError, match="epochs"):
        found["b"]


@pytest.mark.parametrize("name", ["b", "t", "new"])
def test_a_fault_that_is_written_later_is_refused(folder, name):
    """In an experiment, in a template of others, in a new file."""
    folder.start()
    folder.write(**{name: ("template: true\n" if name == "t" else "") + WRONG})
    for _ in range(2):
        with pytest.raises(ConfigError, match=f"{name}.yaml.*epochs"):
            folder.start()
    folder.write(**{name: "template: true\n" + GOOD})
    folder.start()


def test_files_of_another_name_are_other_experiments(folder):
    folder.start()
    (folder.path / "b.yaml").rename(folder.path / "c.yaml")
    assert list(folder.start()) == ["a", "c"] and folder.loaded == ["a", "c"]
    (folder.path / "c.yaml").rename(folder.path / "c.yml")
    with pytest.raises(ConfigError, match=r"name it c\.yaml"):
        folder.start()


def test_each_preset_is_checked_for_itself(folder):
    """Experiments of different sizes may fit together at one size and not at another."""
    folder.start(preset="smoke")
    folder.start(preset="paper")
    assert folder.loaded == ["a", "b"]
    folder.start(preset="smoke")
    assert not folder.loaded


def test_other_code_checks_anew(folder, tmp_path, monkeypatch):
    code = tmp_path / "package"
    (code / "room").mkdir(parents=True)
    (code / "room" / "module.py").write_text("MOST = 1\n")
    monkeypatch.setattr(remembering, "_ROOT", code)
    folder.start()
    folder.start()
    assert not folder.loaded
    (code / "room" / "module.py").write_text("MOST = 2\n")
    folder.start()
    assert folder.loaded == ["a", "b"]
    (code / "room" / "module.py").rename(code / "room" / "other.py")
    folder.start()
    assert folder.loaded == ["a", "b"]


def test_every_module_of_the_package_counts():
    found = remembering._modules(remembering._ROOT)
    assert {"words.py", "config/remembering.py", "kinds/training.py"} <= {
        os.path.normpath(place) for place in found
    }
    assert len(found) == len(list(remembering._ROOT.rglob("*.py")))


def test_other_extensions_check_anew(folder, tmp_path, monkeypatch):
    """Files that were run may have registered what experiments name."""
    file = tmp_path / "base" / "extensions" / "mine.py"
    file.parent.mkdir(parents=True)
    file.write_text("SLOPE = 1\n")
    monkeypatch.setenv(places.VARIABLE, str(tmp_path / "base"))
    monkeypatch.setattr(remembering, "ran", lambda: {"extensions.mine": "0" * 64})
    folder.start()
    folder.start()
    assert not folder.loaded
    file.write_text("SLOPE = 20\n")
    folder.start()
    assert folder.loaded == ["a", "b"]
    file.unlink()  # what is not there to be read cannot be known
    folder.start()
    folder.start()
    assert folder.loaded == ["a", "b"]


def test_what_lies_outside_is_looked_at_every_time(folder, tmp_path):
    """A file of the user's own may be right today and wrong tomorrow."""
    data = tmp_path / "data.npz"
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(80, 3)).astype("f4"), np.arange(80) % 2
    np.savez(data, x=x, y=y)
    own = f"dataset: {{source: arrays, path: '{data}', n_train: 64}}\n"
    folder.write(mine=GOOD.replace("dataset: {source: digits, n_train: 64}\n", own))
    folder.start()
    folder.start()
    assert folder.loaded == ["mine"]
    np.savez(data, x=x[:40], y=y)
    with pytest.raises(ConfigError, match="'x' has 40 rows and 'y' has 80"):
        folder.start()


@pytest.mark.parametrize(
    ("said", "outside"),
    [
        ({"title": "See: the paper", "summary": "path", "model": {"depth": 3}}, False),
        ({"model": {"family": "module", "from": "layeratlas.networks.zoo.vgg:VGG"}}, False),
        ({"model": {"family": "module", "from": "nets/mine.py:Net"}}, True),
        ({"presets": {"paper": {"training": {"loss": "extensions.mine:loss"}}}}, True),
        ({"grid": {"loss": ["mse", "layeratlas_not.mine:loss"]}}, True),
        ({"along": {"loss": {"learning_rate": {"mine:loss": 0.1}}}}, True),
        ({"dataset": {"source": "text"}}, True),
        ({"grid": {"source": ["digits", "folder"]}}, True),
        ({"dataset": {"source": "a_new_sort", "path": "here"}}, True),
    ],
)
def test_what_names_files_and_code_of_the_user(said, outside):
    assert looks_outside(said) is outside


def test_recipes_that_look_at_files_are_known_by_their_source():
    own = {sort for sort, model in SORTS.items() if issubclass(model, OwnRecipe)}
    assert own == set(OWN)


def test_few_of_the_projects_own_look_outside():
    """They would be read at every start."""
    found = Experiments("smoke", CHECKOUT / "config" / "experiments")
    assert [name for name in found if looks_outside(found.as_written(name))] == []


def test_what_changes_while_it_is_checked_is_not_kept(folder, monkeypatch):
    check = Experiments.check

    def meanwhile(self):
        check(self)
        folder.write(b=WRONG)

    monkeypatch.setattr(Experiments, "check", meanwhile)
    folder.start()
    assert not folder.memory.exists()


def _kept(**changes) -> str:
    kinds = {"a": "training"}
    one = {"key": "k", "kinds": kinds, "refining": [], "outside": [], **changes}
    return json.dumps(sealed({"kept": [one]}))


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "null",
        json.dumps({"kept": json.loads(_kept())["kept"]}),  # has none
        _kept().replace("training", "trainings"),  # does not fit its seal
        _kept(kinds={"a": "no such kind"}), _kept(kinds={"../a": "training"}), _kept(kinds=["a"]),
        _kept(refining=["not there"]), _kept(refining="a"), _kept(more=1),
        _kept(outside=["not there"]), _kept(outside="a"), _kept(outside=[["a"]]),
        json.dumps(sealed({"kept": [{"key": "k"}]})), json.dumps(sealed({"kept": 3})),
        json.dumps(sealed({})),
    ],
)  # fmt: skip
def test_a_memory_that_is_not_whole_is_worth_nothing(folder, monkeypatch, content):
    monkeypatch.setattr(remembering, "_key", lambda preset, folder: "k")
    folder.memory.parent.mkdir()
    folder.memory.write_text(content)
    folder.start()
    assert folder.loaded == ["a", "b"]
    folder.start()
    assert not folder.loaded  # and is made anew


def test_a_whole_memory_of_that_form_is_believed(folder, monkeypatch):
    """So the test above fails for what it says."""
    monkeypatch.setattr(remembering, "_key", lambda preset, folder: "k")
    folder.memory.parent.mkdir()
    folder.memory.write_text(_kept())
    assert list(folder.start()) == ["a"] and not folder.loaded


def _unasked(path):
    raise AssertionError(f"{path} was read")


def test_which_are_refined_is_remembered(folder, monkeypatch):
    """No file is read for it at the next start."""
    folder.start()
    monkeypatch.setattr(experiments, "read_yaml", _unasked)
    assert not any(map(folder.start().is_refined, "ab"))
    monkeypatch.setattr(remembering, "_key", lambda preset, folder: "k")
    folder.memory.write_text(_kept(refining=["a"]))
    with pytest.raises(AssertionError, match="was read"):
        folder.start().is_refined("a")


def test_where_nothing_can_be_kept_all_is_checked(folder):
    folder.memory.parent.write_text("a file where the folder should be")
    for _ in range(2):
        assert list(folder.start()) == ["a", "b"] and folder.loaded == ["a", "b"]


def test_what_is_no_file_is_not_waited_for(folder):
    os.mkfifo(folder.path / "pipe.yaml")
    with pytest.raises(ConfigError, match="regular file"):
        folder.start()
    assert not folder.memory.exists()


def test_the_oldest_are_forgotten(folder, monkeypatch):
    for number in range(25):
        monkeypatch.setattr(remembering, "_key", lambda preset, folder, n=number: f"key {n}")
        folder.start()
    kept = json.loads(folder.memory.read_text())["kept"]
    assert [one["key"] for one in kept] == [f"key {n}" for n in range(24, 4, -1)]


def test_a_folder_there_is_not_has_no_experiments(tmp_path):
    assert not open_experiments("smoke", tmp_path / "none", "new", tmp_path / "memory.json")
