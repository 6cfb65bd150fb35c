"""A project that jobs record themselves in."""

from made.recording import project, quick_capture, small_disk, tools

__all__ = ["project", "quick_capture", "small_disk", "tools"]
