"""Identity of code: a hash of the modules that a stage really uses.

Snakemake watches script files only. Each rule therefore carries, as a parameter, the hash of
the import closure of the modules its script calls, so that an edit re-runs the stages that use
the edited module and no others. Comments and docstrings do not count.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

_PACKAGE = "layeratlas"
_ROOT = Path(__file__).resolve().parents[1]


def code_id(*modules: str, without: Iterable[str] = ()) -> str:
    """16 hex digits: hash of the given modules and everything of the package they import.

    `without` cuts the closure at modules whose changes must not count. KeyError for a module
    that the package does not have.
    """
    cut = set(without)
    seen: dict[str, str] = {}
    todo = list(modules)
    while todo:
        name = todo.pop()
        if name in seen or name in cut:
            continue
        text, imports = _read(name)
        seen[name] = text
        todo.extend(imports)
    lines = "\n".join(f"{name} {seen[name]}" for name in sorted(seen))
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def closure(*modules: str) -> tuple[str, ...]:
    """Names of the package's modules that the given ones import, themselves included."""
    seen: set[str] = set()
    todo = list(modules)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(_read(name)[1])
    return tuple(sorted(seen))


def _file(name: str) -> Path | None:
    parts = name.split(".")[1:]
    for path in (_ROOT.joinpath(*parts, "__init__.py"), _ROOT.joinpath(*parts).with_suffix(".py")):
        if path.is_file():
            return path
    return None


@functools.cache
def _read(name: str) -> tuple[str, tuple[str, ...]]:
    """Hash of a module's code, and the package's modules it imports anywhere in its text."""
    path = _file(name)
    if path is None:
        raise KeyError(f"no module {name!r} in {_PACKAGE}")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]
    digest = hashlib.sha256(ast.unparse(tree).encode()).hexdigest()
    # The top-level package only re-exports; following it would tie every stage to every other.
    if name == _PACKAGE:
        return digest, ()
    return digest, tuple(sorted(_imports(tree)))


def _imports(tree: ast.AST) -> Iterable[str]:
    found = set()
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            # `from package import module` uses the module, not the package's own table of things.
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [name for name in inner if _is_ours(name)]
            names = modules if len(modules) == len(inner) else [node.module, *modules]
        found.update(name for name in names if _is_ours(name))
    return found


def _is_ours(name: str) -> bool:
    return name.split(".")[0] == _PACKAGE and _file(name) is not None
