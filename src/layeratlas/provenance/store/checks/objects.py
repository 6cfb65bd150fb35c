"""The object store: every object holds what its name says, and what must be there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from layeratlas.errors import StoreError
from layeratlas.provenance.record.keeping import object_path
from layeratlas.provenance.record.places import OBJECTS
from layeratlas.provenance.store.checks.finding import DAMAGED, MISSING, OK, Finding
from layeratlas.provenance.store.checks.project import Project
from layeratlas.provenance.store.objects import stored_objects

KIND = "object"


def check_objects(project: Project) -> Iterator[Finding]:
    """Every object, and those that are missing."""
    for _, _, place in stored_objects(project.root):
        yield check_object(project, place)
    yield from _missing(project)


def check_object(project: Project, place: Path) -> Finding:
    """An object against the digest in its name."""
    path, expected = project.relative(place), place.name[:64]
    try:
        found = project.digest(place)
    except StoreError as error:
        return Finding(path, KIND, DAMAGED, str(error), expected)
    if found == expected:
        return Finding(path, KIND, OK, None, expected, found)
    problem = f"{path} does not hold what its name says: it has decayed or was edited."
    return Finding(path, KIND, DAMAGED, problem, expected, found)


def _missing(project: Project) -> Iterator[Finding]:
    """What must be in the store: versions that stand, and code that no commit holds."""
    asked: dict[Path, str] = {}
    for record in project.records:
        for digest, suffix in record.code.objects:
            asked.setdefault(object_path(project.root, digest, f"x{suffix}"), record.id)
    for path, record in project.newest.items():
        for output in record.outputs:
            if output.path == path and output.kept:
                asked.setdefault(object_path(project.root, output.digest, path), record.id)
    for place, record_id in sorted(asked.items()):
        if not place.exists():
            name = (OBJECTS / place.name).as_posix()
            problem = f"{name} is not in the store; record {record_id} refers to it."
            yield Finding(name, KIND, MISSING, problem, place.name[:64], None, record_id)
