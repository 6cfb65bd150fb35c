"""Names inside an archive: each a file below the archive's own folder, on any file system.

What the writer refuses to store the reader refuses to open, so no name leads out of the folder that
an archive is unpacked to, and none meets another there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

METADATA = "zarr.json"
DEEPEST = 16
_LONGEST = 255  # bytes of a name, as file systems have it
_DRIVE = re.compile(r"[A-Za-z]:")


def name_problem(name: str) -> str | None:
    """Why a group, variable or dimension cannot be called `name`; None where it can."""
    if name in ("", ".", ".."):
        return "stands for another folder" if name else "is empty"
    if "/" in name or "\\" in name or _DRIVE.match(name):
        return "is a path"
    if not name.isprintable():
        return "has characters that cannot be shown"
    if len(name.encode()) > _LONGEST:
        return f"is longer than {_LONGEST} bytes"
    if name.casefold() == METADATA:
        return "is that of the metadata"
    return None


def variable_problem(name: object) -> str | None:
    """As `name_problem`, of a variable: xarray lists them with spaces between."""
    if not isinstance(name, str):
        return "is no text"
    if any(character.isspace() for character in name):
        return "has spaces"
    if name.startswith("__"):
        return "begins with __"
    return name_problem(name)


def member_problem(name: str) -> str | None:
    """Why no member is called `name`, such as "layers/loss/c/0"; None where one may be."""
    *folders, last = name.split("/")
    if len(folders) > DEEPEST:
        return f"is nested deeper than {DEEPEST} folders"
    if last != METADATA:
        folders.append(last)
    for part in folders:
        if problem := name_problem(part):
            return f"leaves its folder: a part of it {problem}" if _leads_out(part) else problem
    return None


def _leads_out(part: str) -> bool:
    return part in ("", ".", "..") or "\\" in part or bool(_DRIVE.match(part))


def same_name(names: Iterable[str]) -> tuple[str, str] | None:
    """Two of `names` that are one file where neither case nor how accents are composed matters."""
    found: dict[str, str] = {}
    for name in names:
        plain = name if name.isascii() else unicodedata.normalize("NFC", name)
        other = found.setdefault(plain.casefold(), name)
        if other is not name:
            return other, name
    return None
