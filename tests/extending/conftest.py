"""A folder with users' files."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import layeratlas
from layeratlas.extending import loading
from layeratlas.extending.places import FOLDER, VARIABLE
from layeratlas.tables import Table

SOURCE = Path(layeratlas.__file__).parent
EXAMPLES = Path(__file__).parent / "examples"


def _tables() -> dict[int, Table]:
    """Every table of the project, all read: one first read in a test would stay as that left it."""
    for path in SOURCE.rglob("*.py"):
        if "Table(" in path.read_text(encoding="utf-8"):
            parts = path.relative_to(SOURCE.parent).with_suffix("").parts
            importlib.import_module(".".join(parts).removesuffix(".__init__"))
    modules = [m for name, m in sys.modules.items() if name.startswith("layeratlas.") and m]
    return {
        id(value): value for m in modules for value in vars(m).values() if isinstance(value, Table)
    }


@pytest.fixture
def write(tmp_path, monkeypatch) -> Callable[[str, str], Path]:
    """Write a user's file; all of it is forgotten after the test."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(loading, "_loaded", None)
    monkeypatch.setattr(loading, "_failed", None)
    monkeypatch.setattr(loading, "_ran", {})
    monkeypatch.setattr(sys, "path", list(sys.path))
    known = set(sys.modules)
    before = {number: dict(table._entries) for number, table in _tables().items()}

    def of(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    yield of
    for number, table in _tables().items():
        if number in before:
            table._entries.clear()
            table._entries.update(before[number])
    for name in set(sys.modules) - known:
        if name.partition(".")[0] == FOLDER or str(tmp_path) in str(
            getattr(sys.modules[name], "__file__", None)
        ):
            del sys.modules[name]


@pytest.fixture
def examples(write, tmp_path, monkeypatch) -> Path:
    """A folder with the examples of docs/extending.md, as a user has them, and the scripts."""
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True)
    (tmp_path / "config").mkdir()
    (tmp_path / "experiments").rename(tmp_path / "config" / "experiments")
    shutil.copytree(EXAMPLES.parents[2] / "scripts", tmp_path / "scripts")
    x = np.random.default_rng(0).normal(size=(128, 4))
    np.savez(tmp_path / "my.npz", x=x, y=x[:, :1] * x[:, 1:2])
    monkeypatch.chdir(tmp_path)
    return tmp_path
