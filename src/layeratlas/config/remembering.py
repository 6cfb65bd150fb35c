"""Which folders of experiments an earlier start has found right, so that planning need not again.

Each start of Snakemake plans, and so does each of its jobs; most need a handful of experiments, and
all must be right before the first job. That a folder is right follows from the bytes of its files,
the code that checks them and the preset: under their hash is kept what its experiments are
(`config.experiments.Outline`). What is
asked for is read and checked all the same; so is, at every start, what may be right today and wrong
tomorrow: an experiment that names files or code of the user's own.

Kept beside Python's compiled files, or in the user's cache folder, and like them worth nothing:
where it cannot be read, written or believed, everything is checked.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pydantic
import ruamel.yaml

from layeratlas.bounded.documents import read_json
from layeratlas.bounded.files import MIB, read_bytes
from layeratlas.bounded.seals import check_seal, sealed
from layeratlas.config.experiments import Experiments, Outline
from layeratlas.config.folder import is_meant
from layeratlas.config.presets import NAME
from layeratlas.config.reading import MOST_BYTES
from layeratlas.datasets.registry import OWN
from layeratlas.errors import LayerAtlasError, StoreError, UnreadableError
from layeratlas.extending.loading import ran
from layeratlas.extending.sources import closure, is_users
from layeratlas.kinds import KINDS
from layeratlas.runs.places import cache_folder

Checks = Literal["all", "new", "asked"]
"""Which experiments are checked: all; all but those of files found right before; those that are
asked for, where another process has checked the others."""

_ROOT = Path(__file__).resolve().parents[1]
_MOST_KEPT = 20
_MOST_MEMORY = MIB
# What experiments say to people; no code reads it.
_TOLD = ("title", "summary", "paper")


class Found(NamedTuple):
    """What a folder was found to be: what its experiments are (`Outline`), and those that name what
    lies outside of it."""

    kinds: dict[str, str]
    refining: list[str]
    outside: list[str]

    @property
    def outline(self) -> Outline:
        return Outline(self.kinds, self.refining)


def open_experiments(
    preset: str, folder: Path, checks: Checks = "all", memory: Path | None = None
) -> Experiments:
    """The experiments of a folder, checked as far as `checks` says. ConfigError where one is wrong.

    `memory` is the file in which is kept what was found right; by default one for this clone.
    """
    if checks == "all":
        found = Experiments(preset, folder)
        found.check()
        return found
    memory = memory or cache_folder(_ROOT / "__pycache__") / (
        f"experiments.{sys.implementation.cache_tag}.json"
    )
    key = _key(preset, folder)
    known = _recalled(memory, key)
    found = Experiments(preset, folder, known.outline if known else None)
    if checks == "new" and known:
        for name in known.outside:
            found[name]
    elif checks == "new":
        found.check()
        # Files that changed meanwhile are not what was checked.
        if key is not None and key == _key(preset, folder):
            outside = [name for name in found if looks_outside(found.as_written(name))]
            _keep(memory, key, Found(dict(found.kinds), list(found.outline.refining), outside))
    return found


def looks_outside(written: Mapping[str, Any]) -> bool:
    """Whether an experiment, as its file says it, names files or code of the user's own.

    They are named by a source of such files, a `path`, or a reference, "place:name".
    """
    settings = {key: value for key, value in written.items() if key not in _TOLD}
    return any(
        text in OWN or text == "path" or (":" in text and is_users(text.partition(":")[0]))
        for text in _texts(settings)
    )


def _texts(value: Any) -> Iterator[str]:
    """All texts of a document, keys among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _key(preset: str, folder: Path) -> str | None:
    """Hash of all that decides whether a folder is right; None where it cannot be told."""
    found = hashlib.sha256()

    def add(name: str, content: bytes) -> None:
        found.update(f"{name}\0{len(content)}\0".encode() + content)

    add("preset", preset.encode())
    for versions in (sys.version, pydantic.VERSION, ruamel.yaml.__version__):
        add("version", versions.encode())
    try:
        for path in sorted(folder.iterdir()):
            if is_meant(path):
                add(path.name, read_bytes(path, MOST_BYTES))
        for place in _modules(_ROOT):
            add(place, Path(_ROOT, place).read_bytes())
        # Extensions, which may register what experiments name.
        for place, digest in sorted(closure(sorted(ran()))[0].items()):
            add(place, digest.encode())
    except (OSError, LayerAtlasError, ValueError):
        return None
    return found.hexdigest()


def _modules(root: Path) -> list[str]:
    """The package's own modules, any of which may be part of what checks."""
    found = []
    for folder, inner, names in os.walk(root):
        inner[:] = [name for name in inner if name != "__pycache__"]
        place = os.path.relpath(folder, root)
        found += [f"{place}/{name}" for name in names if name.endswith(".py")]
    return sorted(found)


def _recalled(memory: Path, key: str | None) -> Found | None:
    """What was kept under a key, if it is whole."""
    for kept_key, found in _kept(memory):
        if kept_key == key:
            return found
    return None


def _keep(memory: Path, key: str, found: Found) -> None:
    # Only for who writes: planning, most often, reads.
    from layeratlas.storage.atomic import write_json_atomic

    kept = [(key, found), *_kept(memory)][:_MOST_KEPT]
    document = {"kept": [{"key": one, **what._asdict()} for one, what in kept]}
    with suppress(OSError, StoreError):
        write_json_atomic(memory, sealed(document))


def _kept(memory: Path) -> list[tuple[str, Found]]:
    """All that is kept, newest first; nothing where it is not what was written."""
    try:
        document = read_json(memory, _MOST_MEMORY)
        if not isinstance(document, dict) or not check_seal(document, memory):
            return []
        kept = [(one.pop("key"), Found(**one)) for one in document["kept"]]
        return kept if all(_is_found(found) for _, found in kept) else []
    except (UnreadableError, KeyError, TypeError):
        return []


def _is_found(found: Found) -> bool:
    """Whether what was kept is of the form of what is kept."""
    return (
        isinstance(found.kinds, dict)
        and isinstance(found.refining, list)
        and isinstance(found.outside, list)
        and all(NAME.fullmatch(name) and kind in KINDS for name, kind in found.kinds.items())
        and {*found.refining, *found.outside} <= found.kinds.keys()
    )
