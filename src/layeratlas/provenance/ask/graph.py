"""The graph of files: who made this file, who read it.

A reader is linked to a writer by what the file held (`FileState.identity`), not by its name, so
that links stay true when files move, and when a file is made again with the same content. Of
several writers of the same content the one that the reader most probably saw is taken: before the
reader (`provenance.store.order`), at the same path, not a mere copy, the latest.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from layeratlas.provenance.store.index import select_in


@dataclass
class Node:
    """A file at one moment: the record that wrote it (None: not on record) and what it held."""

    record: int | None
    identity: str
    path: str
    role: str
    digest: str
    """Empty for a figure that is known from a document alone."""
    content_hash: str | None
    size: int | None
    depth: int = 0
    used_by: list[int] = field(default_factory=list)
    """Numbers of the nodes that were made from this one."""
    mark: str | None = None
    """Of a figure: the hash whose beginning it shows."""
    pages: tuple[int, ...] = ()
    """Of a figure in a document that was asked for: its pages there, from 1."""

    @classmethod
    def of(cls, file: Mapping[str, Any] | sqlite3.Row, record: int | None) -> Node:
        """The node of a row of the index's table `file`."""
        names = ("identity", "path", "role", "digest", "content_hash", "size", "mark")
        return cls(record, **{name: file[name] for name in names})


def files_of(
    db: sqlite3.Connection, records: Iterable[int], direction: str
) -> dict[int, list[sqlite3.Row]]:
    """Inputs ("in") or outputs ("out") of each record, in the order of the rule."""
    found: dict[int, list[sqlite3.Row]] = {}
    query = "SELECT * FROM file WHERE record IN ({}) AND direction = ? ORDER BY record, position"
    for row in select_in(db, query, records, direction):
        found.setdefault(row["record"], []).append(row)
    return found


def writers_of(
    db: sqlite3.Connection, identities: Iterable[str]
) -> dict[str, list[dict[str, Any]]]:
    """Who made a file of this content, in finished jobs: {identity: candidates}."""
    found: dict[str, list[dict[str, Any]]] = {}
    query = (
        "SELECT file.*, record.rank, EXISTS (SELECT 1 FROM file AS "
        "other WHERE other.record = file.record AND other.direction = 'in' AND other.identity = "
        "file.identity) AS copied FROM file JOIN record USING (record) "
        "WHERE file.identity IN ({}) AND file.direction = 'out' AND record.status = 'ok'"
    )
    for row in select_in(db, query, identities):
        found.setdefault(row["identity"], []).append(dict(row))
    return found


def best_writer(
    candidates: Iterable[dict[str, Any]],
    path: str | None,
    before: int | None,
    without: int | None,
) -> dict[str, Any] | None:
    """The candidate that a reader of `path`, whose rank is `before`, most probably saw."""
    ranked = sorted(
        (c for c in candidates if c["record"] != without),
        key=lambda c: (
            before is None or c["rank"] < before,
            c["path"] == path,
            not c["copied"],
            c["rank"],
        ),
    )
    return ranked[-1] if ranked else None


def ancestors(db: sqlite3.Connection, start: Iterable[Node]) -> list[Node]:
    """`start` and everything it was made from; `depth` is the longest way from the start.

    The list is ordered by depth; `used_by` refers to positions in it.
    """
    nodes = list(start)
    numbers = {(node.record, node.identity): i for i, node in enumerate(nodes)}
    frontier = list(range(len(nodes)))
    # Files written by one job share its inputs: they are followed once for each file asked for.
    while frontier:
        makers = {i: maker for i in frontier if (maker := nodes[i].record) is not None}
        inputs = files_of(db, makers.values(), "in")
        query = "SELECT record, rank FROM record WHERE record IN ({})"
        ranks = {row["record"]: row["rank"] for row in select_in(db, query, inputs)}
        written = writers_of(db, (row["identity"] for rows in inputs.values() for row in rows))
        frontier = []
        for i, maker in makers.items():
            for row in _causes(nodes[i], inputs.get(maker, [])):
                candidates = written.get(row["identity"], ())
                writer = best_writer(candidates, row["path"], ranks[maker], maker)
                key = (writer["record"] if writer else None, row["identity"])
                if key not in numbers:
                    numbers[key] = len(nodes)
                    frontier.append(len(nodes))
                    nodes.append(Node.of(writer or row, key[0]))
                if i not in nodes[numbers[key]].used_by:
                    nodes[numbers[key]].used_by.append(i)
    return _in_order(nodes)


def _causes(node: Node, inputs: list[sqlite3.Row]) -> list[sqlite3.Row]:
    """The inputs that count: of a copy only what was copied, not what was copied beside it."""
    return [row for row in inputs if row["identity"] == node.identity] or inputs


def _in_order(nodes: list[Node]) -> list[Node]:
    """Sorted by depth, the longest way from a start, so that every file stands below its users."""
    made_from: dict[int, list[int]] = {i: [] for i in range(len(nodes))}
    waiting = [len(node.used_by) for node in nodes]
    for i, node in enumerate(nodes):
        for user in node.used_by:
            made_from[user].append(i)
    ready = [i for i, n in enumerate(waiting) if n == 0]
    done: set[int] = set(ready)
    while len(done) < len(nodes) or ready:
        if not ready:
            # Results copied back can close a circle: cut it at the file met first.
            ready = [min(i for i in range(len(nodes)) if i not in done)]
            done.add(ready[0])
        user = ready.pop(0)
        for i in made_from[user]:
            waiting[i] -= 1
            if i not in done:
                nodes[i].depth = max(nodes[i].depth, nodes[user].depth + 1)
                if waiting[i] == 0:
                    ready.append(i)
                    done.add(i)
    order = sorted(range(len(nodes)), key=lambda i: (nodes[i].depth, i))
    new = {old: position for position, old in enumerate(order)}
    for node in nodes:
        # The deepest user is the parent in a tree: shards ← data set, not figure ← data set.
        node.used_by = sorted(
            (new[i] for i in node.used_by), key=lambda i: (-nodes[order[i]].depth, i)
        )
    return [nodes[i] for i in order]


def descendants(
    db: sqlite3.Connection, records: Iterable[int], identities: Iterable[str]
) -> dict[int, tuple[int, int | None]]:
    """Finished jobs made from the given jobs' outputs, or from files of the given content.

    {record: (depth, the record whose output it used first)}; given records have depth 0, readers
    of given contents depth 1.
    """
    found: dict[int, tuple[int, int | None]] = dict.fromkeys(records, (0, None))
    # Content → the record that wrote it; None for contents asked for.
    fresh: dict[str, int | None] = {
        row["identity"]: record
        for record, rows in files_of(db, found, "out").items()
        for row in rows
    }
    fresh |= dict.fromkeys(identities)
    known = set(fresh)
    depth = 0
    query = (
        "SELECT file.record, file.identity FROM file JOIN record USING (record) "
        "WHERE file.identity IN ({}) AND file.direction = 'in' AND record.status = 'ok' "
        "ORDER BY record.rank"
    )
    while fresh:
        depth += 1
        readers: dict[int, None] = {}
        for record, identity in select_in(db, query, fresh):
            if record not in found:
                found[record] = (depth, fresh[identity])
                readers[record] = None
        fresh = {}
        for record, rows in files_of(db, readers, "out").items():
            for row in rows:
                if row["identity"] not in known:
                    known.add(row["identity"])
                    fresh[row["identity"]] = record
    return found
