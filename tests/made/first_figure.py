"""The first figure, its crate and its atlas at `smoke`: made once, whoever asks."""

from __future__ import annotations

import fcntl
import os
import shutil

import pytest

from made.clones import git
from made.project import ROOT, Project

_TARGETS = (
    "figures/phase_diagram.pdf",
    "crates/phase_diagram.crate.zip",
    "atlas/index.html",
)
_BESIDE = ("Makefile", "CITATION.cff", "pyproject.toml", "README.md", "LICENSE", ".gitignore")


@pytest.fixture(scope="session")
def first_figure(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A clone under git in which figure, crate and atlas are finished; to be read, or copied.

    It takes a minute and more, so processes of one test run share it.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = shared / "first_figure" / "atlas", shared / "first_figure.done"
    with (shared / "first_figure.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            made = Project.with_experiments(folder)
            for name in _BESIDE:
                shutil.copy2(ROOT / name, folder)
            git(shared, "init", "-q", str(folder))
            git(folder, "add", "-A")
            git(folder, "commit", "-qm", "what ran")
            made.make(*_TARGETS, verbose=False)
            done.touch()
    return Project(folder)
