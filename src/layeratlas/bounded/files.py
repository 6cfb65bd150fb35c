"""Bytes of a file, never more than asked for and never waited for."""

from __future__ import annotations

import hashlib
import os
import stat

from layeratlas.errors import UnreadableError

KIB, MIB = 1 << 10, 1 << 20
_LONGEST_PATH = 4096
# A pipe without a writer would hold up whoever opens it; Windows has neither.
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def read_bytes(path: str | os.PathLike[str], most: int) -> bytes:
    """All bytes of a regular file of at most `most` bytes.

    UnreadableError where it is missing, larger, a folder, pipe or device, or cannot be read.
    FileNotFoundError is its cause where there is no such file.
    """
    descriptor = open_regular(path)
    with open(descriptor, "rb") as file:  # noqa: PTH123  (a descriptor)
        size = os.fstat(descriptor).st_size
        if size > most:
            raise UnreadableError(path, f"has {size} bytes; at most {most} are read")
        try:
            content = file.read(min(size, most) + 1)
        except OSError as error:
            raise UnreadableError(path, f"cannot be read: {error.strerror or error}") from error
    if len(content) > size:
        raise UnreadableError(path, "grew while it was read; read it again")
    return content


def open_regular(path: str | os.PathLike[str]) -> int:
    """A descriptor for reading, which the caller closes; errors as of `read_bytes`."""
    name = os.fspath(path)
    if len(name) > _LONGEST_PATH:
        raise UnreadableError(path, f"is a path of {len(name)} characters")
    try:
        descriptor = os.open(name, os.O_RDONLY | _AT_ONCE)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnreadableError(path, f"cannot be read: {reason}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableError(path, "is no regular file")
    return descriptor


def file_digest(path: str | os.PathLike[str]) -> str:
    """sha256 of the bytes of a regular file, in hexadecimal. UnreadableError when it cannot be
    read."""
    with open(open_regular(path), "rb") as file:
        try:
            return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise UnreadableError(path, f"cannot be read: {error.strerror or error}") from error


def read_text(path: str | os.PathLike[str], most: int) -> str:
    """The same as text in UTF-8; a byte order mark at its beginning is passed over."""
    try:
        return read_bytes(path, most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(path, f"is no text in UTF-8 ({error.reason})") from error
