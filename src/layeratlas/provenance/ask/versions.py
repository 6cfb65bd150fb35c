"""Every version of a cube, from the records and the object store."""

from __future__ import annotations

import os
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layeratlas.errors import StoreError
from layeratlas.provenance.ask.tables import frame
from layeratlas.provenance.record.places import OBJECTS
from layeratlas.provenance.store.index import open_index
from layeratlas.provenance.store.inside import given_file, inside
from layeratlas.provenance.store.objects import is_hash
from layeratlas.provenance.store.reading import project_root
from layeratlas.storage.hashing import file_digest
from layeratlas.storage.manifest import SUFFIX, read_manifest
from layeratlas.words import listed, named, quoted, shortened

if TYPE_CHECKING:
    import pandas as pd
    from xarray import DataTree

COLUMNS = (
    "version", "name", "preset", "digest", "content_hash", "size", "published", "state",
    "commit", "dirty", "source", "configuration", "path", "record",
)  # fmt: skip
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")


@dataclass(frozen=True)
class CubeName:
    """`[PRESET/]NAME[@VERSION]`."""

    name: str
    preset: str | None
    version: str | None

    @classmethod
    def parse(cls, text: str, preset: str | None = None) -> CubeName:
        """StoreError for an empty part."""
        name, at, version = text.partition("@")
        before, slash, name = name.rpartition("/")
        if not name or (at and not version) or (slash and not before):
            raise StoreError(
                f"{quoted(text)} names no cube: write NAME, NAME@VERSION or PRESET/NAME@VERSION."
            )
        return cls(name, before or preset, version or None)


def versions(
    name: str, root: str | os.PathLike[str] | None = None, preset: str | None = None
) -> pd.DataFrame:
    """The versions of a cube, oldest first, as a DataFrame; `name` may be `PRESET/NAME`.

    `version` counts from 1 within a preset. `state` says where the version is: `current` (the
    file in results), `stored` (in the object store), `collected` (removed by `layeratlas store
    gc`; its record remains). StoreError for a name that no record and no file knows.
    """
    folder = project_root(root)
    with open_index(folder) as db:
        found = _versions(db, CubeName.parse(name, preset), folder)
    return frame(found, COLUMNS, version=int, size=int)


def open(
    name: str, root: str | os.PathLike[str] | None = None, preset: str | None = None
) -> DataTree:
    """Any version of a cube, lazily: `open("phase_diagram_dropout@2")`.

    `name` is `[PRESET/]NAME[@VERSION]`; VERSION is a number of `versions(name)`, the beginning of
    a digest or content hash (4 digits or more), or an ISO date or time (UTC): the version of that
    moment. Without a version: the current one. StoreError for what is unknown, ambiguous, or
    removed from the store.
    """
    from layeratlas.storage import open_datatree

    return open_datatree(find_version(name, root, preset)[0])


def find_version(
    name: str, root: str | os.PathLike[str] | None = None, preset: str | None = None
) -> tuple[Path, dict[str, Any]]:
    """The file that holds a version, and its row of `versions`; errors as of `open`."""
    folder = project_root(root)
    asked = CubeName.parse(name, preset)
    with open_index(folder) as db:
        found = _versions(db, asked, folder)
    presets = sorted({str(v["preset"]) for v in found})
    hashed = asked.version is not None and re.fullmatch(r"[0-9a-f]{7,64}", asked.version)
    if len(presets) > 1 and not hashed:
        raise StoreError(
            f"{named(asked.name, 60)} exists in the presets {listed(presets)}: write "
            f"{shortened(presets[0], 40)}/NAME, or give preset=."
        )
    chosen = _choose(found, asked)
    place = inside(folder, chosen["path"]) if chosen["state"] == "current" else None
    for held in (place, folder / OBJECTS / f"{chosen['digest']}{SUFFIX}"):
        if held is not None and held.is_file():
            return held, chosen
    raise StoreError(
        f"version {chosen['version']} of {named(asked.name, 60)} ({chosen['digest'][:12]}…, "
        f"published {chosen['published']}) is no longer in the object store: `layeratlas store gc` "
        "removed it, or it was never kept; its record says how to make it again."
    )


def digest_of(what: str, root: str | os.PathLike[str] | None = None) -> str:
    """The digest that a path, a `NAME[@VERSION]`, or the beginning of a digest stands for.

    StoreError for an unknown name or version.
    """
    if (place := given_file(what, project_root(root))) is not None:
        return file_digest(place)
    return what if is_hash(what) else find_version(what, root)[1]["digest"]


