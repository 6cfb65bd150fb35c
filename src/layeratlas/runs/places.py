"""Where caches go: the user's cache folder, or, where that cannot be written, a private one.

In a container or on a node of a cluster the home folder may be read-only, somebody else's or
absent. What libraries keep there is worth time, not numbers: compiled kernels, fonts, copies of
rules. So they are told of another place, and where there is none they do without.

A cache of compiled code is code. A folder in a shared place may have been prepared by somebody
else, so one of ours is only used if it belongs to this user and nobody else can write in it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import tempfile
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path

CACHE_HOME = "XDG_CACHE_HOME"
"""The variable by which Snakemake, numba, fontconfig and pooch are told of the folder."""
_SHORT_LIVED = "layeratlas-caches-"
"""How folders begin that go with the process that made them; so profiles/default names its own."""


def place_caches(
    beside: Path, environment: MutableMapping[str, str] = os.environ
) -> tuple[Path, bool] | None:
    """Choose the folder of caches once, for this process and all that it starts.

    None where the user's own will do. Else `beside/.layeratlas/caches-<user>`, where the next
    invocation finds it again, or a folder that goes with this process; and whether it is that one.
    """
    home = cache_home(environment)
    ours = home is not None and home.name.startswith(_SHORT_LIVED)
    if home is not None and not ours and can_write(home):
        return None
    place, lasts = (beside / ".layeratlas" / f"caches-{_user()}").absolute(), True
    if not (_is_private(place) and can_write(place)):
        if ours and home is not None and _is_private(home):
            return None  # chosen by the process that started this one
        place, lasts = Path(tempfile.mkdtemp(prefix=_SHORT_LIVED)), False
        atexit.register(shutil.rmtree, place, ignore_errors=True)
    environment[CACHE_HOME] = str(place)
    environment.setdefault("MPLCONFIGDIR", str(place / "matplotlib"))
    return place, lasts


def cache_home(environment: MutableMapping[str, str] = os.environ) -> Path | None:
    """The user's cache folder, which may not exist; None where there is no home."""
    # A user whom the system does not know has no home: `~` stays as it is.
    named = environment.get(CACHE_HOME) or os.path.expanduser("~/.cache")  # noqa: PTH111
    return Path(named) if Path(named).is_absolute() else None


def cache_folder(beside: Path, environment: MutableMapping[str, str] = os.environ) -> Path:
    """`beside` where files can be made there, else our part of the user's cache folder."""
    there = beside if beside.exists() else beside.parent
    home = cache_home(environment)
    return beside if home is None or os.access(there, os.W_OK) else home / "layeratlas"


def can_write(folder: Path) -> bool:
    """Whether a file can be written in `folder`, which is made if it is missing."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        # Written in earnest: a quota that is used up lets folders be made.
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
            file.flush()
        return True
    return False


def _is_private(folder: Path) -> bool:
    """Whether `folder`, made if it is missing, is this user's and nobody else may write in it."""
    with suppress(OSError):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        return stat.S_ISDIR(found.st_mode) and found.st_uid == _user() and not found.st_mode & 0o022
    return False


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0
