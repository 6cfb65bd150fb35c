"""The project of a reader who did what README and docs say: everything at `smoke`."""

from __future__ import annotations

from pathlib import Path

import pytest
from made.documented import MADE, blocks
from made.project import Project


@pytest.fixture(scope="session")
def reader(first_figure, tmp_path_factory) -> Project:
    """A clone with the grid that the README writes, and all of `MADE`."""
    made = first_figure.copy(tmp_path_factory.mktemp("reader") / "atlas")
    (grid,) = blocks_of("README.md", "yaml")
    (made.folder / "config/experiments/momentum.yaml").write_text(grid.text, encoding="utf-8")
    made.make(*MADE)
    return made


def blocks_of(document: str, language: str) -> list:
    return [block for block in blocks(language) if block.document == document]


@pytest.fixture
def inside(reader, monkeypatch, tmp_path) -> Path:
    """The reader's working folder; `~/atlas` leads there too."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "atlas").symlink_to(reader.folder)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(reader.folder)
    return reader.folder
