"""Experiments of a folder: names, presets, reading each file once, what one asks of others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from made.refusals import GOOD

from layeratlas.config import experiment
from layeratlas.config.experiment import load_experiment
from layeratlas.config.experiments import load_experiments
from layeratlas.config.folder import experiment_names
from layeratlas.config.reading import read_yaml
from layeratlas.errors import ConfigError

EXPERIMENTS = Path(__file__).resolve().parents[2] / "config" / "experiments"


def test_a_preset_is_resolved_once(tmp_path, monkeypatch):
    (tmp_path / "x.yaml").write_text(GOOD + "presets: {paper: {seeds: 3}}\n")
    resolve, resolved = experiment._resolve, []

    def counted(name, preset, *rest):
        resolved.append(preset)
        return resolve(name, preset, *rest)

    monkeypatch.setattr(experiment, "_resolve", counted)
    assert load_experiment("x", "paper", tmp_path).seeds == (1, 2, 3)
    # What says nothing of its own is the same as the one before.
    assert resolved == ["smoke", "paper"]
    assert load_experiment("x", "laptop", tmp_path).preset == "laptop"


def test_an_experiment_is_checked_among_the_others(tmp_path):
    (tmp_path / "x.yaml").write_text(GOOD)
    (tmp_path / "f.yaml").write_text("title: A fit\nkind: fit\nfit: {target: x, library: y}\n")
    with pytest.raises(ConfigError, match=r"f\.yaml: fit\.library: 'y' is no simulation"):
        load_experiments("smoke", tmp_path)


def test_a_kind_that_is_none_is_refused(tmp_path):
    (tmp_path / "x.yaml").write_text(GOOD + "kind: simulations\n")
    with pytest.raises(ConfigError, match=r"x\.yaml: kind: unknown 'simulations'; known: fit, "):
        load_experiment("x", "smoke", tmp_path)


def test_each_length_of_training_keeps_its_own_end(tmp_path):
    (tmp_path / "x.yaml").write_text(GOOD.replace("grid: {", "grid: {epochs: [2, 4], "))
    found = load_experiment("x", "smoke", tmp_path)
    assert found.checkpoints == (2, 4)
    assert (found.keeps.of(2), found.keeps.of(4)) == ((2,), (4,))


def test_noise_is_of_no_kind_where_its_kind_is_an_axis(tmp_path):
    (tmp_path / "x.yaml").write_text(GOOD + "noise: {kind: static}\n")
    assert load_experiment("x", "smoke", tmp_path).noise_kind == "static"
    (tmp_path / "x.yaml").write_text(GOOD.replace("dropout: [0, 0.1]", "noise_kind: [fresh]"))
    assert load_experiment("x", "smoke", tmp_path).noise_kind == ""


@pytest.mark.parametrize("name", ["../x", "x/y", "X", "1x", "x.y", "", "x\n", "-x"])
def test_an_experiment_is_a_name_and_no_path(name, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "x.yaml").write_text(GOOD)
    with pytest.raises(ConfigError, match="is no experiment's name"):
        load_experiment(name, "smoke", tmp_path / "sub")


@pytest.mark.parametrize("name", ["My Grid.yaml", "2nd.yaml", "a-b.yaml", "a.b.yaml", "x.yml"])
def test_badly_named_files_are_refused(name, tmp_path):
    (tmp_path / name).write_text(GOOD)
    with pytest.raises(ConfigError, match=re.escape(str(tmp_path / name))):
        experiment_names(tmp_path, read_yaml)


def test_unknown_presets_and_files_are_refused(tmp_path):
    (tmp_path / "x.yaml").write_text(GOOD)
    with pytest.raises(ConfigError, match="unknown 'smokey'; known: smoke, laptop, paper"):
        load_experiment("x", "smokey", tmp_path)
    with pytest.raises(ConfigError, match="there is no such file"):
        load_experiment("y", "smoke", tmp_path)
    (tmp_path / "z.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"z\.yaml: is no regular file"):
        load_experiment("z", "smoke", tmp_path)
