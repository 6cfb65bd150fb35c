"""From what a user types to what the records know: paths, digests, marks, names, versions."""

from __future__ import annotations

import os
import re
import sqlite3
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.errors import StoreError, UnreadableError
from layeratlas.provenance.ask.graph import Node, best_writer, writers_of
from layeratlas.provenance.record.places import MARKED_SUFFIXES
from layeratlas.provenance.store.inside import given_file, relative
from layeratlas.provenance.store.reading import RecordWarning
from layeratlas.storage.hashing import file_digest
from layeratlas.storage.manifest import SUFFIX, manifest_path, read_manifest
from layeratlas.words import listed, named, quoted

if TYPE_CHECKING:
    from layeratlas.figures.output import Carried

# A hash as people write it down: "3F9A2C7", "#3f9a2c7", "Layer Atlas 3f9a2c7".
_HASH = re.compile(r"(layer\s+atlas\s+#?|#)?([0-9a-f]{6,64})", re.IGNORECASE)


def find_files(db: sqlite3.Connection, what: str | os.PathLike[str], root: Path) -> list[Node]:
    """The file on record that `what` names; for one not on record, the figures or cubes inside it.

    `what` is a path (the file may have been moved or renamed), the path in a record, or six digits
    or more of a digest, a content hash or a figure's mark. StoreError that says what was tried when
    nothing fits.
    """
    if (place := given_file(what, root)) is not None:
        return _of_path(db, place, root)
    if written := _HASH.fullmatch(str(what).strip()):
        return [_of_hash(db, written[2].lower(), root, shown=written[1] is not None)]
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
    if path.suffix in MARKED_SUFFIXES:
        return _of_document(db, path, root, digest)
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


def _of_document(db: sqlite3.Connection, path: Path, root: Path, digest: str) -> list[Node]:
    """A figure, or a document with figures in it, whose bytes are not on record: a node for it,
    above the figures on record that it carries, or else the cubes that these name."""
    from layeratlas.figures.output import read_identities

    try:
        carried, refused = read_identities(path)
    except UnreadableError as error:
        raise StoreError(
            f"{named(path)} is in no record of {named(root)} and {error.reason}. Where it shows "
            '"Layer Atlas" and some digits, ask for these.'
        ) from error
    if refused:
        message = f"{path}: some of the identities in it are left out: one {refused[0].reason}"
        warnings.warn(RecordWarning(message), stacklevel=2)
    role = "figure" if len(carried) == 1 else "document"
    nodes = [Node(None, digest, str(path), role, digest, None, path.stat().st_size)]
    if len(carried) == 1:
        nodes[0].mark, nodes[0].pages = carried[0].mark, carried[0].pages
    for one in carried:
        _place(db, one, nodes)
    # Sizes are known of files on record.
    if any(node.size is not None for node in nodes[1:]):
        return nodes
    cubes = {name for one in carried for name in cube_hashes(one.identity)}
    if not cubes:
        raise StoreError(
            f"{named(path)} is in no record of {named(root)} and names no cubes: it was not drawn "
            "by Layer Atlas, or another program rewrote it."
        )
    raise StoreError(
        f"{named(path)} was drawn by Layer Atlas from {listed(sorted(cubes), 100)}, but no record "
        f"of {named(root)} knows these cubes: name the project it comes from (--root, root=)."
    )


def _place(db: sqlite3.Connection, carried: Carried, nodes: list[Node]) -> None:
    """Add to `nodes`, below the first, the figure on record, or else the cubes that are known."""
    if (node := _marked(db, carried.mark)) is not None:
        node.used_by, node.pages = [0], carried.pages
        nodes.append(node)
        return
    above = 0
    if nodes[0].role == "document":
        name = str(carried.identity.get("figure", "figure"))
        above = len(nodes)
        nodes.append(Node(None, carried.mark, name, "figure", "", None, None, 0, [0], carried.mark))
        nodes[above].pages = carried.pages
    known = {(node.record, node.identity): node for node in nodes}
    for name, content in cube_hashes(carried.identity).items():
        path = f"results/{carried.identity.get('preset')}/cubes/{name}{SUFFIX}"
        if (node := _written(db, content, path)) is None:
            continue
        node = known.setdefault((node.record, node.identity), node)
        if not node.used_by:
            nodes.append(node)
        node.used_by.append(above)


def _marked(db: sqlite3.Connection, mark: str) -> Node | None:
    """The figure with this mark as it was drawn last: of a job's files the first, the PDF."""
    rows = db.execute("SELECT DISTINCT identity FROM file WHERE mark = ?", (mark,)).fetchall()
    candidates = [
        writer
        for group in writers_of(db, (row[0] for row in rows)).values()
        for writer in group
        if writer["mark"] == mark
    ]
    if not candidates:
        return None
    best = max(candidates, key=lambda c: (not c["copied"], c["rank"], -c["position"]))
    return Node.of(best, best["record"])


def cube_hashes(identity: Mapping[str, str]) -> dict[str, str]:
    """{experiment: content hash} from the identity inside a figure."""
    return {
        key.removeprefix("cube "): value
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
        "SELECT file.* FROM file JOIN record USING (record) "
        "WHERE direction = 'in' AND (digest = ? OR content_hash = ?) "
        "ORDER BY rank DESC, position",
        (value, value),
    ).fetchone()
    return Node.of(row, None) if row else None


def _of_hash(db: sqlite3.Connection, prefix: str, root: Path, shown: bool) -> Node:
    """The file that six digits or more mean; `shown`: they are a figure's mark and nothing else."""
    meant: dict[str, Node] = {}
    for value in [] if shown else complete_hash(db, prefix):
        node = _written(db, value, None)
        assert node is not None
        meant[value] = node
    # Seven digits may be those of two figures: both are told, whatever else the records have.
    for (mark,) in db.execute(
        "SELECT DISTINCT mark FROM file WHERE mark BETWEEN ? AND ? ORDER BY 1",
        (prefix, prefix + "g"),
    ).fetchall():
        if (node := _marked(db, mark)) is not None:
            meant[mark] = node
    if not meant:
        what = "figure on record shows" if shown else "file on record has a digest or content hash"
        also = "" if shown else ", nor does a figure show it"
        raise StoreError(
            f"no {what} {prefix}…{also}: check the digits, or name the project that it comes from "
            "(--root, root=)."
        )
    if len(meant) > 1:
        values = listed(f"{value[:12]} {node.path}" for value, node in meant.items())
        raise StoreError(
            f"{prefix} is the beginning of {len(meant)} hashes ({values}): give more digits."
        )
    return next(iter(meant.values()))


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
        "AND status = 'ok' ORDER BY rank DESC LIMIT 1",
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
