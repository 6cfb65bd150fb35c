"""Results against the records that made them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas import storage
from layeratlas.errors import StoreError
from layeratlas.provenance.store.checks.finding import (
    CHANGED,
    DAMAGED,
    FREED,
    MISSING,
    OK,
    OUTSIDE,
    UNRECORDED,
    Finding,
)
from layeratlas.provenance.store.checks.project import Project
from layeratlas.provenance.store.inside import inside
from layeratlas.provenance.store.published import published_files
from layeratlas.storage.manifest import SUFFIX
from layeratlas.storage.verification import manifest_problems

if TYPE_CHECKING:
    from layeratlas.provenance.record.schema import FileState, Record

KIND = "file"


def check_files(project: Project) -> Iterator[Finding]:
    """Every result that stands here, and every one that a record says should."""
    here = {project.relative(path) for path in published_files(project.root)}
    # The manifest of an archive that is gone: the archive's row says all.
    here -= {f"{path.removesuffix(SUFFIX)}.json" for path in project.newest}
    for path in sorted(here | project.newest.keys()):
        yield check_file(project, path)


def check_file(project: Project, path: str, place: Path | None = None) -> Finding:
    """A file by its path on record; `place` where the user says that it lies."""
    record = project.newest.get(path)
    place = place or inside(project.root, path)
    if place is None:
        problem = f"{path} is on record, but not inside the project: it was not opened."
        return Finding(path, KIND, OUTSIDE, problem, record=record.id if record else None)
    if record is None:
        return _without_record(project, path, place)
    state = next(output for output in record.outputs if output.path == path)
    if not place.is_file() and project.freed.get(path) == state.digest:
        return Finding(
            path, KIND, *_freed(path, place, state, record), state.digest, None, record.id
        )
    if not place.is_file():
        problem = f"{path} is gone; record {record.id} made it."
        return Finding(path, KIND, MISSING, problem, state.digest, None, record.id)
    try:
        found = project.digest(place)
    except StoreError as error:
        return Finding(path, KIND, DAMAGED, str(error), state.digest, None, record.id)
    if found == state.digest:
        verdict = _beside(place, state)
    else:
        verdict = _difference(project, path, place, state, record, found)
    return Finding(path, KIND, *verdict, state.digest, found, record.id)


def _freed(path: str, place: Path, state: FileState, record: Record) -> tuple[str, str | None]:
    """Of an archive that was given up its manifest stays: by it the workflow knows what it was."""
    try:
        manifest = storage.read_manifest(place)
    except StoreError as error:
        return DAMAGED, str(error)
    if (manifest.digest, manifest.content_hash) != (state.digest, state.content_hash):
        return CHANGED, f"{path} was given up, and the manifest beside it is another version's."
    return FREED, f"{path} was given up (store gc --weights); record {record.id} made it."


def _beside(place: Path, state: FileState) -> tuple[str, str | None]:
    """The bytes are right; an archive's manifest must be, too."""
    if not place.name.endswith(SUFFIX):
        return OK, None
    problems = manifest_problems(place)
    if not problems and storage.read_manifest(place).digest != state.digest:
        problems = [f"{place}: the manifest is that of another version."]
    return (CHANGED, " ".join(problems)) if problems else (OK, None)


def _difference(
    project: Project, path: str, place: Path, state: FileState, record: Record, found: str
) -> tuple[str, str | None]:
    if older := [r for r in project.records if r.status == "ok" and _made(r, path, found)]:
        text = f"{path} is an older version, of record {older[-1].id}; {record.id} made it anew."
        return CHANGED, text
    text = (
        f"{path} is not what record {record.id} made: {place.stat().st_size} bytes with digest "
        f"{found[:12]}… instead of {state.size} with {state.digest[:12]}…."
    )
    if not place.name.endswith(SUFFIX):
        return CHANGED, f"{text} It was edited or has decayed."
    problems = storage.verify(place)
    if any("cannot be read in full" in problem for problem in problems):
        return DAMAGED, " ".join([text, *problems])
    if problems:
        return CHANGED, " ".join([text, *problems])
    return CHANGED, f"{text} It is whole and fits its manifest: made by a job without a record."


def _without_record(project: Project, path: str, place: Path) -> Finding:
    try:
        found = project.digest(place)
    except StoreError as error:
        return Finding(path, KIND, DAMAGED, str(error))
    makers = [r for r in project.records if r.status == "ok" and _made(r, None, found)]
    if makers:
        # Moved or copied: the bytes say what it is.
        return Finding(path, KIND, OK, None, found, found, makers[-1].id)
    if path.endswith(SUFFIX) and (problems := storage.verify(place)):
        return Finding(path, KIND, DAMAGED, " ".join(problems), None, found)
    return Finding(path, KIND, UNRECORDED, f"no record made {path}.", None, found)


def _made(record: Record, path: str | None, digest: str) -> bool:
    return any(o.digest == digest and path in (None, o.path) for o in record.outputs)
