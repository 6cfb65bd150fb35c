"""The object store: every published version of a cube and of a figure, under its digest.

`store/objects/<sha256>.zarr.zip` is a hard link of the published file, so the version that stands
costs no space. Figures are small and people edit them in place: they are copied. Uncommitted
changes of the code are objects, too (`<sha256>.diff`). Shards, measurements and data sets are not
kept: they are large, and the records say how to make them again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.errors import StoreError
from layeratlas.provenance.store.reading import RECORDS, project_root, read_record, record_files
from layeratlas.storage import file_digest, read_manifest, write_json_atomic
from layeratlas.storage.atomic import folder_lock, remove_stale_temporaries, store_errors
from layeratlas.storage.keeping import link_object, write_object
from layeratlas.storage.manifest import SUFFIX

if TYPE_CHECKING:
    import pandas as pd

    from layeratlas.provenance.record.schema import Record

OBJECTS = Path("store") / "objects"
PINS = Path("store") / "pins.json"
PUBLISHED = ("results", "figures")
FIGURES = (".pdf", ".png", ".svg")
_NAME = re.compile(r"([0-9a-f]{64})(\.[a-z.]+)")
_SHORTEST = 6

Root = str | os.PathLike[str] | None


def keep(path: str | os.PathLike[str], root: Root = None) -> str:
    """Keep a file in the object store of `root` and return its digest.

    Archives are linked, other files copied. StoreError when it cannot be read or kept.
    """
    path, folder = Path(path), project_root(root) / OBJECTS
    if not path.name.endswith(SUFFIX):
        try:
            content = path.read_bytes()
        except OSError as error:
            raise StoreError(f"could not read {path}: {error.strerror or error}.") from error
        return keep_bytes(content, path.suffix, project_root(root))
    digest = file_digest(path)
    with store_errors(folder / f"{digest}{SUFFIX}"):
        link_object(path, folder / f"{digest}{SUFFIX}")
    return digest


def keep_bytes(content: bytes, suffix: str, root: Path) -> str:
    """Keep `content` as `<sha256><suffix>` and return the digest."""
    digest = hashlib.sha256(content).hexdigest()
    stored = root / OBJECTS / f"{digest}{suffix}"
    with store_errors(stored):
        write_object(content, stored)
    return digest


def stored_objects(root: Path) -> Iterator[tuple[str, str, Path]]:
    """(digest, suffix, path) of every object; other files in the folder are passed over."""
    folder = root / OBJECTS
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if match := _NAME.fullmatch(path.name):
                yield match[1], match[2], path


def objects(root: Root = None) -> pd.DataFrame:
    """A row an object: digest, suffix, path, size in bytes, whether a published file shares it."""
    import pandas as pd

    rows = []
    for digest, suffix, path in stored_objects(project_root(root)):
        state = path.stat()
        rows.append((digest, suffix, str(path), state.st_size, state.st_nlink > 1))
    return pd.DataFrame(rows, columns=["digest", "suffix", "path", "size", "shared"])


def find_object(digest: str, root: Root = None) -> Path:
    """The object with this digest, or with one that begins so (six digits or more).

    StoreError when there is none, or more than one.
    """
    project = project_root(root)
    if not re.fullmatch(rf"[0-9a-f]{{{_SHORTEST},64}}", digest):
        raise StoreError(
            f"{digest!r} is no digest: give {_SHORTEST} to 64 hexadecimal digits of a sha256."
        )
    found = [path for name, _, path in stored_objects(project) if name.startswith(digest)]
    if not found:
        raise StoreError(
            f"no object {digest} in {project / OBJECTS}: it was never kept there, or garbage "
            "collection removed it."
        )
    if len(found) > 1:
        names = ", ".join(path.name[:12] for path in found)
        raise StoreError(f"{digest} is the beginning of {names}: give more digits.")
    return found[0]


# --- pins -------------------------------------------------------------------------------------
def pins(root: Root = None) -> dict[str, str]:
    """{digest: name} of the objects that must stay whatever becomes of the results."""
    path = project_root(root) / PINS
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read ({error}): mend or remove it.") from error
    if not isinstance(found, dict):
        raise StoreError(f"{path} is no list of pins: mend or remove it.")
    return found


def pin(digest: str, name: str, root: Root = None) -> str:
    """Keep an object, and all that it was made from, under a name; returns its whole digest.

    The beginning of a digest is enough. StoreError for an unknown object.
    """
    project = project_root(root)
    whole = find_object(digest, project).name[:64]
    with store_errors(project / PINS), folder_lock(project / "store"):
        write_json_atomic(project / PINS, pins(project) | {whole: name})
    return whole


def unpin(digest_or_name: str, root: Root = None) -> None:
    """Take a pin away. StoreError when nothing is pinned so."""
    project = project_root(root)
    with store_errors(project / PINS), folder_lock(project / "store"):
        known = pins(project)
        left = {
            digest: name
            for digest, name in known.items()
            if name != digest_or_name and not digest.startswith(digest_or_name)
        }
        if len(left) == len(known):
            raise StoreError(f"nothing is pinned as {digest_or_name!r} in {project / PINS}.")
        write_json_atomic(project / PINS, left)


# --- garbage ----------------------------------------------------------------------------------
def collect_garbage(root: Root = None, apply: bool = False) -> pd.DataFrame:
    """Objects that nothing refers to; with `apply` they are removed, else it is only said.

    An object stays when its digest is

    - that of a file that stands under results/ or figures/,
    - mentioned, as input or output, by the newest successful record of any path,
    - pinned, or
    - an input of a job on record that made something that stays (so a pinned figure keeps its
      cubes), or
    - that of uncommitted code of any record.

    Columns: digest, suffix, path, size, freed (bytes the disk gets back), removed. StoreError
    when a record cannot be read and `apply` is asked for: it might be the one that refers.
    """
    import pandas as pd

    project = project_root(root)
    rows = []
    if not (project / OBJECTS).is_dir():
        return _garbage_table(pd, rows)
    # No publisher may come between the look and the removal; see `publish`.
    with folder_lock(project / OBJECTS):
        records, unreadable = _records(project)
        if apply and unreadable:
            raise StoreError(
                f"nothing was removed, because {len(unreadable)} records cannot be read and might "
                f"refer to objects: {unreadable[0]}"
            )
        stay = _referred(project, records)
        for digest, suffix, path in stored_objects(project):
            if digest in stay:
                continue
            state = path.stat()
            freed = state.st_size if state.st_nlink == 1 else 0
            if apply:
                with store_errors(path):
                    path.unlink()
            rows.append((digest, suffix, str(path), state.st_size, freed, apply))
    if apply:
        _remove_temporaries(project)
    return _garbage_table(pd, rows)


def _garbage_table(pd, rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["digest", "suffix", "path", "size", "freed", "removed"])


def _records(project: Path) -> tuple[list[Record], list[str]]:
    """All records, oldest first, and what is wrong with those that cannot be read."""
    records, unreadable = [], []
    for name, _, _ in record_files(project):
        try:
            records.append(read_record(project / RECORDS / name))
        except StoreError as error:
            unreadable.append(str(error))
    return sorted(records, key=lambda record: (record.ended, record.id)), unreadable


def newest_records(records: Iterable[Record]) -> dict[str, Record]:
    """{path: the last successful record that wrote it}, from records in the order of their end."""
    return {
        output.path: record
        for record in records
        if record.status == "ok"
        for output in record.outputs
    }


def _referred(project: Path, records: list[Record]) -> set[str]:
    stay = set(pins(project)) | set(_standing(project))
    for record in newest_records(records).values():
        stay.update(file.digest for file in (*record.inputs, *record.outputs))
    makers: dict[str, list[Record]] = {}
    for record in records:
        if record.status == "ok":
            for output in record.outputs:
                makers.setdefault(output.digest, []).append(record)
    todo = list(stay)
    while todo:
        for record in makers.pop(todo.pop(), ()):
            new = {file.digest for file in record.inputs} - stay
            stay |= new
            todo.extend(new)
    return stay | {record.code.diff for record in records if record.code.diff}


def _standing(project: Path) -> Iterator[str]:
    """Digests of the files that stand under results/ and figures/ and may be objects."""
    same_file = {path.stat().st_ino: digest for digest, _, path in stored_objects(project)}
    for path in published_files(project):
        if path.name.endswith(SUFFIX):
            # A link says it without reading; where links do not reach, the manifest does.
            if digest := same_file.get(path.stat().st_ino):
                yield digest
            with suppress(StoreError):
                yield read_manifest(path).digest
        elif path.suffix in FIGURES:
            yield file_digest(path)


def published_files(project: Path) -> Iterator[Path]:
    """Archives, figures and claims under results/ and figures/; manifests go with archives."""
    for top in PUBLISHED:
        for path in sorted((project / top).rglob("*")):
            if path.name.startswith(".") or not path.is_file():
                continue
            if path.name.endswith((SUFFIX, *FIGURES)) or (
                path.suffix == ".json"
                and not path.name.endswith(".plan.json")
                and not path.with_name(path.stem + SUFFIX).exists()
            ):
                yield path


def _remove_temporaries(project: Path) -> None:
    """What killed writers left in the store; whoever still writes keeps its own."""
    for folder in (project / OBJECTS, *(project / RECORDS).glob("*")):
        for path in folder.glob(".*.tmp"):
            name = path.name[1:].rsplit(".", 2)[0]
            remove_stale_temporaries(path.with_name(name))
