"""Addresses of files on the web, told from paths."""

from __future__ import annotations

import os
import re
from typing import TypeGuard
from urllib.parse import urlsplit

# A drive of Windows is one letter.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


def scheme_of(what: object) -> str:
    """ "https" of an address `https://…`, in lower case; "" of a path or anything else."""
    found = _SCHEME.match(what) if isinstance(what, str) else None
    return found[1].lower() if found else ""


def is_address(what: object) -> TypeGuard[str]:
    """Whether `what` is the address of something on a web server."""
    return scheme_of(what) in ("http", "https")


def name_of(what: str | os.PathLike[str]) -> str:
    """The name of the file: the last part of a path, or of an address without what follows `?`."""
    text = os.fspath(what)
    return (urlsplit(text).path if is_address(text) else text).rpartition("/")[2]


def shown(address: str) -> str:
    """An address for messages and records, without what may be a secret: user, password, `?…`."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