def _choose(found: list[dict[str, Any]], asked: CubeName) -> dict[str, Any]:
    text = asked.version
    if text is None:
        current = [v for v in found if v["state"] == "current"]
        if not current:
            raise StoreError(
                f"{named(asked.name, 60)} has no current version: its file is gone. On record: "
                f"{_listing(found)}."
            )
        return current[-1]
    if _DATE.fullmatch(text):
        # A day alone means its end.
        moment = text.replace(" ", "T") if len(text) > 10 else f"{text}T23:59:59.999999"
        moment = moment.removesuffix("Z").removesuffix("+00:00")
        before = [v for v in found if v["published"] and v["published"][: len(moment)] <= moment]
        if before:
            return max(before, key=lambda v: v["published"])
        raise StoreError(
            f"{named(asked.name, 60)} has no version as old as {quoted(text, 40)}: "
            f"{_listing(found)}."
        )
    if text.isdecimal() and len(text) < 10 and int(text) <= len(found):
        numbered = [v for v in found if v["version"] == int(text)]
    elif re.fullmatch(r"[0-9a-f]{4,64}", text):
        numbered = [
            v
            for v in found
            if v["digest"].startswith(text) or (v["content_hash"] or "").startswith(text)
        ]
    else:
        numbered = []
    if not numbered:
        raise StoreError(
            f"{named(asked.name, 60)} has no version {quoted(text, 60)}; it has {_listing(found)}."
        )
    if len({v["digest"] for v in numbered}) > 1:
        raise StoreError(f"{named(f'{asked.name}@{text}', 80)} is ambiguous: {_listing(numbered)}.")
    return numbered[-1]


def _listing(found: list[dict[str, Any]]) -> str:
    shown = [
        f"{v['version']} ({v['digest'][:12]}, {(v['published'] or 'no record')[:19]})"
        for v in found[-8:]
    ]
    return listed(shown, 200)


def recorded_versions(
    db: sqlite3.Connection, name: str, preset: str | None = None
) -> list[dict[str, Any]]:
    """Publications of a cube on record, oldest first; none for an unknown name."""
    rows = db.execute(
        "SELECT file.path, file.digest, file.content_hash, file.size, record.* FROM file "
        "JOIN record USING (record) WHERE direction = 'out' AND status = 'ok' AND role = 'cube' "
        "AND (experiment = ?1 OR substr(path, -length(?2)) = ?2) ORDER BY ended, id",
        (name, f"/{name}{SUFFIX}"),
    ).fetchall()
    found = [dict(row) for row in rows if _stem(row["path"]) == name]
    return [row for row in found if preset in (None, row["preset"])]


def known_names(db: sqlite3.Connection) -> set[str]:
    """Names of all cubes on record."""
    rows = db.execute(
        "SELECT DISTINCT path FROM file WHERE direction = 'out' AND role = 'cube'"
    ).fetchall()
    return {_stem(row["path"]) for row in rows}


def _stem(path: str) -> str:
    return Path(path).name.removesuffix(SUFFIX).removesuffix(".json")


def _versions(db: sqlite3.Connection, asked: CubeName, root: Path) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in recorded_versions(db, asked.name, asked.preset):
        key = (str(row["preset"]), row["digest"])
        # The first publication dates a version; the same bytes made again are no new one.
        found.setdefault(
            key,
            {
                **{name: row.get(name) for name in COLUMNS},
                "published": row["ended"],
                "dirty": None if row["dirty"] is None else bool(row["dirty"]),
                "record": row["id"],
            },
        )
    current = _present(asked, root)
    for key, manifest in current.items():
        # A cube from before records were kept is a version too.
        found.setdefault(key, dict.fromkeys(COLUMNS) | manifest)
    if not found:
        known = listed(sorted(known_names(db)), 100) or "none"
        where = f" in preset {named(asked.preset, 40)}" if asked.preset else ""
        raise StoreError(
            f"no cube {quoted(asked.name, 60)}{where} in {named(root)}; cubes on record: {known}."
        )
    numbers: dict[str, int] = {}
    for (preset, digest), version in found.items():
        numbers[preset] = numbers.get(preset, 0) + 1
        stored = (root / OBJECTS / f"{digest}{SUFFIX}").is_file()
        version |= {
            "version": numbers[preset],
            "name": asked.name,
            "preset": preset,
            "state": "current"
            if (preset, digest) in current
            else ("stored" if stored else "collected"),
        }
    return sorted(found.values(), key=lambda v: (v["preset"], v["version"]))


def _present(asked: CubeName, root: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """{(preset, digest): facts} of the cube's files in results."""
    found = {}
    for folder in sorted((root / "results").glob("*/cubes")):
        preset = folder.parent.name
        path = given_file(folder / f"{asked.name}{SUFFIX}")
        if path is None or asked.preset not in (None, preset):
            continue
        try:
            manifest = read_manifest(path)
        except StoreError:
            continue
        found[preset, manifest.digest] = {
            "digest": manifest.digest,
            "content_hash": manifest.content_hash,
            "size": manifest.size,
            "path": path.relative_to(root).as_posix(),
        }
    return found
