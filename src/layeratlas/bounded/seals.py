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
from layeratlas.words import quoted

SEAL = "seal"


def seal_of(document: Mapping[str, Any]) -> str:
    """sha256, in hexadecimal, of the canonical JSON of all but the seal itself.

    Canonical: sorted keys, no spaces, UTF-8, shortest floats. TypeError and ValueError for what
    JSON does not hold.
    """
    rest = {key: value for key, value in document.items() if key != SEAL}
    return hashlib.sha256(canonical_text(rest).encode()).hexdigest()


def canonical_text(value: Any) -> str:
    """JSON with sorted keys, no spaces, shortest floats; errors as of `seal_of`."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the document, plain JSON, with its seal."""
    return {**document, SEAL: seal_of(document)}


def check_seal(document: Mapping[str, Any], path: str | os.PathLike[str]) -> bool:
    """Whether the document, read from `path`, has a seal.

    UnreadableError where it does not fit, and for what is no JSON object.
    """
    if not isinstance(document, Mapping):
        raise UnreadableError(path, "holds no JSON object")
    if SEAL not in document:
        if key := _misnamed(document):
            raise UnreadableError(
                path, f"has its seal under the name {quoted(key, 20)}: it decayed"
            )
        return False
    if document[SEAL] != seal_of(document):
        raise UnreadableError(
            path, "is not what was written: it does not fit its seal, so it was edited or decayed"
        )
    return True


def _misnamed(document: Mapping[str, Any]) -> str | None:
    """The key that holds a fitting seal; a flipped bit in a name must not unseal a document."""
    for key, value in document.items():
        if isinstance(value, str) and len(value) == 64:
            rest = {name: item for name, item in document.items() if name != key}
            if value == seal_of(rest):
                return key
    return None
