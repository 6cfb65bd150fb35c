"""The recorder of a job: what stood around it at its start, what it read, what it made.

    recorder = Recorder(snakemake)      # before any work: captures, and checks that it can write
    ...                                 # the work; outputs published
    recorder.finish()                   # or finish(error="…"): the record is on the disk

The record is written after the outputs stand and before the script returns, so no job that
Snakemake takes for finished lacks one; a job killed in between runs again.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from layeratlas.provenance.record.capture import (
    capture_code,
    capture_environment,
    capture_machine,
    completed,
)
from layeratlas.provenance.record.configuration import configuration, seeds_of
from layeratlas.provenance.record.files import mark_in, standing, states_of
from layeratlas.provenance.record.keeping import keep, object_path
from layeratlas.provenance.record.places import FIGURE_SUFFIXES, OBJECTS, RECORDS
from layeratlas.provenance.record.requested import memory_around, requested
from layeratlas.provenance.record.schema import Activity, FileState, Record
from layeratlas.provenance.record.stamps import dated
from layeratlas.provenance.record.writing import check_writable, last_record, write_record


class Recorder:
    """Leaves one record of the job described by `snakemake`; `root` is its working directory.

    `children`: whether the work is done by processes that this one starts.

    StoreError when records or objects cannot be written: better now than after hours of work.
    """

    children = False

    def __init__(self, snakemake: Any, root: str | os.PathLike[str] = "."):
        self._started = datetime.now(UTC)
        self._clock, self._cpu = time.perf_counter(), _cpu_seconds()
        self._job, self._root = snakemake, Path(root)
        for folder in (RECORDS, OBJECTS):
            check_writable(self._root / folder)
        params = dict(snakemake.params.items())
        fingerprint = params.get("code")
        self._configuration = configuration(params)
        scripts = getattr(snakemake, "scriptdir", None)
        base = Path(scripts).parent if scripts else None
        self._code = capture_code(
            self._root, None if fingerprint is None else str(fingerprint), _script(snakemake), base
        )
        self._environment = capture_environment(base)
        self._machine = capture_machine(snakemake.config.get("device"))
        # What this job comes after, whatever the clocks say (`provenance.store.order`).
        self._after = last_record(self._root)
        self._replaced = standing(snakemake.output, self._root)
        # What the job reads is hashed before it reads: a later version is not what it saw.
        self._inputs = tuple(states_of(snakemake.input, self._root, trust_manifests=True))

    @property
    def unread(self) -> list[str]:
        """What could not be read of code, environment and machine: a sentence each."""
        parts = (self._code, self._environment, self._machine)
        return [
            f"{name} could not be read: {why}."
            for part in parts
            for name, why in sorted(part.unread.items())
        ]

    def finish(self, error: str | None = None) -> Record:
        """Write the record: ok, or failed with `error`. StoreError when that is impossible."""
        record = Record(
            id=dated(self._started),
            activity=_activity(self._job, self._configuration.value),
            status="ok" if error is None else "failed",
            error=error,
            started=self._started.isoformat(),
            # A clock may be set back while a job runs.
            ended=max(datetime.now(UTC), self._started).isoformat(),
            wall_seconds=time.perf_counter() - self._clock,
            cpu_seconds=_cpu_seconds() - self._cpu,
            peak_memory_bytes=_peak_memory(self.children),
            frame_memory_bytes=memory_around(),
            requested=requested(self._job),
            code=completed(self._code, self._root),
            environment=self._environment,
            machine=self._machine,
            configuration=self._configuration,
            seeds=seeds_of(self._configuration.value),
            after=self._after,
            replaced=self._replaced,
            inputs=self._inputs,
            outputs=tuple(self._outputs(keep_versions=error is None)),
        )
        write_record(record, self._root)
        return record

    def _outputs(self, keep_versions: bool) -> Iterator[FileState]:
        for state in states_of(self._job.output, self._root, trust_manifests=False):
            if keep_versions and Path(state.path).suffix in FIGURE_SUFFIXES:
                keep(self._root / state.path, self._root)
            kept = object_path(self._root, state.digest, state.path).exists()
            mark = mark_in(self._root / state.path)
            yield state.model_copy(update={"kept": kept, "mark": mark})


def _activity(snakemake: Any, settings: dict[str, Any]) -> Activity:
    wildcards = {name: str(value) for name, value in snakemake.wildcards.items()}
    experiment, figure = wildcards.get("experiment"), wildcards.get("figure")
    if figure is None and experiment is not None and "metric" in wildcards:
        figure = f"maps/{experiment}/{wildcards['metric']}"
    return Activity(
        rule=snakemake.rule,
        wildcards=wildcards,
        preset=settings.get("preset") or snakemake.config.get("preset"),
        experiment=experiment,
        figure=figure,
    )


def _script(snakemake: Any) -> Path | None:
    """The script that runs: Snakemake copies it, but says in `__file__` where it comes from."""
    folder = getattr(snakemake, "scriptdir", None)
    name = getattr(sys.modules.get("__main__"), "__file__", None)
    if folder is None or name is None or Path(name).parent != Path(folder).resolve():
        return None
    return Path(name)


def _cpu_seconds() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _peak_memory(children: bool) -> int | None:
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    who = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    peak = resource.getrusage(who).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
