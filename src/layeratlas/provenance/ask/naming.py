"""From what a user types to what the records know: paths, digests, names, versions."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from layeratlas.errors import StoreError, UnreadableError
from layeratlas.provenance.ask.graph import Node, best_writer, writers_of
from layeratlas.provenance.record.places import FIGURE_SUFFIXES
from layeratlas.provenance.store.inside import given_file, relative
from layeratlas.provenance.store.objects import is_hash
from layeratlas.storage.hashing import file_digest
from layeratlas.storage.manifest import SUFFIX, manifest_path, read_manifest
from layeratlas.words import listed, named, quoted


def find_files(db: sqlite3.Connection, what: str | os.PathLike[str], root: Path) -> list[Node]:
    """The file on record that `what` names; for a figure not on record, the cubes inside it.

    `what` is a path (the file may have been moved or renamed), the path in a record, or a digest
    or content hash (six digits or more). StoreError that says what was tried when nothing fits.
    """
    if (place := given_file(what, root)) is not None:
        return _of_path(db, place, root)
    if is_hash(str(what)):
        return [_of_hash(db, str(what))]
    if node := _of_recorded_path(db, str(what)):
        return [node]
    raise StoreError(
        f"{quoted(str(what))} is neither a file here nor a path, digest or content hash in the "
        f"records of {named(root)}: check the spelling, or name the project's folder (--root, "
        "root=)."
    )


def _of_path(db: sqlite3.Connection, path: Path, root: Path) -> list[Node]:
    recorded = relative(root, path)
    if path.suffix == ".json":
        archive = path.with_name(path.stem + SUFFIX)
        if archive.is_file() and manifest_path(archive) == path:
            path = archive
            recorded = relative(root, path)
    digest = file_digest(path)
    if node := _written(db, digest, recorded):
        return [node]
    if path.suffix in FIGURE_SUFFIXES:
        return _of_figure(db, path, root, digest)
    if path.name.endswith(SUFFIX) and (node := _written(db, _content(path, digest), recorded)):
        return [node]
    if node := _of_recorded_path(db, recorded):
        raise StoreError(
            f"{named(path)} has digest {digest[:12]}…, but the record says {node.digest[:12]}…: it "
            "was changed after it was made; `layeratlas verify` says more."
        )
    raise StoreError(
        f"{named(path)} (digest {digest[:12]}…) is in no record of {named(root)}: it was not made "
        "there, or before records were kept."
    )


def _of_figure(db: sqlite3.Connection, path: Path, root: Path, digest: str) -> list[Node]:
    """A figure whose bytes are not on record: a node for it, above the cubes it names."""
    from layeratlas.figures.output import read_identity

    try:
        identity = read_identity(path)
    except UnreadableError as error:
        raise StoreError(
            f"{named(path)} is in no record of {named(root)} and {error.reason}"
        ) from error
    cubes = cube_hashes(identity)
    if not cubes:
        raise StoreError(
            f"{named(path)} is in no record of {named(root)} and names no cubes: it was not drawn "
            "by Layer Atlas, or another program rewrote it."
        )
    figure = Node(None, digest, str(path), "figure", digest, None, path.stat().st_size)
    found = [figure]
    for name, content in cubes.items():
        node = _written(db, content, f"results/{identity.get('preset')}/cubes/{name}{SUFFIX}")
        if node is not None:
            node.used_by = [0]
            found.append(node)
    if len(found) == 1:
        raise StoreError(
            f"{named(path)} was drawn by Layer Atlas from {listed(cubes, 100)}, but no record of "
            f"{named(root)} knows these cubes: name the project it comes from (--root, root=)."
        )
    return found


def cube_hashes(identity: dict[str, Any]) -> dict[str, str]:
    """{experiment: content hash} from the identity inside a figure."""
    return {
        key.removeprefix("cube "): str(value)
        for key, value in identity.items()
        if key.startswith("cube ")
    }


def _content(path: Path, digest: str) -> str:
    """Content hash of an archive: from its manifest if that is its own, else from its data."""
    from layeratlas.storage import content_hash, open_datatree

    try:
        manifest = read_manifest(path)
        if manifest.digest == digest:
            return manifest.content_hash
    except StoreError:
        pass
    try:
        with open_datatree(path) as tree:
            return content_hash(tree).root
    except (ValueError, RuntimeError, KeyError) as error:
        raise StoreError(f"{named(path)} cannot be read in full: {error}") from error


def _written(db: sqlite3.Connection, value: str, path: str | None) -> Node | None:
    """The file with this digest or content hash, best as made at `path`."""
    rows = db.execute(
        "SELECT DISTINCT identity FROM file WHERE digest = ? OR content_hash = ?", (value, value)
    ).fetchall()
    candidates = [c for group in writers_of(db, (r[0] for r in rows)).values() for c in group]
    exact = [c for c in candidates if c["digest"] == value] or candidates
    if writer := best_writer(exact, path, None, None):
        return Node.of(writer, writer["record"])
    # Known as an input only: made before records were kept, or elsewhere.
    row = db.execute(
        "SELECT * FROM file WHERE direction = 'in' AND (digest = ? OR content_hash = ?) "
        "ORDER BY record DESC",
        (value, value),
    ).fetchone()
    return Node.of(row, None) if row else None


def _of_hash(db: sqlite3.Connection, prefix: str) -> Node:
    found = complete_hash(db, prefix)
    if not found:
        raise StoreError(f"no file on record has a digest or content hash {prefix}…")
    if len(found) > 1:
        raise StoreError(
            f"{prefix} is the beginning of {len(found)} hashes "
            f"({listed(value[:12] for value in found)}): give more digits."
        )
    node = _written(db, found[0], None)
    assert node is not None
    return node


def complete_hash(db: sqlite3.Connection, prefix: str) -> list[str]:
    """Digests and content hashes of files on record that begin so; one for each file content."""
    rows = db.execute(
        "SELECT identity, MIN(value) FROM (SELECT identity, digest AS value FROM file WHERE digest "
        "BETWEEN ?1 AND ?2 UNION SELECT identity, content_hash FROM file WHERE content_hash "
        "BETWEEN ?1 AND ?2) GROUP BY identity ORDER BY 2",
        (prefix, prefix + "g"),
    ).fetchall()
    return [value for _, value in rows]


def _of_recorded_path(db: sqlite3.Connection, path: str) -> Node | None:
    row = db.execute(
        "SELECT file.* FROM file JOIN record USING (record) WHERE path = ? AND direction = 'out' "
        "AND status = 'ok' ORDER BY record.ended DESC, record.id DESC LIMIT 1",
        (path,),
    ).fetchone()
    return Node.of(row, row["record"]) if row else None


def written_by(db: sqlite3.Connection, record: str, digest: str) -> Node:
    """The file with this digest that the job with this record id wrote."""
    row = db.execute(
        "SELECT file.* FROM file JOIN record USING (record) WHERE record.id = ? AND digest = ? "
        "AND direction = 'out'",
        (record, digest),
    ).fetchone()
    return Node.of(row, row["record"])
