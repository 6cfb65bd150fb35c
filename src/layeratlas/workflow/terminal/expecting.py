"""How long a job will take: as such jobs took on this machine before, else by its sizes.

A job's time is its start, which hardly depends on its sizes, and its work, which grows with them
(`workflow.sizes`):

    seconds = start(rule) + work · factor(rule)

Where jobs of the same rule, experiment and size are on record it is their median; where others of
the rule are, they give start and factor; else both are what was measured on an ordinary core.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import warnings
from collections.abc import Callable, Iterable
from statistics import median
from typing import NamedTuple

import layeratlas
from layeratlas.errors import StoreError
from layeratlas.workflow.sizes import Size

MOST = 50
"""Jobs of a rule and of an experiment or figure that count: the last ones."""
#: Seconds from a script's start until it works, kernels compiled, on an ordinary core.
START = {"prepare_dataset": 6.0, "measure": 6.0, "draw_figure": 8.0, "show_figure": 2.0,
         "animate_figure": 20.0}  # fmt: skip
OTHER_START = 4.0
#: Work in seconds of an ordinary core, in those of `workflow.estimate.CORE`.
FACTOR = 0.6
#: Shorter work tells of the start, longer work of the factor.
_LITTLE = 5.0

_QUERY = """
SELECT rule, what, seconds, sized, machine FROM (
    SELECT rule, COALESCE(experiment, figure) AS what, wall_seconds AS seconds,
        sized_seconds AS sized, machine,
        ROW_NUMBER() OVER (PARTITION BY rule, COALESCE(experiment, figure)
            ORDER BY started DESC, id DESC) AS place
    FROM record
    WHERE status = 'ok' AND version = ? AND sized_seconds > 0 AND wall_seconds > 0
) WHERE place <= ?
"""


class Past(NamedTuple):
    """A finished job: its rule, its experiment or figure, the seconds its sizes told, those it
    took, and the host it ran on."""

    rule: str
    what: str | None
    sized: int
    seconds: float
    host: str


class Expected(NamedTuple):
    """Seconds, and whether records of this machine tell them."""

    seconds: float
    on_record: bool


def past_here(root: str | os.PathLike[str] = ".") -> list[Past]:
    """The last jobs of each rule and experiment or figure on this machine, from the index as it
    stands; none where there is none."""
    from layeratlas.provenance.store.index import index_as_it_stands

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with index_as_it_stands(root) as db:
                rows = db.execute(_QUERY, (layeratlas.__version__, MOST)).fetchall()
    except (OSError, StoreError, sqlite3.Error):
        return []
    here = socket.gethostname()
    found = [
        Past(row["rule"], row["what"], row["sized"], row["seconds"], _host(row["machine"]))
        for row in rows
    ]
    return [one for one in found if one.host == here]


def _host(machine: str) -> str:
    try:
        return str(json.loads(machine)["host"])
    except (ValueError, TypeError, KeyError):
        return ""


class Expecting:
    """Times of the jobs of one workflow; `past` is asked once, when first it must be."""

    def __init__(self, past: Callable[[], Iterable[Past]] = past_here):
        self._ask = past
        self._past: dict[str, list[Past]] | None = None
        self._laws: dict[tuple[str, float], tuple[float, float, bool]] = {}

    def of(self, rule: str, what: str | None, size: Size) -> Expected:
        """Of a job of a rule, of an experiment or figure, of a size."""
        sized = size.rounded_seconds
        same = [one for one in self._of(rule) if one.what == what and one.sized == sized]
        if same:
            return Expected(median(one.seconds for one in same), True)
        start, factor, on_record = self._law(rule, size.start)
        return Expected(start + factor * max(size.seconds - size.start, 0.0), on_record)

    def _law(self, rule: str, start_told: float) -> tuple[float, float, bool]:
        """Start and factor of a rule, whose sizes count `start_told` seconds for the start."""
        key = (rule, start_told)
        if key not in self._laws:
            start, factor = START.get(rule, OTHER_START), FACTOR
            works = [(max(one.sized - start_told, 0.0), one.seconds) for one in self._of(rule)]
            brief = [seconds for work, seconds in works if work < _LITTLE]
            start = median(brief) if brief else start
            factors = [max(s - start, 0.0) / work for work, s in works if work >= _LITTLE]
            factor = median(factors) if factors else factor
            self._laws[key] = start, factor, bool(works)
        return self._laws[key]

    def _of(self, rule: str) -> list[Past]:
        if self._past is None:
            self._past = {}
            for one in self._ask():
                self._past.setdefault(one.rule, []).append(one)
        return self._past.get(rule, [])
