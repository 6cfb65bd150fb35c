"""Texts of the user's own: a file, or a folder of them that are read one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from layeratlas.bounded.files import MIB, read_bytes
from layeratlas.datasets.own_files import shown
from layeratlas.errors import UnreadableError
from layeratlas.words import quoted

_LARGEST = 512 * MIB
_MOST_FILES = 10_000


def text_files(path: Path) -> list[Path]:
    """The file itself; of a folder its `.txt` files in the order of their names, hidden ones left
    out. ValueError, a sentence, for a folder with none of them, or with too many."""
    try:
        if not path.is_dir():
            return [path]
        inside = sorted(path.iterdir())
    except OSError as error:
        raise ValueError(f"{shown(path)} cannot be read: {error.strerror or error}") from None
    found = [file for file in inside if file.suffix == ".txt" and file.name[0] != "."]
    if not found:
        raise ValueError(f"{shown(path)} has no text; a folder of texts holds files *.txt")
    if len(found) > _MOST_FILES:
        raise ValueError(f"{shown(path)} has {len(found)} texts; at most {_MOST_FILES} are read")
    return found


def texts_in(files: Sequence[Path]) -> list[str]:
    """What each file says. ValueError, a sentence, for one that cannot be read, is too large
    together with the others or is not UTF-8."""
    found, left = [], _LARGEST
    for file in files:
        try:
            content = read_bytes(file, left)
        except UnreadableError as error:
            raise ValueError(f"{shown(file)} {error.reason}") from None
        left -= len(content)
        found.append(text_of(content, shown(file)))
    return found


def joined(texts: Sequence[str]) -> str:
    """Texts one after the other, each on a line of its own."""
    return "\n".join([*(text.removesuffix("\n") for text in texts[:-1]), texts[-1]])


def text_of(content: bytes, where: str) -> str:
    """The text of a file's bytes; a byte order mark is passed over, line ends become `\\n`.

    ValueError, a sentence, where it is not UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{where} is no text in UTF-8: byte {quoted(content[error.start : error.start + 1])} "
            f"at position {error.start}, in line {line}; save it as UTF-8"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
