"""The recorder of a job: what stood around it at its start, what it read, what it made.

    recorder = Recorder(snakemake)      # before any work: captures, and checks that it can write
    ...                                 # the work; outputs published
    recorder.finish()                   # or finish(error="…"): the record is on the disk

The record is written after the outputs stand and before the script returns, so no job that
Snakemake takes for finished lacks one; a job killed in between runs again.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from layeratlas.errors import StoreError
from layeratlas.provenance.record.capture import (
    capture_code,
    capture_environment,
    capture_machine,
)
from layeratlas.provenance.record.configuration import configuration, seeds_of
from layeratlas.provenance.record.schema import Activity, FileState, Record
from layeratlas.provenance.store.objects import FIGURES, OBJECTS, keep
from layeratlas.provenance.store.reading import RECORDS
from layeratlas.storage import content_hash, file_digest, open_datatree, read_manifest
from layeratlas.storage.atomic import store_errors, sync_folder, temporary_name, write_durably
from layeratlas.storage.manifest import SUFFIX, Manifest, manifest_path

LARGE = 1 << 30
"""Inputs above this size are taken at their manifest's word when the size agrees."""


class Recorder:
    """Leaves one record of the job described by `snakemake`; `root` is its working directory.

    StoreError when records or objects cannot be written: better now than after hours of work.
    """

    def __init__(self, snakemake: Any, root: str | os.PathLike[str] = "."):
        self._started = datetime.now(UTC)
        self._clock, self._cpu = time.perf_counter(), _cpu_seconds()
        self._job, self._root = snakemake, Path(root)
        for folder in (RECORDS, OBJECTS):
            _check_writable(self._root / folder)
        params = dict(snakemake.params.items())
        fingerprint = params.get("code")
        self._configuration = configuration(params)
        self._code = capture_code(
            self._root, None if fingerprint is None else str(fingerprint), _script(snakemake)
        )
        scripts = getattr(snakemake, "scriptdir", None)
        self._environment = capture_environment(Path(scripts).parent if scripts else None)
        self._machine = capture_machine(snakemake.config.get("device"))
        self.capture_seconds = time.perf_counter() - self._clock
        # What the job reads is hashed before it reads: a later version is not what it saw.
        self._inputs = tuple(_states(snakemake.input, self._root, trust_manifests=True))

    def finish(self, error: str | None = None) -> Record:
        """Write the record: ok, or failed with `error`. StoreError when that is impossible."""
        record = Record(
            id=f"{self._started:%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(6)}",
            activity=_activity(self._job, self._configuration.value),
            status="ok" if error is None else "failed",
            error=error,
            started=self._started.isoformat(),
            ended=datetime.now(UTC).isoformat(),
            wall_seconds=time.perf_counter() - self._clock,
            cpu_seconds=_cpu_seconds() - self._cpu,
            peak_memory_bytes=_peak_memory(),
            code=self._code.model_copy(update={"edited": _edited(self._code.source)}),
            environment=self._environment,
            machine=self._machine,
            configuration=self._configuration,
            seeds=seeds_of(self._configuration.value),
            inputs=self._inputs,
            outputs=tuple(self._outputs(keep_versions=error is None)),
        )
        write_record(record, self._root)
        return record

    def _outputs(self, keep_versions: bool) -> Iterator[FileState]:
        for state in _states(self._job.output, self._root, trust_manifests=False):
            path = Path(state.path)
            if keep_versions and path.suffix in FIGURES:
                keep(self._root / path, self._root)
            suffix = SUFFIX if path.name.endswith(SUFFIX) else path.suffix
            kept = (self._root / OBJECTS / f"{state.digest}{suffix}").exists()
            yield state.model_copy(update={"kept": kept})


def write_record(record: Record, root: str | os.PathLike[str] = ".") -> Path:
    """Write `provenance/records/<yyyy-mm>/<id>.json`, whole or not at all; returns the path.

    StoreError when it cannot be written, or when there is a record of that id: none is ever
    overwritten.
    """
    folder = Path(root) / RECORDS / f"{record.id[:4]}-{record.id[4:6]}"
    path = folder / f"{record.id}.json"
    # A part a line: can be read by eye, and a shard of a hundred runs does not fill a screen.
    parts = (
        f"{json.dumps(key)}: {json.dumps(value, sort_keys=True, ensure_ascii=False)}"
        for key, value in record.model_dump(mode="json").items()
    )
    content = ("{\n" + ",\n".join(parts) + "\n}\n").encode()
    with store_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
        temporary = temporary_name(path)
        try:
            write_durably(temporary, content)
            try:
                # Unlike a rename, a link never takes another's place.
                os.link(temporary, path)
            except FileExistsError:
                raise StoreError(f"{path} is there already; no record is overwritten.") from None
            except OSError:
                if path.exists():
                    raise
                temporary.replace(path)
            sync_folder(folder)
        finally:
            temporary.unlink(missing_ok=True)
    return path


def _check_writable(folder: Path) -> None:
    probe = folder / f".{secrets.token_hex(6)}.probe.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_durably(probe, b"can this be written?\n")
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be written ({error.strerror or error}), so what this job computes "
            "could not be put on record. Nothing was computed."
        ) from error
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)


# --- files ------------------------------------------------------------------------------------
def _states(files: Any, root: Path, trust_manifests: bool) -> Iterator[FileState]:
    """The files that exist, an archive and its manifest as one."""
    named = list(_named(files))
    paths = {path for _, path in named}
    seen = set()
    for role, path in named:
        if path in seen or not (root / path).is_file():
            continue
        seen.add(path)
        archive = path[: -len(".json")] + SUFFIX if path.endswith(".json") else None
        if archive not in paths:
            yield _state(path, role, root, trust_manifests)


def _named(files: Any) -> Iterator[tuple[str, str]]:
    """(role, path): the rule's name of a file, or, where it has none, what kind of file it is."""
    left = [str(path) for path in files]
    for name, value in files.items():
        for path in [value] if isinstance(value, str | os.PathLike) else value:
            left.remove(str(path))
            # Why the job ran (`layeratlas.workflow.receipts`), nothing that it read.
            if name != "changed":
                yield name, str(path)
    for path in left:
        yield Path(path).suffix.lstrip(".") or "file", path


def _state(path: str, role: str, root: Path, trust_manifests: bool) -> FileState:
    place = root / path
    size = place.stat().st_size
    manifest = _manifest(place)
    if trust_manifests and manifest is not None and size > LARGE and manifest.size == size:
        digest = manifest.digest
    else:
        digest = file_digest(place)
    if manifest is not None and manifest.digest == digest:
        content = manifest.content_hash
    else:
        content = _content(place)
    # As the rule names it: relative already, unless it lies outside the working directory.
    return FileState(path=path, role=role, digest=digest, size=size, content_hash=content)


def _manifest(place: Path) -> Manifest | None:
    try:
        return read_manifest(manifest_path(place))
    except StoreError:
        return None


def _content(place: Path) -> str | None:
    """Content hash of an archive whose manifest is missing or another's."""
    if not place.name.endswith(SUFFIX):
        return None
    try:
        with open_datatree(place) as tree:
            return content_hash(tree).root
    except (StoreError, ValueError, RuntimeError, KeyError):
        return None


# --- the job ----------------------------------------------------------------------------------
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


def _edited(source: str) -> bool:
    from layeratlas.provenance.record.source import source_hash

    try:
        return source_hash() != source
    except OSError:
        return True


def _cpu_seconds() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _peak_memory() -> int | None:
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
