"""Is a crate what its metadata say, and who vouches for them? Without a project.

The metadata hold the sha256 of every other file, so a signature of them is one of the whole.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from layeratlas.bounded.documents import parse_json
from layeratlas.bounded.files import MIB
from layeratlas.errors import StoreError, UnreadableError
from layeratlas.provenance.crate.container import Container, digest_in, opened, read_all
from layeratlas.provenance.crate.layout import METADATA, SIGNATURE
from layeratlas.provenance.store.checks.finding import (
    CHANGED,
    DAMAGED,
    MISSING,
    OK,
    UNRECORDED,
    UNSEALED,
    Finding,
)
from layeratlas.provenance.store.inside import is_relative
from layeratlas.provenance.store.signing import LARGEST, signer_of
from layeratlas.words import quoted

if TYPE_CHECKING:
    import pandas as pd

LARGEST_METADATA = 64 * MIB


def check_crate(
    path: str | os.PathLike[str], signers: str | os.PathLike[str] | None = None
) -> pd.DataFrame:
    """Every file of a crate, a folder or zip, against the sha256 in its metadata.

    A DataFrame as of `layeratlas.verify`; `path` is the name in the crate. A file that the metadata
    do not tell of is unrecorded, one that they tell without its sha256 unsealed. With `signers`, a
    file of allowed signers, a crate that none of them signed is a finding, too. StoreError where
    `path` is no crate or its metadata cannot be read.
    """
    import pandas as pd

    path = Path(path)
    with opened(path) as container:
        findings = list(_findings(container, path, signers))
    names = [field.name for field in fields(Finding)]
    return pd.DataFrame([astuple(f) for f in findings], columns=names, dtype=object)


def _findings(
    container: Container, path: Path, signers: str | os.PathLike[str] | None
) -> Iterator[Finding]:
    content = read_all(container, METADATA, path, LARGEST_METADATA)
    told = told_files(content, path)
    here = set(container.names()) - {METADATA, SIGNATURE}
    yield _signature(container, path, content, signers)
    for name in sorted(here | told.keys()):
        yield _file(container, path, name, name in here, told)


def told_files(metadata: bytes, path: Path) -> dict[str, str | None]:
    """{name in the crate: its sha256, None where it is not told} of files that are enclosed."""
    document = parse_json(metadata, path)
    graph = document.get("@graph") if isinstance(document, dict) else None
    if not isinstance(graph, list):
        raise UnreadableError(path, f"has a {METADATA} without a graph")
    told: dict[str, str | None] = {}
    for entity in graph:
        name = entity.get("@id") if isinstance(entity, dict) else None
        if not isinstance(name, str) or not _is_file(entity.get("@type")):
            continue
        # Other files are told by an address, or by a name of this document.
        if name.startswith("#") or re.match(r"[a-z][a-z0-9+.-]*:", name, re.IGNORECASE):
            continue
        digest = entity.get("sha256")
        told[unquote(name).removeprefix("./")] = digest if isinstance(digest, str) else None
    return told


def _is_file(kind: Any) -> bool:
    return kind == "File" or (isinstance(kind, list) and "File" in kind)


def _signature(
    container: Container, path: Path, content: bytes, signers: str | os.PathLike[str] | None
) -> Finding:
    if SIGNATURE not in container.names():
        if signers is None:
            return Finding(METADATA, "metadata", OK)
        problem = f"nobody signed it: there is no {SIGNATURE}."
        return Finding(METADATA, "metadata", UNRECORDED, problem)
    if signers is None:
        return Finding(METADATA, "metadata", OK)
    try:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / SIGNATURE
            copy.write_bytes(read_all(container, SIGNATURE, path, LARGEST))
            return Finding(METADATA, "metadata", OK, signer=signer_of(content, copy, signers))
    except StoreError as error:
        return Finding(METADATA, "metadata", DAMAGED, str(error))


def _file(
    container: Container, path: Path, name: str, here: bool, told: dict[str, str | None]
) -> Finding:
    expected = told.get(name)
    if not is_relative(name):
        problem = f"{quoted(name)} is no name of a file inside the crate."
        return Finding(name, "file", DAMAGED, problem, expected)
    if not here:
        problem = f"{name} is told in the metadata, but is not in the crate."
        return Finding(name, "file", MISSING, problem, expected)
    try:
        found = digest_in(container, name, path)
    except UnreadableError as error:
        return Finding(name, "file", DAMAGED, str(error), expected)
    if name not in told:
        problem = f"{name} is in the crate, but its metadata do not tell of it."
        return Finding(name, "file", UNRECORDED, problem, None, found)
    if expected is None:
        problem = f"the metadata do not tell the sha256 of {name}: it may be anything."
        return Finding(name, "file", UNSEALED, problem, None, found)
    if found != expected:
        problem = f"{name} is not what the metadata say: it was edited or has decayed."
        return Finding(name, "file", CHANGED, problem, expected, found)
    return Finding(name, "file", OK, None, expected, found)
