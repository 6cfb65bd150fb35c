"""The environment that jobs inherit from the workflow's process, and whether they can work there.

A workflow runs where its results go: the clone, or the folder that `--directory` names, while the
clone may be read-only and somebody else's.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import MutableMapping
from pathlib import Path

from layeratlas.bounded.files import MIB, read_bytes
from layeratlas.errors import StoreError
from layeratlas.extending.places import VARIABLE
from layeratlas.runs.places import place_caches
from layeratlas.runs.threads import limit_threads

_NAMES = ("LOGNAME", "USER", "LNAME", "USERNAME")  # in the order of getpass
# Folders that results, records and Snakemake's notes go to; figures and exports are copies.
_WRITTEN = (".snakemake", "results", "provenance", "store")

_MOST_BYTES = 64 * MIB


def set_up(
    source: str, environment: MutableMapping[str, str] = os.environ, here: Path = Path()
) -> str | None:
    """One thread a job, the package of this clone first on the path of jobs, a place for caches.

    Snakemake gives jobs the path at the end of theirs, where a copy installed from elsewhere
    would win; the variable puts this clone's code first. Returns a sentence where caches do not go
    to the user's folder. StoreError where `here`, the working folder, cannot hold results.
    """
    # Jobs may work elsewhere than where users' files are: beside the Snakefile.
    environment[VARIABLE] = str(Path(source).parent)
    rest = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([source, *rest]))
    limit_threads(environment)
    _name_user(environment)
    _check_working_folder(here)
    placed = place_caches(here, environment)
    if placed is None:
        return None
    place, lasts = placed
    kept = "for the next time too" if lasts else "and are gone afterwards: kernels compile anew"
    return f"The user's cache folder cannot be written; caches go to {place}, {kept}."


def bring(path: Path, clone: Path, here: Path = Path()) -> str:
    """A file of the clone that jobs read, `path` in both: a copy where they work elsewhere.

    Records and receipts name what was read by paths that stay right when results move, and
    Snakemake would take braces in the clone's own path for wildcards. StoreError where one
    cannot be read, or the copy not be made.
    """
    if not clone.samefile(here) and (clone / path).is_file():
        content = read_bytes(clone / path, _MOST_BYTES)
        if not (here / path).is_file() or read_bytes(here / path, _MOST_BYTES) != content:
            from layeratlas.storage.atomic import write_bytes_atomic

            write_bytes_atomic(here / path, content)
    return path.as_posix()


def _name_user(environment: MutableMapping[str, str]) -> None:
    """Snakemake asks for a name, which the users of containers may not have."""
    if not any(environment.get(name) for name in _NAMES):
        try:
            getpass.getuser()
        except (KeyError, OSError):
            environment["LOGNAME"] = str(os.getuid())


def _check_working_folder(here: Path) -> None:
    for name in _WRITTEN:
        folder = here / name
        there = folder if folder.exists() else here
        if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
            raise StoreError(
                f"{there.absolute()} cannot be written, and {name}/ is to be made or filled there. "
                "Work in a folder of your own, snakemake --directory FOLDER; the code may stay "
                "where it is."
            )
