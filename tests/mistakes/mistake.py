"""A mistake: where, what it makes of what, and what that means."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path("src/layeratlas")


@dataclass(frozen=True)
class Mistake:
    """`old`, which stands exactly once in `file` of the package, becomes `new`.

    `means` says what is wrong then. `tests`, below `tests/`, are those that must see it, files or
    single ones (`file.py::test`, where kernels that others use would be compiled for nothing): by
    default the mirrored file.
    """

    file: str
    old: str
    new: str
    means: str
    tests: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.file}: {self.means}"

    @property
    def path(self) -> Path:
        """The file to change, from the root of the project."""
        return PACKAGE / self.file

    @property
    def must_see(self) -> tuple[str, ...]:
        """What must see it, from the root of the project."""
        path = Path(self.file)
        stem = "init" if path.stem == "__init__" else path.stem
        named = self.tests or (str(path.parent / f"test_{stem}.py"),)
        return tuple(str(Path("tests") / test) for test in named)

    @property
    def room(self) -> str:
        """The folder of tests of its room, from the root of the project."""
        parts = Path(self.file).parts
        return str(Path("tests", *parts[: 2 if parts[0] == "papers" else 1])).removesuffix(".py")

    def planted(self, text: str) -> str:
        """The text of the file with the mistake in it; ValueError where it cannot be planted."""
        found = text.count(self.old)
        if found != 1:
            raise ValueError(f"{self.name}: its old text stands {found} times in the file, not 1")
        wrong = text.replace(self.old, self.new)
        if _dumped(wrong) == _dumped(text):
            raise ValueError(f"{self.name}: it changes nothing but comments, docstrings or spaces")
        return wrong


@lru_cache(maxsize=2)
def _dumped(text: str) -> str:
    return ast.dump(_code(text))


def _code(text: str) -> ast.Module:
    """The syntax tree without docstrings; SyntaxError where the text is no Python."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return tree
