"""Notebooks as Python files in the percent format, which editors and jupytext know.

    # ---
    # title: Read a cube
    # needs: figures/phase_diagram.pdf
    # ---

    # %% [markdown]
    # Words.

    # %%
    print("code")

The header says what the notebook is called, and which files of the pipeline it reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from layeratlas.errors import ConfigError

__all__ = ["Cell", "Notebook", "read_notebook"]

_CELL = re.compile(r"^# %%(.*)$", re.M)
_HEADER = re.compile(r"\A# ---\n((?:#.*\n)*?)# ---\n")


@dataclass(frozen=True)
class Cell:
    """Words or code, and the line of the file that it begins on."""

    text: str
    line: int
    is_words: bool = False


@dataclass(frozen=True)
class Notebook:
    """`name` of the file, `title`, the files that it `needs`, and its cells in order."""

    name: str
    title: str
    needs: tuple[str, ...]
    cells: tuple[Cell, ...]


def read_notebook(path: Path) -> Notebook:
    """The notebook in a file; ConfigError where it has no title, or words are no comments."""
    text = path.read_text(encoding="utf-8")
    header = _HEADER.match(text)
    told = dict(_told(header[1])) if header else {}
    if not told.get("title"):
        raise ConfigError(f"{path}: begins with no header that gives a title; see docs/notebooks")
    marks = list(_CELL.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    cells = []
    for mark, end in zip(marks, ends, strict=True):
        line = text.count("\n", 0, mark.start()) + 2
        inner = text[mark.end() + 1 : end]
        is_words = "[markdown]" in mark[1]
        cells.append(
            Cell(_words(inner, path, line) if is_words else inner.rstrip(), line, is_words)
        )
    return Notebook(path.stem, told["title"], tuple(told.get("needs", "").split()), tuple(cells))


def _told(header: str) -> list[tuple[str, str]]:
    lines = [line.removeprefix("#").strip().partition(":") for line in header.splitlines()]
    return [(name.strip(), value.strip()) for name, _, value in lines]


def _words(inner: str, path: Path, first: int) -> str:
    lines = inner.rstrip().splitlines()
    for at, line in enumerate(lines):
        if line and not line.startswith("#"):
            raise ConfigError(f"{path}, line {first + at}: words of a notebook are comments")
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines)
