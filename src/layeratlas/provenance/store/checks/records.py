"""Records: whole, sealed, and in the place that their name says."""

from __future__ import annotations

from collections.abc import Iterator

from layeratlas.provenance.store.checks.finding import DAMAGED, OK, UNSEALED, Finding
from layeratlas.provenance.store.checks.project import Project

KIND = "record"


def check_records(project: Project) -> Iterator[Finding]:
    """Every record file."""
    for path in sorted(project.unreadable.keys() | project.seals.keys()):
        yield check_record(project, path)


def check_record(project: Project, path: str) -> Finding:
    """A record by its path in the project."""
    if path in project.unreadable:
        return Finding(path, KIND, DAMAGED, project.unreadable[path])
    if project.seals.get(path):
        return Finding(path, KIND, OK)
    problem = f"{path} has no seal: it is older than seals are, or its seal was taken away."
    return Finding(path, KIND, UNSEALED, problem)
