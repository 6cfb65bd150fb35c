"""The lock, the conda form of it and pyproject.toml say the same."""

import importlib.util
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


def _lock() -> dict[str, str]:
    lines = (ROOT / "envs" / "requirements.lock").read_text().splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def _module():
    spec = importlib.util.spec_from_file_location("lock", ROOT / "envs" / "lock.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_conda_form_equals_the_lock():
    lines = [f"{name}=={version}" for name, version in _lock().items()]
    assert (ROOT / "envs" / "layeratlas.yaml").read_text() == _module().conda_text(lines)


def test_every_declared_dependency_is_locked_within_its_range():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["test"]
    locked = _lock()
    for requirement in map(Requirement, wanted):
        name = requirement.name.lower().replace("_", "-")
        assert name in locked, f"{name} is not in envs/requirements.lock: run `make lock`"
        assert requirement.specifier.contains(locked[name]), (requirement, locked[name])


def test_torch_is_pinned_to_a_release_without_build_label():
    assert "+" not in _lock()["torch"]
