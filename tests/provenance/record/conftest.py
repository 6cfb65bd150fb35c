"""A project that jobs record themselves in; a clone with a package of ours."""

from made.clones import clone
from made.recording import project, quick_capture, small_disk, tools
from made.store import recorded

__all__ = ["clone", "project", "quick_capture", "recorded", "small_disk", "tools"]
