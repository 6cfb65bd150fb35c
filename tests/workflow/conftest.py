"""A copy of the workflow in a folder of its own, with one tiny experiment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from made.once import once
from made.project import ROOT, TINY, Project

__all__ = ["ROOT", "TINY", "Project"]


@pytest.fixture
def project(tmp_path, compiled) -> Project:
    """A clone with the tiny experiment; nothing is computed yet."""
    fresh = Project.fresh(tmp_path / "project")
    fresh.write()
    return fresh


@pytest.fixture(scope="session")
def with_experiments() -> Any:
    """`Project.with_experiments`."""
    return Project.with_experiments


@pytest.fixture(scope="module")
def clone(tmp_path_factory, compiled) -> Project:
    """The same for tests that compute nothing and put back what they change."""
    fresh = Project.fresh(tmp_path_factory.mktemp("clone") / "project")
    fresh.write()
    return fresh


@pytest.fixture
def inside(project, monkeypatch) -> Project:
    """`project`, and the working folder in it."""
    monkeypatch.chdir(project.folder)
    # The record of a job asks for these; Snakemake sets neither when it runs a script.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(project.folder / "src")]))
    return project


@pytest.fixture(scope="session")
def finished_once(tmp_path_factory, compiled) -> Project:
    """The same for tests that change nothing, of all files."""

    def make(folder: Path) -> None:
        made = Project.fresh(folder / "project")
        made.write()
        made.make("figures/maps/tiny/data_separation.pdf")

    return Project(once(tmp_path_factory, "finished", make) / "project")


@pytest.fixture
def finished(finished_once, tmp_path) -> Project:
    """A clone in which the tiny experiment and its map are finished; to be changed at will."""
    return finished_once.copy(tmp_path / "project")
