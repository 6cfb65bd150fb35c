"""Records: whole, sealed, in the place that their name says, and as they were signed."""

from __future__ import annotations

from collections.abc import Iterator

from layeratlas.provenance.store.checks.finding import (
    CHANGED,
    DAMAGED,
    MISSING,
    OK,
    UNSEALED,
    Finding,
)
from layeratlas.provenance.store.checks.project import Project
from layeratlas.provenance.store.checks.signatures import Signatures

KIND = "record"


def check_records(project: Project, signatures: Signatures) -> Iterator[Finding]:
    """Every record file, and those that were signed and are gone."""
    known = project.unreadable.keys() | project.seals.keys()
    for path in sorted(known | signatures.altered.keys()):
        yield check_record(project, path, signatures)


def check_record(project: Project, path: str, signatures: Signatures) -> Finding:
    """A record by its path in the project."""
    if path in project.unreadable:
        return Finding(path, KIND, DAMAGED, project.unreadable[path])
    if problem := signatures.altered.get(path):
        return Finding(path, KIND, CHANGED if path in project.seals else MISSING, problem)
    signer = signatures.by.get(path)
    if project.seals.get(path) or signer:
        return Finding(path, KIND, OK, signer=signer)
    problem = f"{path} has no seal: it is older than seals are, or its seal was taken away."
    return Finding(path, KIND, UNSEALED, problem)
