"""A store with a history."""

from made.store import made_once, project, recorded

__all__ = ["made_once", "project", "recorded"]
