"""How a running job tells the display of itself: lines of JSON in a file of its own.

One process writes to a terminal, the display. It makes a folder that nobody else can read and names
it in a variable; a job that finds both writes there what it would have written to the terminal. A
job that does not (on another machine, or one whose controller was killed) writes as ever.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
import time
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

VARIABLE = "LAYERATLAS_DISPLAY"
"""Names the folder to jobs."""
_LIVE = "live"
#: Progress is told so seldom, in seconds; a display looks no more often.
_SELDOM = 0.5
#: A line that is longer is of nobody here.
_LONGEST = 1 << 16


class Voice:
    """A job's side."""

    def __init__(self, folder: Path, job: str):
        self._path = folder / f"{os.getpid()}-{time.monotonic_ns()}.jsonl"
        self._told = 0.0
        self._done = 0
        self.is_live = (folder / _LIVE).exists()
        self.say(job=job)

    @classmethod
    def here(cls, job: str, environment: Mapping[str, str] = os.environ) -> Voice | None:
        """That of a job, by a name that its display knows; None where nobody listens."""
        folder = environment.get(VARIABLE)
        return cls(Path(folder), job) if folder and Path(folder).is_dir() else None

    def say(self, **told: Any) -> None:
        """`warn`, `failed`, `shown`: texts; `done`, `total`, `unit`: how far it is."""
        # Who listens may be gone: that is no matter of the job's.
        with suppress(OSError), self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")

    def begin(self, total: int, unit: str) -> None:
        """Of work of so many units; `advance` counts them."""
        # What follows is told at once: it may be what an earlier try has done.
        self._done, self._told = 0, -math.inf
        self.say(done=0, total=total, unit=unit)

    def advance(self, units: int) -> None:
        self._done += units
        now = time.monotonic()
        if now - self._told >= _SELDOM:
            self._told = now
            self.say(done=self._done)

    def end(self) -> None:
        self.say(done=self._done)


class Ears:
    """The display's side: a folder that exists until it is closed."""

    def __init__(self, live: bool, environment: MutableMapping[str, str] = os.environ):
        self.folder = Path(tempfile.mkdtemp(prefix="layeratlas-display-"))
        if live:
            (self.folder / _LIVE).touch()
        self._read: dict[Path, int] = {}
        self._names: dict[Path, str] = {}
        self._environment = environment
        environment[VARIABLE] = str(self.folder)

    def heard(self) -> list[tuple[str, dict[str, Any]]]:
        """(job, what it said) since the last call."""
        found: list[tuple[str, dict[str, Any]]] = []
        with suppress(OSError):
            for path in sorted(self.folder.glob("*.jsonl")):
                found += self._of(path)
        return found

    def _of(self, path: Path) -> list[tuple[str, dict[str, Any]]]:
        start = self._read.get(path, 0)
        with path.open("rb") as file:
            file.seek(start)
            text = file.read()
        # The last line may be half written.
        whole = text.rfind(b"\n") + 1
        self._read[path] = start + whole
        found = []
        for line in text[:whole].splitlines():
            try:
                told = json.loads(line) if len(line) <= _LONGEST else None
            except (ValueError, RecursionError):
                continue
            if not isinstance(told, dict):
                continue
            self._names[path] = str(told.pop("job", self._names.get(path, "")))
            found.append((self._names[path], told))
        return found

    def close(self) -> None:
        if self._environment.get(VARIABLE) == str(self.folder):
            del self._environment[VARIABLE]
        shutil.rmtree(self.folder, ignore_errors=True)


def job_name(rule: str, log: str | None, output: str | None) -> str:
    """By what a job and its display know each other: no two jobs of a workflow share a log."""
    return f"{rule} {log or output or ''}"
