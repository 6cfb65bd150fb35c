"""Every block of code in README and docs runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import yaml
from made.documented import ROOT, Block, blocks
from made.point_cubes import point_cube
from made.synthetic import LAPTOP_GRID, LAPTOP_SLOPES, theory_cube

from layeratlas.config.experiment import load_experiment
from layeratlas.config.workflow import WorkflowConfig, load_workflow_config
from layeratlas.extending.places import VARIABLE
from layeratlas.storage import publish
from layeratlas.workflow.planning import Workflow

#: Documents whose blocks are run by other tests, word for word, and which.
ELSEWHERE = {
    "docs/cubes.md": ("tests/cubes/test_cubes_doc.py", "tests/probes/test_shard.py"),
    "docs/extending.md": ("tests/extending/test_examples.py", "tests/extending/test_pipeline.py"),
}


def here(language: str) -> list[Block]:
    return [block for block in blocks(language) if block.document not in ELSEWHERE]


def test_no_block_is_of_a_language_that_nobody_runs():
    assert {block.language for block in blocks()} == {"", "python", "yaml"}
    assert len(here("python")) >= 4 and len(here("yaml")) >= 7
    for document, tests in ELSEWHERE.items():
        names = [(ROOT / test).read_text(encoding="utf-8") for test in tests]
        assert any(document.rpartition("/")[2].removesuffix(".md") in text for text in names)


def test_every_snippet_on_cubes_is_run_somewhere():
    """Eight in order, one a section on probes, alignments and feature matrices."""
    assert len([block for block in blocks("python") if block.document == "docs/cubes.md"]) == 11


# --- Python -------------------------------------------------------------------------------------
@pytest.fixture
def folder(tmp_path, monkeypatch):
    """With the cube of which the README speaks, and a folder of data in the home."""
    cube = theory_cube("dropout", LAPTOP_GRID["dropout"], LAPTOP_SLOPES)
    path = tmp_path / "results/laptop/cubes/phase_diagram_dropout.zarr.zip"
    publish(cube, path)
    shutil.copy2(path, tmp_path)
    publish(point_cube(), tmp_path / "results/smoke/cubes/spring_boundary.zarr.zip")
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("document", sorted({block.document for block in here("python")}))
def test_python_runs(document, folder, capsys):
    mine = [block for block in here("python") if block.document == document]
    for block in mine:
        # MNIST is read from the reader's own copy, or downloaded: these come with a package.
        text = block.text.replace('source="mnist"', 'source="mnist_5k"')
        if (name := re.search(r'"extensions\.(\w+):', text)) is not None:
            run_as_extension(text, name[1], folder)
            continue
        names: dict = {}
        exec(compile(text, str(block), "exec"), names)
        if "dataset" in names:
            assert names["dataset"].sizes["train_sample"] == 2560
        if "convexity_index" in names:
            assert "dropout" in capsys.readouterr().out
        if "zarr" in names:
            assert "layers" in names["cube"].children


def run_as_extension(text: str, name: str, folder) -> None:
    """A file of the folder `extensions`, in a process that it cannot leave traces in: the data set
    that it adds is prepared."""
    (folder / "extensions").mkdir()
    (folder / "extensions" / f"{name}.py").write_text(text, encoding="utf-8")
    asked = (
        "from layeratlas.extending.loading import load; load();"
        "from layeratlas.datasets import prepare; from layeratlas.datasets.recipe import recipe_of;"
        f"made = prepare(recipe_of(dict(source={name!r}, n_train=64, n_test=32)));"
        "print(dict(made.sizes))"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=folder, env={**os.environ, VARIABLE: str(folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "64" in done.stdout and "32" in done.stdout


# --- YAML ---------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def experiments(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written") / "experiments"
    shutil.copytree(ROOT / "config/experiments", folder)
    return folder


@pytest.mark.parametrize("block", here("yaml"), ids=str)
def test_yaml_is_an_experiment_or_a_part_of_one(block, experiments, tmp_path, monkeypatch):
    """Whole, or of a training that says the rest; checked at every preset, and planned."""
    monkeypatch.chdir(tmp_path)
    x = np.random.default_rng(0).normal(size=(1000, 4))
    np.savez("my.npz", x=x, y=x[:, :1])
    given = yaml.safe_load(block.text)
    if given is None:  # a comment for editors
        assert (ROOT / "config/experiment.schema.json").is_file()
        return
    if given.keys() <= WorkflowConfig.model_fields.keys():  # of config/config.yaml
        load_workflow_config(given, str(block))
        return
    path = experiments / "written.yaml"
    text = block.text if "title" in given else f"{REST[min(given)]}\n{block.text}"
    path.write_text(text, encoding="utf-8")
    for preset in ("smoke", "laptop", "paper"):
        experiment = load_experiment("written", preset, experiments)
        for key, value in given.items():
            if key == "dataset":
                assert experiment.settings[key].items() >= value.items()
    assert Workflow({"preset": "smoke"}, tmp_path, experiments=experiments).runs("written")


#: What a fragment leaves to the file that it is a part of, by its first key.
REST = {
    "records": (
        "extends: phase_diagram_dropout\ntitle: moments\n"
        "presets: {smoke: {training: {epochs: 400}}}"
    ),
    "along": "extends: phase_diagram\ntitle: depths\nmodel: {width: 128}",
    "dataset": (
        "title: numbers of one's own\n"
        "model: {family: mlp, depth: 3, width: 16, batch_norm: false}\n"
        "training: {loss: mean_squared_error, learning_rate: 0.01, batch_size: 32, epochs: 1}\n"
        "measure: {metrics: [norm_growth]}\n"
        "grid: {learning_rate: [0.01]}"
    ),
}
