"""Identity of code: a hash of the modules that a stage really uses.

Snakemake watches times of script files. Each rule therefore carries, as a parameter, the hash of
its script and of all that the script imports of the package, so that an edit re-runs the stages
that use the edited module and no others. Comments, docstrings and times do not count.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

_PACKAGE = "layeratlas"
_ROOT = Path(__file__).resolve().parents[1]


def code_id(*modules: str, scripts: Iterable[Path] = (), without: Iterable[str] = ()) -> str:
    """16 hex digits: hash of all code in the `closure`."""
    found = closure(*modules, scripts=scripts, without=without)
    lines = "\n".join(f"{name} {found[name]}" for name in sorted(found))
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def closure(
    *modules: str, scripts: Iterable[Path] = (), without: Iterable[str] = ()
) -> dict[str, str]:
    """The given modules and scripts and all they import of the package, with the hash of each.

    `without` cuts the closure at modules whose changes must not count: names, or `room.*` for a
    room and all in it. What is given by name counts all the same. KeyError for a module that the
    package does not have.
    """
    cut = tuple(without)
    seen: dict[str, str] = {}
    todo = list(modules)
    for script in scripts:
        seen[f"scripts/{script.name}"], imports = _read_file(script)
        todo.extend(name for name in imports if not _is_cut(name, cut))
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen[name], imports = _read(name)
        todo.extend(name for name in imports if not _is_cut(name, cut))
    return seen


def _is_cut(name: str, cut: tuple[str, ...]) -> bool:
    return any(
        name == one or (one.endswith(".*") and f"{name}.".startswith(one[:-1])) for one in cut
    )


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
    digest, imports = _read_file(path)
    # The top-level package only re-exports; following it would tie every stage to every other.
    return digest, () if name == _PACKAGE else imports


@functools.cache
def _read_file(path: Path) -> tuple[str, tuple[str, ...]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]
    digest = hashlib.sha256(ast.unparse(tree).encode()).hexdigest()
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
