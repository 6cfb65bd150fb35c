"""Consolidated metadata: the root's zarr.json holds those of all nodes, as zarr reads it.

Whoever opens a file by its end then needs no other: one request instead of one a variable.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from layeratlas.storage.canonical import canonical_json
from layeratlas.storage.names import METADATA

KEY = "consolidated_metadata"


def consolidated(root: Mapping[str, Any], members: Mapping[str, bytes]) -> dict[str, Any]:
    """The document of the root with those of all other nodes, from their members
    ("layers/zarr.json")."""
    nodes = {
        name.removesuffix(f"/{METADATA}"): json.loads(content) for name, content in members.items()
    }
    return {**root, KEY: {"kind": "inline", "metadata": nodes, "must_understand": False}}


def inner_documents(content: bytes) -> dict[str, bytes] | None:
    """Members ("layers/zarr.json") by what the root's `content` says of them, in the writer's
    spelling; None where it says nothing, or no document is there. The metadata still have to be
    read and compared.
    """
    try:
        nodes = json.loads(content)[KEY]["metadata"]
        return {f"{node}/{METADATA}": canonical_json(nodes[node]) for node in nodes}
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
