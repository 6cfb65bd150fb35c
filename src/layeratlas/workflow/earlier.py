"""What earlier jobs used of what their sizes told, from the records: one query a session."""

from __future__ import annotations

import os
import sqlite3
import warnings
from typing import NamedTuple

import layeratlas
from layeratlas.errors import StoreError

MOST = 200
"""Jobs of a rule and of an experiment or figure that count: the last ones."""

# Only jobs of the same version: another's sizes may have been told otherwise. A job that failed
# may not have come to its peak.
_QUERY = """
SELECT * FROM (
    SELECT rule, what, memory / (1048576.0 * sized_mem_mb) AS memory,
        seconds / (1.0 * sized_seconds) AS seconds, frame,
        ROW_NUMBER() OVER (PARTITION BY rule, what ORDER BY started DESC, id DESC) AS place,
        ROW_NUMBER() OVER (PARTITION BY rule ORDER BY started DESC, id DESC) AS among_all
    FROM (
        SELECT id, rule, COALESCE(experiment, figure) AS what, peak_memory_bytes AS memory,
            wall_seconds AS seconds, frame_memory_bytes AS frame, started, sized_mem_mb,
            sized_seconds
        FROM record
        WHERE status = 'ok' AND version = ? AND sized_mem_mb > 0 AND sized_seconds > 0
            AND peak_memory_bytes > 0
    )
) WHERE place <= ? OR among_all <= ?
"""


class Used(NamedTuple):
    """Of one job: shares of what its sizes told of memory and of time; bytes of its frame.

    `what` is its figure or experiment; `recent`, whether it is among the rule's last `MOST`.
    """

    rule: str
    what: str | None
    memory: float
    seconds: float
    frame: float | None = None
    recent: bool = True


def used_before(root: str | os.PathLike[str] = ".", refresh: bool = True) -> list[Used]:
    """The last jobs of every rule and experiment or figure on record; none where there is no index
    to be had: planning goes on without.

    Without `refresh` the index is asked as it stands: that looks at no record, and gives the same
    answer as to whoever brought it up to date.
    """
    from layeratlas.provenance.store.index import index_as_it_stands, open_index

    try:
        # Whoever asks about records is told of what is wrong with them; a plan is no such question.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with open_index(root) if refresh else index_as_it_stands(root) as db:
                rows = db.execute(_QUERY, (layeratlas.__version__, MOST, MOST)).fetchall()
    except (OSError, StoreError, sqlite3.Error):
        return []
    return [
        Used(row["rule"], row["what"], row["memory"], row["seconds"], row["frame"],
             row["among_all"] <= MOST)
        for row in rows
    ]  # fmt: skip
