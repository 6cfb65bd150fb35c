"""The notebooks of docs/, each run once at `smoke`, however many tests and processes ask."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from layeratlas.errors import LayerAtlasError
from layeratlas.site.running import run_apart
from made.project import ROOT, Project

FOLDER = ROOT / "docs" / "notebooks"
NAMES = tuple(path.stem for path in sorted(FOLDER.glob("*.py")))


@dataclass(frozen=True)
class Ran:
    """What came of a notebook: its page with pictures beside it, or what it said instead."""

    page: Path
    said: str


@pytest.fixture(scope="session")
def ran(first_figure: Project, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Ran]:
    """`ran(name)`: a notebook that was run where the first figure is made, in its own process."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    pages = shared / "notebooks"
    pages.mkdir(exist_ok=True)

    def run(name: str) -> Ran:
        told = pages / f"{name}.told"
        with (pages / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not told.exists():
                said = ""
                try:
                    run_apart(FOLDER / f"{name}.py", pages, first_figure.folder)
                except LayerAtlasError as error:
                    said = str(error)
                told.write_text(said, encoding="utf-8")
        return Ran(pages / f"{name}.md", told.read_text(encoding="utf-8"))

    return run
