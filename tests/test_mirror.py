"""Tests are where one looks for them: src/layeratlas/a/b.py has tests/a/test_b.py.

The `__init__.py` of a/ has tests/a/test_init.py where it holds logic. What holds none, tables and
settings alone, needs no test of its own; what does, without a file of its own, is listed with the
reason.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import layeratlas

SOURCE = Path(layeratlas.__file__).parent
TESTS = Path(__file__).parent

# Module → why it has no mirrored file.
EXCEPTIONS = {
    "__main__.py": "two lines; tests/test_cli.py runs it as a module",
}


def has_logic(path: Path) -> bool:
    """Whether a module defines a function or a class with methods, protocols left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = [node for node in tree.body if not _is_protocol(node)]
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for part in said
        for node in ast.walk(part)
    )


def _is_protocol(node: ast.stmt) -> bool:
    return isinstance(node, ast.ClassDef) and "Protocol" in map(ast.unparse, node.bases)


MODULES = {
    path.relative_to(SOURCE).as_posix(): path
    for path in sorted(SOURCE.rglob("*.py"))
    if has_logic(path)
}


def mirrored(name: str) -> Path:
    path = Path(name)
    stem = "init" if path.stem == "__init__" else path.stem
    return TESTS / path.parent / f"test_{stem}.py"


@pytest.mark.parametrize("name", [name for name in MODULES if name not in EXCEPTIONS])
def test_every_module_has_its_tests(name):
    path = mirrored(name)
    assert path.is_file(), f"{path.relative_to(TESTS.parent)} is missing"
    assert "def test_" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_an_exception_is_needed(name):
    assert (SOURCE / name).is_file()
    assert not mirrored(name).exists()
