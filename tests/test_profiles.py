"""Profiles: how to run, a file a place. Each replaces the default, so all agree on the rest."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from snakemake.api import ExecutorPluginRegistry
from snakemake.cli import get_argument_parser
from snakemake.profiles import ProfileConfigFileParser

from layeratlas.config.workflow import WorkflowConfig, workflow_config
from layeratlas.workflow.requests import NAMES

ROOT = Path(__file__).resolve().parents[1]
PROFILES = sorted(path.parent.name for path in (ROOT / "profiles").glob("*/config.yaml"))
DISPLAY = '?if find_spec("snakemake_logger_plugin_layeratlas")'
#: What decides which jobs run and what becomes of failures, whatever the place.
SHARED = (
    "__use_yte__",
    "__definitions__",
    "scheduler",
    "keep-going",
    "rerun-triggers",
    "ignore-incomplete",
    "drop-metadata",
    "printshellcmds",
    DISPLAY,
)
EDITED = re.compile(r"^# --- Edit these (?:two|three|four) lines -+\n(.*?)^# -+$", re.M | re.S)


def text(name: str) -> str:
    return (ROOT / "profiles" / name / "config.yaml").read_text(encoding="utf-8")


def settings(name: str) -> dict:
    return yaml.safe_load(text(name))


def test_there_is_one_for_each_place():
    assert {"default", "gpu", "kubernetes", "slurm"} <= {*PROFILES}


@pytest.mark.parametrize("name", PROFILES)
def test_all_profiles_agree_on_what_is_no_matter_of_the_place(name):
    default = settings("default")
    assert {key: settings(name).get(key) for key in SHARED} == {key: default[key] for key in SHARED}


@pytest.mark.parametrize("name", PROFILES)
def test_snakemake_knows_every_key(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    given = settings(name)
    executor = given.get("executor")
    parser = get_argument_parser()
    known = {option for action in parser._actions for option in action.option_strings}
    own = {key for key in given if executor and key.startswith(f"{executor}-")}
    asked = {f"--{key}" for key in given if not key.startswith(("__", "?"))} - {
        f"--{key}" for key in own
    }
    assert asked <= known


@pytest.mark.parametrize("name", [name for name in PROFILES if "executor" in settings(name)])
def test_executors_know_what_they_are_told(name):
    executor = settings(name)["executor"]
    if importlib.util.find_spec(f"snakemake_executor_plugin_{executor.replace('-', '_')}") is None:
        pytest.skip(f"the executor {executor} is not installed")
    plugin = ExecutorPluginRegistry().get_plugin(executor)
    known = {f"{executor}-{one.name.replace('_', '-')}" for one in fields(plugin.settings_cls)}
    assert {key for key in settings(name) if key.startswith(f"{executor}-")} <= known
    # Records, receipts and checkpoints lie beside results: without a shared folder they are lost.
    assert not plugin.common_settings.implies_no_shared_fs


def test_the_image_has_the_executor_that_the_profile_names():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (asked,) = map(Requirement, project["project"]["optional-dependencies"]["kubernetes"])
    assert asked.name == f"snakemake-executor-plugin-{settings('kubernetes')['executor']}"
    image = (ROOT / "envs" / "Containerfile").read_text(encoding="utf-8")
    (version,) = re.findall(rf"{asked.name}==(\S+)", image)
    assert asked.specifier.contains(version)


@pytest.mark.parametrize("name", [name for name in PROFILES if name != "default"])
def test_what_is_to_be_edited_is_marked_and_short(name):
    found = EDITED.search(text(name))
    assert found is not None
    keys = [
        line
        for line in found[1].splitlines()
        if re.match(r"\s*(?:# )?(?:- )?[\w-]+[:=]", line) and not line.endswith(":")
    ]
    assert 1 <= len(keys) <= 6


@pytest.mark.parametrize("name", [name for name in PROFILES if "configfile" in settings(name)])
def test_what_is_read_with_a_profile_is_a_setting_and_no_result_depends_on_it(name):
    path = ROOT / settings(name)["configfile"]
    assert path.parent.name == name
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert "preset" not in given and given.keys() <= WorkflowConfig.model_fields.keys()
    config = workflow_config([ROOT / "config" / "config.yaml", path], {})
    assert all(getattr(config, key) == value for key, value in given.items())


def test_the_gpu_profile_fails_where_there_is_none_unless_told_otherwise():
    files = [ROOT / "config" / "config.yaml", ROOT / "profiles" / "gpu" / "place.yaml"]
    assert workflow_config(files, {}).device == "cuda"
    assert workflow_config(files, {"device": "cpu"}).device == "cpu"


def test_profiles_are_read_by_snakemake_as_written():
    """`gpu` counts cards: the resource that rules ask for by this name."""
    with (ROOT / "profiles" / "gpu" / "config.yaml").open(encoding="utf-8") as file:
        read = ProfileConfigFileParser().parse(file)
    assert read["resources"] == ["gpu=1"] and read["cores"] == "all"
    assert "gpu" in NAMES


def test_the_display_is_on_where_it_is_installed_and_nothing_is_asked_of_it_elsewhere(monkeypatch):
    """Without the package Snakemake would refuse the name."""

    def loggers() -> list[str]:
        return get_argument_parser(profiles=["profiles/default"]).parse_args([]).logger

    monkeypatch.chdir(ROOT)
    assert loggers() == ["layeratlas"]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert loggers() == []
