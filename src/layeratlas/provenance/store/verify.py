"""Is every file what its record says?

The bytes of a file (sha256) are compared with those of the newest successful record that wrote
its path; what differs is looked at more closely, to say what is wrong with it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas import storage
from layeratlas.errors import StoreError
from layeratlas.provenance.record.keeping import object_path
from layeratlas.provenance.record.places import OBJECTS, RECORDS
from layeratlas.provenance.store.objects import stored_objects
from layeratlas.provenance.store.order import in_order
from layeratlas.provenance.store.published import published_files
from layeratlas.provenance.store.reading import (
    newest_records,
    project_root,
    read_record,
    record_files,
)
from layeratlas.storage import file_digest
from layeratlas.storage.manifest import SUFFIX
from layeratlas.storage.verification import manifest_problems

if TYPE_CHECKING:
    import pandas as pd

    from layeratlas.provenance.record.schema import FileState, Record

OK, CHANGED, DAMAGED, MISSING, UNRECORDED = "ok", "changed", "damaged", "missing", "unrecorded"


@dataclass(frozen=True)
class Finding:
    """One row of `verify`."""

    path: str
    kind: str
    status: str
    problem: str | None = None
    expected: str | None = None
    found: str | None = None
    record: str | None = None


def verify(
    paths: Iterable[str | os.PathLike[str]] | str | os.PathLike[str] | None = None,
    root: str | os.PathLike[str] | None = None,
) -> pd.DataFrame:
    """Every file of the project, or those of `paths` (files and folders), against its record.

    A DataFrame with a row a file: path (relative to the project), kind (file, object, record),
    status, problem (a sentence; None when all is well), expected and found digest, record. The
    status is

    - ok
    - changed: bytes are not those on record (bit rot, or edited by hand)
    - damaged: an archive that cannot be read in full, an object whose bytes do not fit its name,
      a record that cannot be read
    - missing: on record, but not on the disk
    - unrecorded: no job on record made this file

    A file from outside the project is looked up by its digest. StoreError when a path does not
    exist and no record knows it, or when there is no project.
    """
    import pandas as pd

    check = _Check(project_root(root))
    if paths is None:
        findings = list(check.everything())
    else:
        given = [paths] if isinstance(paths, str | os.PathLike) else paths
        findings = [finding for path in given for finding in check.one(Path(path))]
    names = [field.name for field in fields(Finding)]
    return pd.DataFrame([astuple(f) for f in findings], columns=names, dtype=object)


class _Check:
    def __init__(self, project: Path):
        self.project = project
        records: list[tuple[str, Record]] = []
        self.damaged_records: list[Finding] = []
        for name, _, _ in record_files(project):
            path = RECORDS / name
            try:
                records.append((name, read_record(project / path)))
            except StoreError as error:
                self.damaged_records.append(Finding(path.as_posix(), "record", DAMAGED, str(error)))
        self.records = in_order(records)
        self.newest = newest_records(self.records)
        self._digests: dict[tuple[int, int], str] = {}

    def everything(self) -> Iterator[Finding]:
        here = {self._relative(path) for path in published_files(self.project)}
        for path in sorted(here | self.newest.keys()):
            yield self.file(path)
        yield from self.objects()
        yield from self.missing_objects()
        yield from self.damaged_records

    def one(self, given: Path) -> Iterator[Finding]:
        place = given if given.exists() else self.project / given
        relative = self._relative(place)
        if place.is_dir():
            yield from (f for f in self.everything() if _is_inside(f.path, relative))
        elif relative.startswith(f"{OBJECTS.as_posix()}/") and place.exists():
            yield self.object(place)
        elif relative.startswith(f"{RECORDS.as_posix()}/") and place.exists():
            yield self.record(relative)
        else:
            # A manifest is checked with its archive.
            archive = relative.removesuffix(".json") + SUFFIX
            if relative.endswith(".json") and (
                archive in self.newest or (self.project / archive).exists()
            ):
                relative = archive
            if not place.exists() and relative not in self.newest:
                raise StoreError(
                    f"{given} is neither a file here nor on record in {self.project}: check the "
                    "name, or name the project (--root, root=)."
                )
            yield self.file(relative)

    # --- files --------------------------------------------------------------------------------
    def file(self, path: str) -> Finding:
        place = self.project / path
        record = self.newest.get(path)
        if record is None:
            return self._without_record(path, place)
        state = next(output for output in record.outputs if output.path == path)
        if not place.is_file():
            problem = f"{path} is gone; record {record.id} made it."
            return Finding(path, "file", MISSING, problem, state.digest, None, record.id)
        try:
            found = self._digest(place)
        except StoreError as error:
            return Finding(path, "file", DAMAGED, str(error), state.digest, None, record.id)
        if found == state.digest:
            verdict = self._beside(place, state)
        else:
            verdict = self._difference(path, place, state, record, found)
        return Finding(path, "file", *verdict, state.digest, found, record.id)

    def _beside(self, place: Path, state: FileState) -> tuple[str, str | None]:
        """The bytes are right; an archive's manifest must be, too."""
        if not place.name.endswith(SUFFIX):
            return OK, None
        problems = manifest_problems(place)
        if not problems and storage.read_manifest(place).digest != state.digest:
            problems = [f"{place}: the manifest is that of another version."]
        return (CHANGED, " ".join(problems)) if problems else (OK, None)

    def _difference(
        self, path: str, place: Path, state: FileState, record: Record, found: str
    ) -> tuple[str, str | None]:
        if older := [r for r in self.records if r.status == "ok" and _made(r, path, found)]:
            text = (
                f"{path} is an older version, of record {older[-1].id}; {record.id} made it anew."
            )
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

    def _without_record(self, path: str, place: Path) -> Finding:
        try:
            found = self._digest(place)
        except StoreError as error:
            return Finding(path, "file", DAMAGED, str(error))
        makers = [r for r in self.records if r.status == "ok" and _made(r, None, found)]
        if makers:
            # Moved or copied: the bytes say what it is.
            return Finding(path, "file", OK, None, found, found, makers[-1].id)
        if path.endswith(SUFFIX) and (problems := storage.verify(place)):
            return Finding(path, "file", DAMAGED, " ".join(problems), None, found)
        return Finding(path, "file", UNRECORDED, f"no record made {path}.", None, found)

    # --- objects and records ------------------------------------------------------------------
    def objects(self) -> Iterator[Finding]:
        for _, _, place in stored_objects(self.project):
            yield self.object(place)

    def object(self, place: Path) -> Finding:
        path, expected = self._relative(place), place.name[:64]
        try:
            found = self._digest(place)
        except StoreError as error:
            return Finding(path, "object", DAMAGED, str(error), expected)
        if found == expected:
            return Finding(path, "object", OK, None, expected, found)
        problem = f"{path} does not hold what its name says: it has decayed or was edited."
        return Finding(path, "object", DAMAGED, problem, expected, found)

    def missing_objects(self) -> Iterator[Finding]:
        """What must be in the store: versions that stand, and code that no commit holds."""
        asked: dict[Path, str] = {}
        for record in self.records:
            if record.code.diff:
                asked.setdefault(self.project / OBJECTS / f"{record.code.diff}.diff", record.id)
            if record.code.kept:
                asked.setdefault(self.project / OBJECTS / f"{record.code.kept}.tar", record.id)
        for path, record in self.newest.items():
            for output in record.outputs:
                if output.path == path and output.kept:
                    asked.setdefault(object_path(self.project, output.digest, path), record.id)
        for place, record_id in sorted(asked.items()):
            if not place.exists():
                name = (OBJECTS / place.name).as_posix()
                problem = f"{name} is not in the store; record {record_id} refers to it."
                yield Finding(name, "object", MISSING, problem, place.name[:64], None, record_id)

    def record(self, path: str) -> Finding:
        for finding in self.damaged_records:
            if finding.path == path:
                return finding
        return Finding(path, "record", OK)

    # --- helpers ------------------------------------------------------------------------------
    def _digest(self, place: Path) -> str:
        """A published file and its object share their bytes: read them once."""
        try:
            state = place.stat()
        except OSError as error:
            raise StoreError(f"could not read {place}: {error.strerror or error}.") from error
        key = (state.st_dev, state.st_ino)
        if key not in self._digests:
            self._digests[key] = file_digest(place)
        return self._digests[key]

    def _relative(self, place: Path) -> str:
        try:
            return place.resolve().relative_to(self.project.resolve()).as_posix()
        except ValueError:
            return str(place.resolve())


def _made(record: Record, path: str | None, digest: str) -> bool:
    return any(o.digest == digest and path in (None, o.path) for o in record.outputs)


def _is_inside(path: str, folder: str) -> bool:
    return folder == "." or path.startswith(folder.rstrip("/") + "/")
