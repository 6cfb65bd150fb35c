"""What a crate tells of: the jobs behind a figure or cube, and where their files lie today."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from pathlib import Path

from layeratlas.errors import StoreError
from layeratlas.provenance.ask.expectations import Present
from layeratlas.provenance.ask.graph import Node, ancestors
from layeratlas.provenance.ask.naming import find_files
from layeratlas.provenance.record.places import FIGURE_SUFFIXES, OBJECTS, RECORDS
from layeratlas.provenance.record.schema import FileState, Record
from layeratlas.provenance.store.index import open_index, select_in
from layeratlas.provenance.store.inside import given_file, inside
from layeratlas.provenance.store.reading import project_root, read_record
from layeratlas.storage.hashing import file_digest
from layeratlas.words import named
from layeratlas.workflow.acceptances import told_of_records


@dataclass(frozen=True)
class History:
    """The jobs behind `target`, in their order (`provenance.store.order`).

    `maker` is the job that made it, `gaps` are the results among all inputs that no record makes,
    `accepted` is what was accepted of a job since, by the id of its record.
    """

    root: Path
    target: FileState
    maker: Record
    jobs: tuple[Record, ...]
    gaps: tuple[str, ...]
    accepted: Mapping[str, tuple[str, ...]]

    @cached_property
    def present(self) -> Present:
        """The project as it is today; read once, whoever asks."""
        return Present(self.root)

    @property
    def is_figure(self) -> bool:
        """Whether the target is drawn or written of cubes; else it is an archive."""
        return self.target.path.endswith(_SHOWN)

    @property
    def sources(self) -> list[FileState]:
        """Inputs that no job made, each once."""
        made = {file.identity for job in self.jobs for file in job.outputs}
        return _once(f for job in self.jobs for f in job.inputs if f.identity not in made)

    @property
    def enclosed(self) -> list[FileState]:
        """Files whose bytes belong into a crate: results, and for a figure its cubes.

        Shards and prepared data sets are described by their hashes only.
        """
        last = [job for job in self.jobs if job is self.maker or job.activity.rule in _BESIDE]
        found = [file for job in last for file in job.outputs]
        if self.is_figure:
            found += [file for job in last for file in job.inputs]
        return _once(found)

    def find(self, file: FileState, *others: Path) -> Path | None:
        """Where the very bytes of `file` lie now: in place, or in the object store."""
        objects = self.root / OBJECTS
        stored = sorted(objects.glob(f"{file.digest}*")) if objects.is_dir() else []
        for path in (inside(self.root, file.path), *others, *stored):
            if path is not None and path.is_file() and file_digest(path) == file.digest:
                return path
        return None


# Jobs that judge what a figure shows, or show it in another way: told beside it, though it is not
# made from them.
_BESIDE = ("check_claims", "animate_figure", "write_table")
_SHOWN = (*FIGURE_SUFFIXES, ".gif", ".tex", ".md")


def trace(target: str | os.PathLike[str], root: str | os.PathLike[str] | None = None) -> History:
    """The history of a figure or cube: a path (moved files too), a digest or a content hash.

    StoreError when it is in no record, or is neither a figure nor an archive.
    """
    folder = project_root(root, near=given_file(target))
    with open_index(folder) as db:
        found = find_files(db, target, folder)
        nodes = ancestors(db, found)
        if found[0].record is None:
            raise StoreError(
                f"{named(target)}: no record says which job made it, so there is nothing to "
                "export; a run of the pipeline keeps records."
            )
        jobs = _records(db, folder, {n.record for n in nodes if n.record is not None})
        copies = {number for number, job in jobs.items() if _is_copy(job)}
        maker = _maker(jobs, copies, found[0])
        gaps = [n.path for n in nodes if n.record is None and n.content_hash is not None]
        used = {file.identity for file in maker.inputs}
        jobs |= _beside(db, folder, maker, used)
        order = [number for (number,) in db.execute("SELECT record FROM record ORDER BY rank")]
    state = next(f for f in maker.outputs if f.identity == found[0].identity)
    if not state.path.endswith((*_SHOWN, ".zarr.zip")):
        raise StoreError(f"{named(target)} is no figure or cube: a crate is made of one of these.")
    told = {jobs[n].id: jobs[n] for n in order if n in jobs and n not in copies}
    presets = [job.activity.preset for job in told.values() if job.activity.preset]
    # The host's name is not everybody's business.
    accepted = told_of_records(folder, presets, host=False)
    return History(folder, state, maker, tuple(told.values()), tuple(sorted(gaps)), accepted)


def _records(db: sqlite3.Connection, root: Path, numbers: Iterable[int]) -> dict[int, Record]:
    """The records of these numbers, in order."""
    query = "SELECT record, name, rank FROM record WHERE record IN ({})"
    rows = sorted(select_in(db, query, numbers), key=itemgetter("rank"))
    return {row["record"]: read_record(root / RECORDS / row["name"]) for row in rows}


def _is_copy(job: Record) -> bool:
    """Whether a job only put files elsewhere: no step of how the result came about."""
    inputs = {file.identity for file in job.inputs}
    return bool(job.outputs) and all(file.identity in inputs for file in job.outputs)


def _maker(jobs: dict[int, Record], copies: set[int], target: Node) -> Record:
    makers = [
        job
        for number, job in jobs.items()
        if number not in copies and any(f.identity == target.identity for f in job.outputs)
    ]
    if not makers:
        raise StoreError(
            f"{named(target.path)}: the records tell of its copying only, not of the job that "
            "made it."
        )
    return makers[-1]


def _beside(db: sqlite3.Connection, root: Path, maker: Record, used: set[str]) -> dict[int, Record]:
    """Of each rule that judges or shows the figure its latest job on the same cubes."""
    figure = maker.activity.figure or maker.activity.wildcards.get("figure")
    if figure is None:
        return {}
    query = (
        "SELECT record FROM record WHERE rule = ?1 AND status = 'ok' AND "
        "(figure = ?2 OR json_extract(wildcards, '$.figure') = ?2) ORDER BY rank DESC"
    )
    beside: dict[int, Record] = {}
    for rule in _BESIDE:
        for (number,) in db.execute(query, (rule, figure)).fetchall():
            found = _records(db, root, [number])
            # Animations and tables take the cubes without what they are compared with.
            read = {f.identity for f in found[number].inputs}
            if read == used or (rule != "check_claims" and read and read < used):
                beside |= found
                break
    return beside


def _once(files: Iterable[FileState]) -> list[FileState]:
    return list({file.identity: file for file in files}.values())
