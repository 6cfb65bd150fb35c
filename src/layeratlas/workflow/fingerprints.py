"""Identity of code: a hash of the modules that a stage really uses.

Snakemake watches times of script files. Each rule therefore carries, as a parameter, the hash of
its script and of all that the script imports of the package, so that an edit re-runs the stages
that use the edited module and no others. Comments, docstrings and times do not count.
"""

from __future__ import annotations

import ast
import atexit
import functools
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from layeratlas.bounded.documents import read_json
from layeratlas.bounded.seals import check_seal, sealed
from layeratlas.errors import UnreadableError
from layeratlas.extending.sources import closure as users_closure
from layeratlas.extending.sources import is_users
from layeratlas.runs.places import cache_folder

_PACKAGE = "layeratlas"
_ROOT = Path(__file__).resolve().parents[1]
# What was kept becomes parts of paths: a name of Python, of a length that a file may have.
_DIGEST, _NAME = re.compile(r"[0-9a-f]{64}"), re.compile(r"\*|[^\W\d]\w{0,99}")
_MODULE = re.compile(rf"{_PACKAGE}(\.[^\W\d]\w{{0,99}}){{0,9}}")

_OWN = hashlib.sha256(Path(__file__).read_bytes()).digest()
Parsed = tuple[str, list[tuple[str, list[str] | None]]]


def code_id(*used: str, scripts: Iterable[Path] = (), without: Iterable[str] = ()) -> str:
    """16 hex digits: hash of all code in the `closure` of what is used, modules or entries of
    tables, "module:name". Of an entry the name counts too: another one may be in that module.
    """
    modules = [name.rpartition(":")[0] or name for name in used]
    found = closure(*modules, scripts=scripts, without=without)
    entries = sorted({name for name in used if ":" in name})
    lines = "\n".join([*(f"{name} {found[name]}" for name in sorted(found)), *entries])
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def folder_id(folder: Path) -> str:
    """16 hex digits: hash of all files of a folder, with their paths: for what no import shows."""
    lines = [
        f"{path.relative_to(folder).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def closure(
    *modules: str, scripts: Iterable[Path] = (), without: Iterable[str] = ()
) -> dict[str, str]:
    """The given modules and scripts and all they import of the package, with the hash of each.

    `without` cuts the closure at modules whose changes must not count: names, or `room.*` for a
    room and all in it. What is given by name counts all the same, users' files and modules too,
    with what they import of users' code and of the package. KeyError for a module that the package
    does not have, ConfigError for a file that is not there.
    """
    cut = tuple(without)
    seen: dict[str, str] = {}
    todo = [name for name in modules if not is_users(name)]
    if len(todo) < len(modules):
        seen, imported = users_closure(name for name in modules if is_users(name))
        todo.extend(n for n in sorted(imported) if _file(n) is not None and not _is_cut(n, cut))
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


@functools.cache
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
    content = path.read_bytes()
    # What was kept by another version of this module is not what this one would find.
    known, key = _memory(), hashlib.sha256(_OWN + content).hexdigest()
    if key not in known or not _is_parsed(known[key]):
        known[key] = _parsed(content)
    digest, imports = known[key]
    return digest, tuple(sorted({name for one in imports for name in _modules(*one)}))


@functools.cache
def _memory() -> dict[str, Parsed]:
    """What `_parsed` made of a file, by the hash of its bytes: parsing all takes half a second.

    Kept beside Python's own compiled files, or where nobody can write there in the user's cache
    folder, and like them worth nothing: where it cannot be read, written or believed, files are
    parsed.
    """
    file = cache_folder(_ROOT / "__pycache__") / f"fingerprints.{sys.implementation.cache_tag}.json"
    known = _remembered(file)
    before = len(known)

    def keep() -> None:
        if len(known) > before:
            # Only for who writes: planning, most often, reads.
            from layeratlas.temporaries import remove_left_over, temporary_name

            temporary = temporary_name(file)
            with suppress(OSError):
                file.parent.mkdir(parents=True, exist_ok=True)
                remove_left_over(file)
                temporary.write_text(json.dumps(sealed({"parsed": known})), encoding="utf-8")
                temporary.replace(file)

    atexit.register(keep)
    return known


def _remembered(file: Path) -> dict[str, Parsed]:
    """What an earlier process kept, if it is whole."""
    try:
        document = read_json(file)
        # Unlike results, a memory without a seal is worth no more than one that does not fit it.
        if not isinstance(document, dict) or not check_seal(document, file):
            return {}
    except UnreadableError:
        return {}
    parsed = document.get("parsed")
    return parsed if isinstance(parsed, dict) else {}


def _is_parsed(kept: Any) -> bool:
    """Whether what was kept is of the form of `Parsed`."""
    try:
        digest, imports = kept
        return _DIGEST.fullmatch(digest) is not None and all(
            _MODULE.fullmatch(module) and all(map(_NAME.fullmatch, names or ()))
            for module, names in imports
        )
    except (TypeError, ValueError):
        return False


def _parsed(content: bytes) -> Parsed:
    """Hash of a file's code, and what it imports of the package anywhere in its text:
    (module, names taken from it, or None for the module itself)."""
    tree = ast.parse(content)
    imports: list[tuple[str, list[str] | None]] = []
    for node in _statements(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]
        elif isinstance(node, ast.Import):
            imports += [(alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imports.append((node.module, [alias.name for alias in node.names]))
    ours = [one for one in imports if one[0].split(".")[0] == _PACKAGE]
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest(), ours


def _modules(module: str, names: list[str] | None) -> list[str]:
    """The modules of the package that an import loads."""
    inner = [] if names is None else [f"{module}.{name}" for name in names]
    used = [name for name in inner if _file(name) is not None]
    # `from package import module` uses the module, not the package's own table of things.
    if not inner or len(used) < len(inner):
        used.append(module)
    return [name for name in used if _file(name) is not None]


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """The module and every statement in it, however deep; expressions hold neither imports nor
    docstrings, and are nine tenths of the nodes."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        yield node
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            todo.extend(getattr(node, field, ()))
