"""Seals: a document that carries the digest of itself, so that decay and edits show.

A seal says that nothing changed since the document was written. It does not say who wrote it:
whoever edits a document can seal it anew. That is what signatures are for.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from layeratlas.errors import UnreadableError

SEAL = "seal"


def seal_of(document: Mapping[str, Any]) -> str:
    """sha256, in hexadecimal, of the canonical JSON of all but the seal itself.

    Canonical: sorted keys, no spaces, UTF-8, shortest floats. TypeError and ValueError for what
    JSON does not hold.
    """
    rest = {key: value for key, value in document.items() if key != SEAL}
    text = json.dumps(
        rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the document, plain JSON, with its seal."""
    return {**document, SEAL: seal_of(document)}


def check_seal(document: Mapping[str, Any], path: str | os.PathLike[str]) -> bool:
    """Whether the document, read from `path`, has a seal. UnreadableError where it does not fit."""
    if SEAL not in document:
        return False
    if document[SEAL] != seal_of(document):
        raise UnreadableError(
            path, "is not what was written: it does not fit its seal, so it was edited or decayed"
        )
    return True
