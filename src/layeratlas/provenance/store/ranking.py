"""The order of the records (`provenance.store.order`) as a column of the index.

SQL then sorts by `rank`. New records mostly come last, and are put there; where one belongs between
others, all are ordered anew.
"""

from __future__ import annotations

import sqlite3

from layeratlas.provenance.store.order import (
    EARLIEST,
    Content,
    Event,
    horizon,
    microseconds,
    order,
)

# What would put one of the `fresh` records before another, or another after one of them.
_QUESTIONS = (
    "SELECT 1 FROM fresh JOIN record USING (record) WHERE NOT (moment > :after AND "
    "moment <= :horizon)",
    "SELECT 1 FROM fresh JOIN record AS new USING (record) JOIN record AS old "
    "ON old.after = new.id WHERE old.record NOT IN fresh",
    "SELECT 1 FROM fresh JOIN file AS new USING (record) JOIN file AS old "
    "ON old.identity = new.identity WHERE new.direction = 'out' AND old.direction = 'in' "
    "AND old.record NOT IN fresh",
    "SELECT 1 FROM fresh JOIN file AS new USING (record) JOIN file AS old "
    "ON old.digest = new.digest WHERE new.direction = 'out' AND old.direction = 'in' "
    "AND old.record NOT IN fresh",
    "SELECT 1 FROM fresh JOIN file AS new USING (record) JOIN replaced AS old "
    "ON old.path = new.path AND old.digest = new.digest WHERE new.direction = 'out' "
    "AND old.record NOT IN fresh",
)


def rank(db: sqlite3.Connection, added: list[int], removed: bool) -> None:
    """Bring the ranks up to date after the records of `added` were put in, or some `removed`."""
    limit = horizon()
    first = 0
    db.execute("CREATE TEMP TABLE fresh (record INTEGER PRIMARY KEY)")
    db.executemany("INSERT INTO fresh VALUES (?)", [(number,) for number in added])
    if not removed and is_ranked(db) and _come_last(db, microseconds(limit)):
        (first,) = db.execute("SELECT COALESCE(MAX(rank), -1) + 1 FROM record").fetchone()
    else:
        db.execute("INSERT OR IGNORE INTO fresh SELECT record FROM record")
    numbers, events = _events(db)
    ranks = [(first + place, numbers[i]) for place, i in enumerate(order(events, limit))]
    db.executemany("UPDATE record SET rank = ? WHERE record = ?", ranks)
    db.execute("DROP TABLE fresh")
    db.execute("DELETE FROM ordered")
    db.execute("INSERT INTO ordered VALUES (?)", (microseconds(limit),))


def is_ranked(db: sqlite3.Connection) -> bool:
    """Whether the times that are believed now are those believed when the ranks were made."""
    row = db.execute("SELECT horizon FROM ordered").fetchone()
    if row is None:
        return False
    then, now = sorted((row[0], microseconds(horizon())))
    query = "SELECT 1 FROM record WHERE moment > ? AND moment <= ? LIMIT 1"
    return db.execute(query, (then, now)).fetchone() is None


def unbelieved(db: sqlite3.Connection) -> list[str]:
    """Names of the files of records whose times are not believed."""
    rows = db.execute(
        "SELECT name FROM record WHERE moment > ? OR moment < ? ORDER BY name",
        (microseconds(horizon()), microseconds(EARLIEST)),
    )
    return [name for (name,) in rows]


def _come_last(db: sqlite3.Connection, limit: int) -> bool:
    """Whether the fresh records end after all others, and no other waits for what they wrote."""
    (latest,) = db.execute(
        "SELECT MAX(moment) FROM record WHERE moment <= ? AND record NOT IN fresh", (limit,)
    ).fetchone()
    given = {"after": max(latest or 0, microseconds(EARLIEST)), "horizon": limit}
    return all(db.execute(f"{text} LIMIT 1", given).fetchone() is None for text in _QUESTIONS)


def _events(db: sqlite3.Connection) -> tuple[list[int], list[Event]]:
    """Numbers and events of the fresh records."""
    read: dict[int, list[Content]] = {}
    wrote: dict[int, list[Content]] = {}
    query = "SELECT record, direction, path, digest, identity FROM fresh JOIN file USING (record)"
    for number, direction, *content in db.execute(query):
        files = read if direction == "in" else wrote
        files.setdefault(number, []).append(Content(*content))
    replaced: dict[int, list[tuple[str, str]]] = {}
    query = "SELECT record, path, digest FROM fresh JOIN replaced USING (record)"
    for number, path, digest in db.execute(query):
        replaced.setdefault(number, []).append((path, digest))
    query = "SELECT record, name, id, ended, after, status FROM fresh JOIN record USING (record)"
    events = {
        number: Event(
            name,
            record_id,
            ended,
            after,
            wrote.get(number, ()) if status == "ok" else (),
            read.get(number, ()),
            replaced.get(number, ()),
        )
        for number, name, record_id, ended, after, status in db.execute(query)
    }
    return list(events), list(events.values())
