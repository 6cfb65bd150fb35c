"""A project that jobs record themselves in; a store with a history."""

from made.recording import project, quick_capture, small_disk, tools
from made.runs_of_jobs import run
from made.store import made_once, recorded
from made.store import project as made

__all__ = [
    "made",
    "made_once",
    "project",
    "quick_capture",
    "recorded",
    "run",
    "small_disk",
    "tools",
]
