"""Signed statements: a list of records with their sha256, and signatures beside it.

    provenance/seals/<16 digits of its seal>.json       {"records": {"2031-05/….json": "<sha256>"}}
    provenance/seals/<…>.json.sig, <…>.json.2.sig, …    one for each who signed

The list is deterministic: the same records give the same file, and a second person signs the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from layeratlas.bounded.documents import read_json
from layeratlas.bounded.files import MIB
from layeratlas.bounded.seals import SEAL, check_seal, sealed
from layeratlas.errors import UnreadableError
from layeratlas.provenance.record.places import RECORDS
from layeratlas.provenance.store.signing import sign
from layeratlas.storage import file_digest
from layeratlas.storage.atomic import write_bytes_atomic
from layeratlas.storage.canonical import readable_json
from layeratlas.words import quoted

SEALS = Path("provenance") / "seals"
FORMAT_VERSION = 1
_RECORD = re.compile(r"[0-9]{4}-[0-9]{2}/[0-9A-Za-z.-]{1,120}\.json")


def write_statement(project: Path, names: Iterable[str], key: Path) -> Path:
    """Sign the records `names` (`<yyyy-mm>/<id>.json`) with `key`; returns the signature's path.

    StoreError where a record cannot be read, the key does not sign, or nothing can be written.
    """
    records = {name: file_digest(project / RECORDS / name) for name in sorted(names)}
    statement = sealed({"format_version": FORMAT_VERSION, "records": records})
    path = project / SEALS / f"{statement[SEAL][:16]}.json"
    content = readable_json(statement)
    signature = sign(content, key)
    write_bytes_atomic(path, content)
    for number in range(1, 1000):
        place = path.with_name(f"{path.name}.sig" if number == 1 else f"{path.name}.{number}.sig")
        if not place.exists() or place.read_bytes() == signature:
            break
    write_bytes_atomic(place, signature)
    return place


def statements(project: Path) -> list[Path]:
    """Every statement of a project."""
    return sorted(path for path in (project / SEALS).glob("[!.]*.json"))


def signatures_of(statement: Path) -> list[Path]:
    """The signatures beside a statement."""
    beside = re.compile(rf"{re.escape(statement.name)}(\.[0-9]+)?\.sig")
    return sorted(path for path in statement.parent.iterdir() if beside.fullmatch(path.name))


def read_statement(path: Path) -> dict[str, str]:
    """{`<yyyy-mm>/<id>.json`: sha256}. UnreadableError for what is no sealed list of records."""
    document = read_json(path, 256 * MIB)
    if not check_seal(document, path):
        raise UnreadableError(path, "has no seal")
    if document.get("format_version") != FORMAT_VERSION:
        version = quoted(document.get("format_version"), 30)
        raise UnreadableError(path, f"has format version {version}; known is {FORMAT_VERSION}")
    records = document.get("records")
    if not isinstance(records, dict):
        raise UnreadableError(path, "lists no records")
    for name, digest in records.items():
        fits = isinstance(digest, str) and re.fullmatch("[0-9a-f]{64}", digest)
        if not fits or not _RECORD.fullmatch(name):
            raise UnreadableError(
                path, f"lists {quoted(name, 80)} with {quoted(digest, 70)}; not a record's sha256"
            )
    return records
