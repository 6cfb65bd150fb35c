"""The first figure, its crate and its atlas at `smoke`: made once, whoever asks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from made.clones import git
from made.once import once
from made.project import ROOT, Project

_TARGETS = (
    "figures/phase_diagram.pdf",
    "crates/phase_diagram.crate.zip",
    "atlas/index.html",
)
_BESIDE = ("Makefile", "CITATION.cff", "pyproject.toml", "README.md", "LICENSE", ".gitignore")


@pytest.fixture(scope="session")
def first_figure(tmp_path_factory: pytest.TempPathFactory, compiled: None) -> Project:
    """A clone under git in which figure, crate and atlas are finished; to be read, or copied.

    It takes a minute and more, so processes of one test run share it.
    """
    return Project(once(tmp_path_factory, "first_figure", _make) / "atlas")


def _make(shared: Path) -> None:
    folder = shared / "atlas"
    made = Project.with_experiments(folder)
    for name in _BESIDE:
        shutil.copy2(ROOT / name, folder)
    git(shared, "init", "-q", str(folder))
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "what ran")
    made.make(*_TARGETS, verbose=False)
