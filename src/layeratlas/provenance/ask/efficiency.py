"""What jobs asked of a scheduler against what they used, a row a rule, and what to change."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from layeratlas.provenance.ask.history import log
from layeratlas.provenance.ask.tables import frame
from layeratlas.workflow.requests import (
    HEADROOM,
    LEAST,
    SHORTEST,
    TIME_HEADROOM,
    percentile,
    rounded_up,
)

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "rule", "jobs", "failed", "retried", "asked_mb", "used_mb", "memory_median", "memory_worst",
    "memory_above", "asked_minutes", "used_minutes", "minutes_median", "minutes_worst",
    "minutes_above", "advice",
)  # fmt: skip
#: Less than this share of what was asked for is a waste worth a word.
LITTLE = 0.4
#: More jobs above their request than this share are too many.
MANY = 0.02
#: A job that is over sooner is mostly its own start.
_BRIEF = 60.0


def efficiency(**asked: Any) -> pd.DataFrame:
    """Of the jobs that `layeratlas.log(**asked)` tells and whose records say what they asked for.

    A row a rule, those that asked for most memory and time first. `asked_mb`, `used_mb`,
    `asked_minutes`, `used_minutes` are medians; `memory_median` and `memory_worst` (`minutes_…`) of
    used / asked, where worst is the largest; `memory_above` and `minutes_above` count the jobs
    beyond their request; `retried` those of a second or later attempt, `failed` those that did not
    end well, which count in nothing else. `advice` is one sentence.
    """
    table = log(**asked)
    jobs: dict[str, list[dict[Any, Any]]] = {}
    for row in table.to_dict("records"):
        if row["mem_mb"] is not None:
            jobs.setdefault(row["rule"], []).append(row)
    rows = sorted(
        (_row(rule, some) for rule, some in jobs.items()),
        key=lambda row: -(row["asked_mb"] or 0) * (row["asked_minutes"] or 0) * row["jobs"],
    )
    counts = ("jobs", "failed", "retried", "memory_above", "minutes_above")
    return frame(rows, COLUMNS, **dict.fromkeys(counts, int))


def _row(rule: str, every: Sequence[dict[Any, Any]]) -> dict[str, Any]:
    ended = [row for row in every if row["status"] == "ok"]
    memory = [row for row in ended if row["used_mb"] is not None and row["mem_mb"]]
    time = [row for row in ended if row["runtime"]]
    shares = [row["used_mb"] / row["mem_mb"] for row in memory]
    minutes = [row["wall_seconds"] / 60 for row in time]
    of_time = [spent / row["runtime"] for spent, row in zip(minutes, time, strict=True)]
    found = {
        "rule": rule,
        "jobs": len(every),
        "failed": len(every) - len(ended),
        "retried": sum((row["attempt"] or 1) > 1 for row in every),
        "asked_mb": _median(row["mem_mb"] for row in memory),
        "used_mb": _median(row["used_mb"] for row in memory),
        "memory_median": _median(shares),
        "memory_worst": max(shares, default=None),
        "memory_above": sum(share > 1 for share in shares),
        "asked_minutes": _median(row["runtime"] for row in time),
        "used_minutes": _median(minutes),
        "minutes_median": _median(of_time),
        "minutes_worst": max(of_time, default=None),
        "minutes_above": sum(share > 1 for share in of_time),
    }
    used = [row["used_mb"] for row in memory]
    found["advice"] = _advice(found, len(ended), used, minutes)
    return found


def _median(values: Iterable[float]) -> float | None:
    values = list(values)
    return float(median(values)) if values else None


def _advice(row: dict[str, Any], ended: int, used: list[float], minutes: list[float]) -> str:
    """The first that holds: what ends jobs comes before what wastes."""
    enough_mb = rounded_up(percentile(used) * HEADROOM)
    enough = math.ceil(max(SHORTEST, percentile(minutes) * TIME_HEADROOM))
    # The next jobs have learnt of these by themselves, but a profile's own number stands.
    if row["memory_above"] > MANY * ended:
        return (
            f"{row['memory_above']} of {ended} used more memory than they asked for; the next ask "
            f"for more, and a profile that sets mem_mb of {row['rule']} should say {enough_mb}"
        )
    if row["minutes_above"] > MANY * ended:
        return (
            f"{row['minutes_above']} of {ended} took longer than they asked for; the next ask for "
            f"more, and a profile that sets runtime of {row['rule']} should say {enough}"
        )
    if ended < LEAST:
        return f"too few ended well to say: {ended}, and {LEAST} are needed"
    if row["memory_median"] is not None and row["memory_median"] < LITTLE:
        return (
            f"half of them use less than {row['memory_median']:.0%} of the memory they ask for; "
            f"the next ask for less, and a profile that sets mem_mb of {row['rule']} should say "
            f"{enough_mb}"
        )
    if ended >= 20 and 60 * row["used_minutes"] < _BRIEF:
        return (
            f"half of them are over within {60 * row['used_minutes']:.0f} s, most of it their "
            "start: fewer, larger jobs wait less in a queue (minutes_per_job, or shard_size)"
        )
    if row["asked_minutes"] > enough and row["minutes_median"] < LITTLE:
        return (
            f"half of them take less than {row['minutes_median']:.0%} of their minutes; the next "
            f"ask for less, and a profile that sets runtime of {row['rule']} should say {enough}"
        )
    return "nothing to change"
