"""Where users' files are: in the folder that has the Snakefile, or the one worked in.

A file of `extensions/` is the module `extensions.<name>`; any other file is referred to by its path
in that folder, as in "nets/my_net.py:Net". Absolute paths and paths that lead out of it are no
references: they would mean something else on another machine.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

FOLDER = "extensions"
GROUP = "layeratlas"
"""Entry points of this group, of installed packages, are loaded as the files are."""

VARIABLE = "LAYERATLAS_BASE"
"""Names the folder to the jobs of a workflow that works elsewhere (`snakemake --directory`)."""

_settled: Path | None = None


def base() -> Path:
    """The folder that users' files are in."""
    return Path(settled() or Path.cwd())


def settled() -> Path | str | None:
    """Where users' files are, if it was said: by the environment, or by `settle`.

    The folder that one happens to stand in may be a stranger's, whose files nobody asked to run.
    """
    return os.environ.get(VARIABLE) or _settled


def settle(folder: Path) -> None:
    """Take users' files from `folder`, unless the environment names another one."""
    global _settled
    _settled = folder.absolute()


def is_path(place: str) -> bool:
    """Whether the first half of a reference is a file and not a module."""
    return place.endswith(".py")


def inside(place: str) -> bool:
    """Whether a path stays in the folder of users' files."""
    path = PurePosixPath(place)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in place
