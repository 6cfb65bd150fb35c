"""Where a path that a file names may lie: inside the project, or it is not opened.

A record may come from somebody else. What it says of files elsewhere is told, but nothing there is
opened, listed or asked after: neither its bytes nor whether it exists are a stranger's business.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from layeratlas.words import printable

_LONGEST = 4096
# A project may keep these on another disk, by a link of its own.
_PLACED = ("results", "figures")


def inside(root: Path, path: str) -> Path | None:
    """Where the file `path` of a record lies, if that is below `root`; else None.

    None for an absolute path, one with an empty, `.` or `..` part, a backslash or a character that
    no name has, and one that leaves the project by a symbolic link. `results` and `figures`
    themselves may be links: results are often kept on another disk.
    """
    if not is_relative(path):
        return None
    place = root / path
    try:
        true = os.path.realpath(place)
    except (OSError, ValueError):
        return None
    below = any(true.startswith(base) for base in _bases(os.fspath(root)))
    return place if below else None


def relative(root: Path, place: str | os.PathLike[str]) -> str:
    """The path of a file as a record of the project has it; of a file elsewhere the whole one."""
    try:
        true, base = Path(os.path.realpath(place)), Path(os.path.realpath(root))
    except ValueError:  # a NUL, which no name holds
        return os.fspath(place)
    return true.relative_to(base).as_posix() if true.is_relative_to(base) else str(true)


def is_relative(path: str) -> bool:
    """Whether `path` is that of a file below whatever folder it is joined to, links aside."""
    return (
        0 < len(path) <= _LONGEST
        and "\\" not in path
        and printable(path) == path
        and not {"", ".", ".."} & set(path.split("/"))
    )


def given_file(what: str | os.PathLike[str], *folders: Path) -> Path | None:
    """The file that a user names: from where they stand, else from one of `folders`, or None.

    What a user names may lie anywhere. Names that no file can have name none.
    """
    for place in (Path(what), *(folder / what for folder in folders)):
        # Unlike Path.is_file, never an error: names may be too long, or hold a NUL.
        if os.path.isfile(place):  # noqa: PTH113
            return place
    return None


@lru_cache(maxsize=8)
def _bases(root: str) -> tuple[str, ...]:
    """Beginnings of true paths below the project."""
    places = (root, *(os.path.join(root, name) for name in _PLACED))  # noqa: PTH118  (many paths)
    return tuple(dict.fromkeys(os.path.realpath(place).rstrip("/") + "/" for place in places))
