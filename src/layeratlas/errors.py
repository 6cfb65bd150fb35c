"""Errors that a user can act on: one sentence that says what, where and what would be right."""

from __future__ import annotations

import os

from layeratlas.words import printable, shortened

LONGEST = 380
"""Characters of a message, at most; with a command's name before it, less than 400."""


class LayerAtlasError(Exception):
    """Base of every error the package raises on purpose.

    Whatever a message quotes, it is fit for a terminal: one line, without control characters,
    of at most `LONGEST` characters (the middle is left out).
    """

    def __init__(self, message: object = ""):
        super().__init__(shortened(printable(str(message)), LONGEST))


class ConfigError(LayerAtlasError):
    """A setting was refused. The message names file, key, value and what would be right."""


class DatasetError(LayerAtlasError):
    """A data set is unknown, incomplete, or not what its checksum says."""


class StoreError(LayerAtlasError):
    """A stored file is missing, damaged, or could not be published."""


class StoppedError(LayerAtlasError):
    """Work was asked to stop, and has put down where it stands: it goes on from there."""


class UnreadableError(StoreError):
    """A file could not be read, or holds what is not believed: `path`, and in words `reason`."""

    def __init__(self, path: str | os.PathLike[str], reason: str):
        super().__init__(f"{shortened(os.fspath(path), 200)}: {reason}")
        self.path, self.reason = path, reason

    def __reduce__(self) -> tuple[type[UnreadableError], tuple[object, str]]:
        return UnreadableError, (self.path, self.reason)
