"""Weights of finished trainings: most of what results take on the disk, and what they cost to make.

The archive of a shard holds the weights of its networks at every kept moment. Once they are
measured, cubes, figures and lineage rest on the measurements, and the archive serves only who asks
for another metric. It may go: its manifest, plan, receipt and record stay, so nothing runs again by
itself, and what its bytes were is known; a note in `store/freed/` says that it went on purpose. Who
needs it again trains it again, to the same bits.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from layeratlas.errors import StoreError
from layeratlas.provenance.store.checks.project import Project
from layeratlas.provenance.store.freed import note_freed
from layeratlas.provenance.store.leftovers import is_locked
from layeratlas.provenance.store.reading import project_root
from layeratlas.storage import read_manifest
from layeratlas.storage.atomic import store_errors
from layeratlas.storage.manifest import SUFFIX
from layeratlas.words import named

if TYPE_CHECKING:
    import pandas as pd

    from layeratlas.provenance.record.schema import Record

COLUMNS = (
    "path", "preset", "experiment", "key", "networks", "size", "cpu_seconds", "wall_seconds",
    "gpu", "digest", "record", "removed",
)  # fmt: skip
_SHARD = re.compile(r"results/([^/]+)/shards/([^/]+)/([0-9a-f]{16})\.zarr\.zip")


class _Shard(NamedTuple):
    """An archive that may go, and the record that made it."""

    path: str
    preset: str
    experiment: str
    key: str
    size: int
    digest: str
    record: Record


def free_weights(root: str | os.PathLike[str] | None = None, apply: bool = False) -> pd.DataFrame:
    """Archives of trained shards whose networks are measured; with `apply` they go.

    One may go when the last record of it and of its experiment's own measurement of it are of jobs
    that ended well, both files stand, and the archive is the one on record. Columns: path, preset,
    experiment, key, networks, size (bytes), what it took to make: cpu_seconds, wall_seconds, gpu
    (None where none was used); digest, record, removed. StoreError where a workflow is at work,
    which may be about to read them, or a file cannot be removed.
    """
    import pandas as pd

    project = Project(project_root(root))
    found = list(_measured(project))
    if apply and found:
        if is_locked(project.root):
            raise StoreError(
                f"{named(project.root)}: a workflow is at work here, and may need these weights; "
                "wait for its end, or, if it was killed, `snakemake --unlock` first."
            )
        # First: who dies in between has told of what is there still, which harms nobody.
        note_freed(project.root, {shard.path: shard.digest for shard in found})
        for shard in found:
            with store_errors(project.root / shard.path):
                (project.root / shard.path).unlink(missing_ok=True)
    rows = [_row(shard, apply) for shard in found]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _measured(project: Project) -> Iterator[_Shard]:
    """Shards that may go, by path."""
    read = {
        (path, file.identity)
        for path, record in project.newest.items()
        if record.activity.rule == "measure" and (project.root / path).is_file()
        for file in record.inputs
    }
    for path, record in sorted(project.newest.items()):
        match = _SHARD.fullmatch(path)
        place = project.root / path
        if match is None or not place.is_file():
            continue
        state = next(output for output in record.outputs if output.path == path)
        try:
            manifest = read_manifest(place)
        except StoreError:
            # What it was must be known when it is gone.
            continue
        here = place.stat().st_size
        is_it = (manifest.digest, here) == (state.digest, state.size)
        measured = f"results/{match[1]}/measurements/{match[2]}/{match[3]}{SUFFIX}"
        if is_it and (measured, state.identity) in read:
            yield _Shard(path, match[1], match[2], match[3], here, state.digest, record)


def _row(shard: _Shard, removed: bool) -> tuple:
    record = shard.record
    plan = record.configuration.value.get("plan")
    on_card = record.machine.gpu is not None and record.machine.device != "cpu"
    return (
        shard.path,
        shard.preset,
        shard.experiment,
        shard.key,
        _networks(plan),
        shard.size,
        record.cpu_seconds,
        record.wall_seconds,
        record.machine.gpu if on_card else None,
        shard.digest,
        record.id,
        removed,
    )


def _networks(plan: object) -> int | None:
    """How many a plan holds; None where the record does not tell."""
    ids = plan.get("run_ids") if isinstance(plan, dict) else None
    return len(ids) if isinstance(ids, list) else None
