"""The text of users' code: whether a reference stands for something, and what counts of it.

Comments and docstrings do not count, and nothing is run. What a file imports counts too: files of
`extensions/`, files beside it, modules of its own package, and, named for whoever hashes those,
modules of the project.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path, PurePosixPath

from layeratlas.errors import ConfigError
from layeratlas.extending.places import FOLDER, base, inside, is_path
from layeratlas.words import quoted, suggestion

PROJECT = "layeratlas"
_LARGEST = 4 << 20


def is_users(place: str) -> bool:
    """Whether a module or path is not of the project."""
    return place.partition(".")[0] != PROJECT


def refusal(reference: str) -> str | None:
    """Why a reference stands for nothing, in a sentence; None where it does. Nothing is run."""
    place, colon, name = reference.rpartition(":")
    if not (colon and place and name.isidentifier()):
        return (
            f"{quoted(reference)} is no reference; write where it is and its name, such as "
            "'my_file.py:name' or 'extensions.my_file:name'"
        )
    if not is_users(place):
        return None
    if is_path(place) and not inside(place):
        return f"{quoted(reference)}: give the path of a file inside the working folder"
    path = find(place)
    if path is None:
        where = f"no file {place}" if is_path(place) else f"no module {place}"
        return f"{quoted(reference)}: there is {where}"
    try:
        known = _names(path)
    except ConfigError as error:
        return f"{quoted(reference)}: {error}"
    if name in known or "*" in known:
        return None
    near = suggestion(name, known).rstrip("; ")
    return f"{quoted(reference)}: {place} has no {quoted(name)}{f'; {near}' if near else ''}"


def find(place: str) -> Path | None:
    """The file of a module or path; None where there is none."""
    if is_path(place):
        path = base() / place
        return path if inside(place) and path.is_file() else None
    top, *rest = place.split(".")
    if top == FOLDER:
        root = base() / FOLDER
    else:
        try:
            spec = importlib.util.find_spec(top)
        except (ImportError, ValueError):
            return None
        if spec is None or spec.origin is None:
            return None
        if not spec.submodule_search_locations:
            return Path(spec.origin) if not rest else None
        root = Path(spec.origin).parent
    for path in (root.joinpath(*rest, "__init__.py"), root.joinpath(*rest).with_suffix(".py")):
        if path.is_file() and (rest or top != FOLDER):
            return path
    return None


def closure(places: Iterable[str]) -> tuple[dict[str, str], set[str]]:
    """Users' modules and paths with all that they import of users' code, and the hash of each.

    And the modules of the project that they import. ConfigError for one that is not there or
    cannot be parsed.
    """
    found: dict[str, str] = {}
    project: set[str] = set()
    todo = list(places)
    while todo:
        place = todo.pop()
        if place in found:
            continue
        path = find(place)
        if path is None:
            raise ConfigError(f"{quoted(place)}: there is no such file or module")
        digest, imports = _read(path)
        found[place] = digest
        for module, names in imports:
            if not is_users(module):
                project.add(module)
                project |= {f"{module}.{name}" for name in names}
            else:
                todo += _imported(place, module, names)
    return found, project


def source_digest(reference: str) -> str:
    """16 hex digits of the text that a reference stands on: its file and users' code imported."""
    place, _, name = reference.rpartition(":")
    texts, _ = closure([place])
    lines = "\n".join([*(f"{one} {texts[one]}" for one in sorted(texts)), name])
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def _imported(place: str, module: str, names: tuple[str, ...]) -> Iterator[str]:
    """Users' files that `place` imports as `module`, or as names of it."""
    if is_path(place):
        # Beside the file, as Python finds them when it is run from there.
        beside = PurePosixPath(place).parent
        inner = module.replace(".", "/")
        for each in (inner, *(f"{inner}/{name}" for name in names)):
            for one in (f"{each}.py", f"{each}/__init__.py"):
                if find(path := str(beside / one)):
                    yield path
    top = module.partition(".")[0]
    if top == FOLDER or (not is_path(place) and top == place.partition(".")[0]):
        for each in (module, *(f"{module}.{name}" for name in names)):
            if find(each):
                yield each


def _read(path: Path) -> tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Hash of a file's code, and what it imports: (module, names taken from it)."""
    stat = path.stat()
    return _parsed(path, stat.st_mtime_ns, stat.st_size)[:2]


def _names(path: Path) -> frozenset[str]:
    """What a file defines or imports at its top level; "*" where it imports all of another."""
    stat = path.stat()
    return _parsed(path, stat.st_mtime_ns, stat.st_size)[2]


@cache
def _parsed(path: Path, mtime: int, size: int):
    if size > _LARGEST:
        raise ConfigError(f"{path.name} has more than {_LARGEST >> 20} MiB: that is no code")
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise ConfigError(f"{path.name}{line}: {getattr(error, 'msg', error)}") from None
    except OSError as error:
        raise ConfigError(f"{path.name}: {error.strerror}") from None
    names = set(_top_level(tree))
    imports: list[tuple[str, tuple[str, ...]]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]
        elif isinstance(node, ast.Import):
            imports += [(alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(node, path)
            imports.append((module, tuple(alias.name for alias in node.names)))
    digest = hashlib.sha256(ast.unparse(tree).encode()).hexdigest()
    return digest, tuple(imports), frozenset(names)


def _absolute(node: ast.ImportFrom, path: Path) -> str:
    """The module of an import; a relative one counts from the file's own package."""
    if not node.level:
        return node.module or ""
    package: list[str] = []
    folder = path.parent
    while folder.name == FOLDER or (folder / "__init__.py").is_file():
        package.insert(0, folder.name)
        if folder.name == FOLDER:
            break
        folder = folder.parent
    kept = package[: len(package) - (node.level - 1)]
    return ".".join([*kept, *([node.module] if node.module else [])])


def _top_level(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name))
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
            yield "*"
