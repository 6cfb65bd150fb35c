"""What ran when, for how long, on what."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from layeratlas.errors import StoreError
from layeratlas.provenance.ask.graph import files_of
from layeratlas.provenance.ask.tables import frame
from layeratlas.provenance.store.index import open_index
from layeratlas.words import quoted

if TYPE_CHECKING:
    import sqlite3

    import pandas as pd

COLUMNS = (
    "started", "rule", "what", "status", "wall_seconds", "cpu_seconds", "peak_memory_bytes",
    "host", "gpu", "scheduler", "commit", "dirty", "unread", "outputs", "bytes", "inputs", "error",
    "preset", "experiment", "figure", "record", "frame_memory_bytes", "used_mb", "mem_mb",
    "runtime", "attempt", "sized_mem_mb", "sized_seconds",
)  # fmt: skip
_ALL = 2**63 - 1  # what 64 bits hold
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def log(
    root: str | os.PathLike[str] | None = None,
    since: str | datetime | None = None,
    until: str | datetime | None = None,
    rule: str | None = None,
    experiment: str | None = None,
    figure: str | None = None,
    preset: str | None = None,
    status: str | None = None,
    limit: int | None = None,
) -> pd.DataFrame:
    """Jobs on record by the times at which they say they started, failed ones too, as a DataFrame.

    `since` and `until` are ISO dates or times (UTC), or an age: `90m`, `12h`, `3d`, `2w`.
    `status` is `ok` or `failed`; `limit` keeps the last so many. `what` is what the job worked
    on, `outputs` the files it wrote, `bytes` their size, `inputs` the number of files it read,
    `unread` what it could not find out about itself, {name: why}, or None. `mem_mb`, `runtime`
    (minutes) and `attempt` are what it asked a scheduler for, `used_mb` the memory of its script
    and of the frame around it in MB of 2²⁰ bytes; None in records that do not say so.
    StoreError for a date that is none, or a negative limit.
    """
    if limit is not None and limit < 0:
        raise StoreError(f"a limit of {quoted(limit, 30)} jobs: it should be 0 or more.")
    conditions = {
        "started >= ?": _moment(since),
        "started <= ?": _moment(until, end=True),
        "rule = ?": rule,
        "experiment = ?": experiment,
        "figure = ?": figure,
        "preset = ?": preset,
        "status = ?": status,
    }
    given = {text: value for text, value in conditions.items() if value is not None}
    where = " AND ".join(given) or "1"
    query = f"SELECT * FROM record WHERE {where} ORDER BY started DESC, id DESC LIMIT ?"
    most = _ALL if limit is None else min(limit, _ALL)
    with open_index(root) as db:
        rows = db.execute(query, (*given.values(), most)).fetchall()
        records = [row["record"] for row in rows]
        written, read = files_of(db, records, "out"), files_of(db, records, "in")
    answer = [
        _row(dict(row), written.get(row["record"], []), read.get(row["record"], []))
        for row in reversed(rows)
    ]
    return frame(answer, COLUMNS, wall_seconds=float, cpu_seconds=float, bytes=int, inputs=int)


def _row(
    row: dict[str, Any], written: list[sqlite3.Row], read: list[sqlite3.Row]
) -> dict[str, Any]:
    machine, wildcards = json.loads(row["machine"]), json.loads(row["wildcards"])
    row |= {name: machine.get(name) for name in ("host", "gpu", "scheduler")}
    row["what"] = " ".join(dict.fromkeys(wildcards.values())) or row["figure"] or row["experiment"]
    row["outputs"] = [file["path"] for file in written]
    row["bytes"] = min(sum(file["size"] for file in written), _ALL)
    row["unread"] = None if row["unread"] is None else json.loads(row["unread"])
    row["inputs"] = len(read)
    peak, around = row["peak_memory_bytes"], row["frame_memory_bytes"]
    row["used_mb"] = None if peak is None else (peak + (around or 0)) / 2**20
    row["dirty"] = None if row["dirty"] is None else bool(row["dirty"])
    row["record"] = row["id"]
    return row


def _moment(given: str | datetime | None, end: bool = False) -> str | None:
    """As records write times: ISO 8601 in UTC, which sorts as text."""
    if given is None:
        return None
    try:
        moment = _parsed(given, end) if isinstance(given, str) else given
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # no date, or one before the year 1
        raise StoreError(
            f"{quoted(given)} is no time: write 2031-05-17, 2031-05-17T12:00 or an age like 3d."
        ) from None
    # Without fractions and zone: a prefix of what records hold, so `>=` includes the second.
    text = moment.isoformat()[:19]
    return f"{text}~" if end else text


def _parsed(text: str, end: bool) -> datetime:
    """An age, a time or a day; a day's `end` is its last second."""
    if age := re.fullmatch(r"(\d+)\s*([mhdw])", text):
        return datetime.now(UTC) - timedelta(**{_UNITS[age[2]]: int(age[1])})
    moment = datetime.fromisoformat(text)
    return moment.replace(hour=23, minute=59, second=59) if end and len(text) == 10 else moment
