"""Running users' files: once, before a table is first read, and where a reference asks for one."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
import traceback
import types
from pathlib import Path, PurePosixPath
from typing import Any

from layeratlas.errors import ConfigError, LayerAtlasError
from layeratlas.extending.places import FOLDER, GROUP, base, is_path, settled
from layeratlas.extending.sources import closure, find, is_users, refusal
from layeratlas.words import quoted, shortened

#: The folder whose files were run; at first one that nobody names.
_loaded: Path | str | None = Path()
_failed: ConfigError | None = None
_ran: dict[str, str] = {}


def ran() -> dict[str, str]:
    """Modules and paths of users that this process has run, and the sha256 of each then."""
    return dict(_ran)


def load() -> None:
    """Run every file of `extensions/` and every installed extension, if that is not done yet.

    Files are run where a workflow, or `places.settle`, says in which folder they are; so asking
    for the lineage of a stranger's figure runs none of the stranger's code.
    ConfigError, one sentence, for the first that cannot be run; the others are then not tried.
    """
    global _loaded, _failed
    # Asked at every look into a table: no path is made for it.
    where = settled()
    if _loaded is where or _loaded == where:
        if _failed is not None:
            raise _failed
        return
    # First: what is loaded reads tables itself.
    _loaded, _failed = where, None
    try:
        _load_installed()
        if where is not None:
            _load_files(base() / FOLDER)
    except ConfigError as error:
        _failed = error
        raise


def resolve(reference: str) -> Any:
    """What "module:name" or "path.py:name" stands for.

    ConfigError where it stands for nothing, or its file cannot be run.
    """
    if reason := refusal(reference):
        raise ConfigError(reason)
    place, _, name = reference.rpartition(":")
    if is_path(place):
        module = _load_path(place)
    else:
        if place.partition(".")[0] == FOLDER:
            _open_folder(base() / FOLDER)
        _note(place)
        module = _run(place, lambda: importlib.import_module(place))
    try:
        return getattr(module, name)
    except AttributeError:
        raise ConfigError(f"{quoted(reference)}: {place} has no {quoted(name)}") from None


def _load_installed() -> None:
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP):
        _note(point.value.partition(":")[0])
        _run(f"the installed extension {quoted(point.name)} ({point.value})", point.load)


def _load_files(folder: Path) -> None:
    found = sorted(folder.glob("*.py")) if folder.is_dir() else []
    # Editors leave hidden files beside those that are open in them.
    files = [file for file in found if not file.name.startswith(".")]
    if files:
        _open_folder(folder)
    for file in files:
        if not file.stem.isidentifier():
            raise ConfigError(
                f"{FOLDER}/{file.name}: a file that is to be loaded is named as a Python module "
                "is: letters, digits and underscores"
            )
        name = f"{FOLDER}.{file.stem}"
        _note(name)
        _run(f"{FOLDER}/{file.name}", lambda name=name: importlib.import_module(name))


def _open_folder(folder: Path) -> None:
    """Make the folder the package `extensions`, whatever else has that name."""
    known = sys.modules.get(FOLDER)
    if known is not None and list(getattr(known, "__path__", ())) == [str(folder)]:
        return
    for name in [n for n in sys.modules if n == FOLDER or n.startswith(f"{FOLDER}.")]:
        del sys.modules[name]
    package = types.ModuleType(FOLDER, "Files that extend the project.")
    package.__path__ = [str(folder)]
    sys.modules[FOLDER] = package
    importlib.invalidate_caches()


def _load_path(place: str) -> types.ModuleType:
    """The module of a file, run once; files beside it can be imported by their names."""
    path = (base() / place).resolve()
    name = f"layeratlas_file_{path.as_posix().encode().hex()}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    beside = str(path.parent)
    if beside not in sys.path:
        sys.path.append(beside)
    sys.modules[name] = module
    _note(place)
    try:
        _run(place, lambda: spec.loader.exec_module(module))
        _refuse_others(place)
    except ConfigError:
        del sys.modules[name]
        raise
    return module


def _refuse_others(place: str) -> None:
    """ConfigError where a file beside this one was not the module that its name gave."""
    folder = PurePosixPath(place).parent
    for other in closure([place])[0]:
        if not is_path(other) or other == place or not PurePosixPath(other).is_relative_to(folder):
            continue
        parts = PurePosixPath(other).relative_to(folder).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        known = getattr(sys.modules.get(name), "__file__", None)
        if known is not None and Path(known).resolve() != (base() / other).resolve():
            raise ConfigError(
                f"{place} imports {name}, but another module of that name is loaded than {other}; "
                "give the file another name"
            )


def _note(place: str) -> None:
    """The bytes that are about to be run: provenance says which they were."""
    path = find(place) if is_users(place) else None
    if path is not None and place not in _ran:
        _ran[place] = hashlib.sha256(path.read_bytes()).hexdigest()


def _run(what: str, function: Any) -> Any:
    """What the function gives; whatever goes wrong in a user's file is one sentence."""
    try:
        return function()
    except LayerAtlasError as error:
        raise ConfigError(f"{what}: {error}") from None
    except (Exception, SystemExit) as error:
        line = _line(error)
        told = f"{type(error).__name__}: {shortened(str(error), 160)}"
        raise ConfigError(f"{what}{line} cannot be loaded: {told}") from None


def _line(error: BaseException) -> str:
    """Where in the user's file it happened, as ", line 3"."""
    if isinstance(error, SyntaxError):
        return f", line {error.lineno}"
    own = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if "importlib" not in frame.filename and Path(frame.filename) != Path(__file__)
    ]
    return f", line {own[0]}" if own else ""
