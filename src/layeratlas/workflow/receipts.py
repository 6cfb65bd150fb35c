"""Receipts: what a finished job was asked and what it read, beside its results.

Snakemake compares times of files and keeps what it knows in `.snakemake`. Times are another after a
clone, a copy, an unzip or a `touch`, and `.snakemake` stays behind. So the frame around every
script leaves a receipt, and receipts decide what runs again:

- the parameters the rule would pass now, its code's fingerprint among them, are those of then;
- what it read has the content it had then, or, where it is gone, would have it;
- what it made is what is there (of what lies outside `results/`, which people edit, nobody asks);
- and all this holds of the jobs whose results it reads.

A job for which that is so does not run, whatever the times say. One for which it is not gets one
input more, a file named after the reason (`results/<preset>/changed/code`) that is newer than its
results, which is the way to tell Snakemake; its profile compares times only, and all other inputs
are `ancient`. Receipts lie under `results/` and travel with it.

Somebody may have accepted what differs (`layeratlas.workflow.acceptances`): then it does not count.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from layeratlas.bounded.documents import MOST_BYTES, read_json
from layeratlas.bounded.files import open_regular
from layeratlas.bounded.seals import SEAL, check_seal, sealed
from layeratlas.errors import StoreError, UnreadableError
from layeratlas.runs.run import canonical_json
from layeratlas.workflow.acceptances import (
    FOLDER,
    Acceptance,
    AcceptedJob,
    job_key,
    read_acceptances,
)
from layeratlas.workflow.jobs import JOBS, NotAskedError

if TYPE_CHECKING:
    from layeratlas.workflow.planning import Workflow

__all__ = [
    "CHANGED",
    "SINCE",
    "Receipt",
    "Receipts",
    "check_receipt",
    "identity",
    "is_done",
    "leave",
    "not_ahead",
    "now_there",
    "receipt_path",
    "written_receipt",
]

_ARCHIVE = ".zarr.zip"
SINCE = "LAYERATLAS_SINCE"
"""The variable that tells jobs when the workflow began that started them (`now_there`)."""
CHANGED = "changed"
"""Name of the input that says why a job runs again."""


@dataclass(frozen=True)
class Receipt:
    """`params`: name → hash; `inputs`, `outputs`: path → content (see `identity`)."""

    params: Mapping[str, str]
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


def receipt_path(preset: str, rule: str, wildcards: Mapping[str, str]) -> Path:
    """Where the receipt of a job lies: with the preset's results, or above them where all presets
    write the same files."""
    folder = Path("results") if JOBS[rule].shared else Path("results") / preset
    *above, last = [str(wildcards[name]) for name in sorted(wildcards)] or [rule]
    return folder.joinpath("receipts", rule, *above, f"{last}.json")


def identity(path: str | os.PathLike[str]) -> str | None:
    """What tells a file's content: of a manifest the content hash it holds, else the sha256 of the
    bytes. None where there is no such file, or what is there is none."""
    return _state(path)[0]


def leave(job: Any, preset: str) -> None:
    """Write the receipt of a job that has ended well; `job` is its `snakemake` object."""
    from layeratlas.storage.atomic import write_bytes_atomic

    path = receipt_path(preset, job.rule, dict(job.wildcards.items()))
    write_bytes_atomic(path, _sealed(_receipt_of(job)))


def written_receipt(
    workflow: Workflow, rule: str, wildcards: Mapping[str, str], held: Mapping[str, str]
) -> bytes:
    """The receipt of a job of a rule that all presets share, done elsewhere than in its script.

    It read what is `held`, path → content. NotAskedError as of a parameter.
    """
    params = {name: _hash(workflow.param(rule, name, wildcards)) for name in JOBS[rule].names}
    return _sealed(Receipt(params, dict(held), {}))


def is_done(job: Any, preset: str, since: float) -> bool:
    """Whether another has done this job, later than `since`, a time of `now_there`: its results
    stand, and the receipt beside them is the one that this job would leave."""
    path = receipt_path(preset, job.rule, dict(job.wildcards.items()))
    try:
        if path.stat().st_mtime <= since:
            return False
        found = _read_receipt(path)[0]
    except (OSError, UnreadableError):
        return False
    there = all(os.path.lexists(path) for path in map(str, job.output))
    return there and found == _receipt_of(job)


def now_there(folder: Path) -> float:
    """The time as the file system of a folder has it, whose clock may be another's.

    StoreError where nothing can be written there."""
    from layeratlas.storage.atomic import store_errors
    from layeratlas.temporaries import temporary_name

    probe = temporary_name(folder / "time")
    with store_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            probe.touch()
            return probe.stat().st_mtime
        finally:
            probe.unlink(missing_ok=True)


def _receipt_of(job: Any) -> Receipt:
    shared = JOBS[job.rule].shared
    return Receipt(
        params={name: _hash(value) for name, value in job.params.items()},
        inputs=_identities(_read(job.input)),
        outputs={} if shared else _identities(_but_archives(map(str, job.output))),
    )


def _sealed(receipt: Receipt) -> bytes:
    text = json.dumps(sealed(asdict(receipt)), indent=1, sort_keys=True)
    return f"{text}\n".encode()


def check_receipt(path: str | os.PathLike[str]) -> bool:
    """Whether the receipt in a file is sealed. UnreadableError where it is no whole receipt."""
    return _read_receipt(path)[1]


def _read_receipt(path: str | os.PathLike[str]) -> tuple[Receipt, bool]:
    document = read_json(path)
    names = Receipt.__dataclass_fields__
    if not isinstance(document, dict) or document.keys() - {SEAL} != names.keys():
        raise UnreadableError(path, "is no receipt of a job")
    has_seal = check_seal(document, path)
    for name in names:
        held = document[name]
        if not isinstance(held, dict) or {*map(type, held.values())} - {str}:
            raise UnreadableError(path, f"is no receipt of a job: {name} is no table of hashes")
    return Receipt(**{name: document[name] for name in names}), has_seal


class Receipts:
    """What of a workflow's results is out of date, by their receipts. Answers are kept.

    `root` is the folder in which `results` lies.
    """

    def __init__(self, workflow: Workflow, root: Path = Path()):
        self._workflow = workflow
        self._root = root
        self._reasons: dict[tuple, str | None] = {}
        self._receipts: dict[tuple, Receipt | None] = {}
        self._states: dict[str, tuple[str | None, bool]] = {}

    def changed(self, rule: str, wildcards: Mapping[str, str], outputs: list[str]) -> list[str]:
        """What the rule takes as the input `changed`: nothing, or the file of the reason.

        Nothing too where a result is missing: Snakemake sees that by itself.
        """
        if not all(os.path.lexists(path) for path in outputs):
            return []
        reason = self.reason(rule, wildcards)
        return [] if reason is None else [str(self._stamp(reason, outputs))]

    def reason(self, rule: str, wildcards: Mapping[str, str]) -> str | None:
        """Why a finished job would run again, None where it need not.

        `code`, `settings`, `inputs` (of another content now, or of jobs that run again), `results`
        (not those that it made), or `no_receipt`.
        """
        key = (rule, tuple(sorted(wildcards.items())))
        if key not in self._reasons:
            self._reasons[key] = self._reason(rule, wildcards)
        return self._reasons[key]

    def _reason(self, rule: str, wildcards: Mapping[str, str]) -> str | None:
        reason = self.difference(rule, wildcards)
        if reason is not None and self.acceptance(rule, wildcards) is None:
            return reason
        upstream = JOBS[rule].upstream(self._workflow, wildcards)
        return "inputs" if any(self.reason(*job) is not None for job in upstream) else None

    def difference(self, rule: str, wildcards: Mapping[str, str]) -> str | None:
        """In what a finished job is not as it would be asked and read today, as `reason` says it,
        whatever becomes of the jobs that it builds on."""
        receipt = self._receipt(rule, wildcards)
        if receipt is None:
            return "no_receipt"
        try:
            now, read = self._params(rule, wildcards), self._contents_read(rule, wildcards)
        except NotAskedError:
            return "settings"
        if now != receipt.params:
            rest = [{k: v for k, v in p.items() if k != "code"} for p in (now, receipt.params)]
            return "code" if rest[0] == rest[1] else "settings"
        if read != receipt.inputs:
            return "inputs"
        for path, then in receipt.outputs.items():
            content, is_whole = self._state(path)
            if (content or then) != then or not is_whole:
                return "results"
        return None

    def acceptance(
        self, rule: str, wildcards: Mapping[str, str]
    ) -> tuple[Acceptance, AcceptedJob] | None:
        """By whom it was said that the `difference` of a job does not matter, if by anybody."""
        accepted = self._accepted.get(job_key(rule, wildcards))
        try:
            return accepted.get(self.situation(rule, wildcards)) if accepted else None
        except NotAskedError:
            return None

    def changed_inputs(self, rule: str, wildcards: Mapping[str, str]) -> dict[str, tuple[str, str]]:
        """{path: (content then, content now)} of what a finished job would read otherwise."""
        receipt = self._receipt(rule, wildcards)
        then = {} if receipt is None else receipt.inputs
        now = self._contents_read(rule, wildcards)
        return {path: (old, now[path]) for path, old in then.items() if now[path] != old}

    def situation(self, rule: str, wildcards: Mapping[str, str]) -> str:
        """Hash of what a job would be asked, would read and has made as things are, and of its
        receipt. NotAskedError where there is no such job any more."""
        receipt = self._receipt(rule, wildcards)
        now, read = self._params(rule, wildcards), self._contents_read(rule, wildcards)
        held = receipt or Receipt({}, {}, {})
        stands = {p: [self._state(p)[0] or then, self._state(p)[1]]
                  for p, then in held.outputs.items()}  # fmt: skip
        found = {"params": now, "inputs": read, "outputs": stands, "receipt": asdict(held)}
        return hashlib.sha256(canonical_json(found).encode()).hexdigest()

    @cached_property
    def _accepted(self) -> dict[tuple, dict[str, tuple[Acceptance, AcceptedJob]]]:
        """By job and situation; looked at only where something differs, which is seldom."""
        found: dict[tuple, dict[str, tuple[Acceptance, AcceptedJob]]] = {}
        preset = self._workflow.config.preset
        for given in read_acceptances(self._root / "results" / preset / FOLDER):
            for job in given.jobs:
                key = job_key(job.rule, job.wildcards)
                found.setdefault(key, {}).setdefault(job.situation, (given, job))
        return found

    def _params(self, rule: str, wildcards: Mapping[str, str]) -> dict[str, str]:
        names = JOBS[rule].names
        return {name: _hash(self._workflow.param(rule, name, wildcards)) for name in names}

    def _contents_read(self, rule: str, wildcards: Mapping[str, str]) -> dict[str, str]:
        """What the files hold that a finished job read, by path. NotAskedError as of `situation`.

        What is gone (a data set may be deleted) is what its maker last made of it.
        """
        makers = [self._receipt(*job) for job in JOBS[rule].upstream(self._workflow, wildcards)]
        made = {path: text for one in makers if one for path, text in one.outputs.items()}
        receipt = self._receipt(rule, wildcards)
        then = {} if receipt is None else receipt.inputs
        return {path: self._state(path)[0] or made.get(path, old) for path, old in then.items()}

    def _receipt(self, rule: str, wildcards: Mapping[str, str]) -> Receipt | None:
        """Of a job, None where there is none or a damaged one: then the job runs once more."""
        key = (rule, tuple(sorted(wildcards.items())))
        # A job's own, and that of each job that reads its results: read once.
        if key not in self._receipts:
            path = self._root / receipt_path(self._workflow.config.preset, rule, wildcards)
            try:
                self._receipts[key] = _read_receipt(path)[0]
            except UnreadableError:
                self._receipts[key] = None
        return self._receipts[key]

    def _state(self, path: str) -> tuple[str | None, bool]:
        if path not in self._states:
            self._states[path] = _state(self._root / path)
        return self._states[path]

    def _stamp(self, reason: str, outputs: list[str]) -> Path:
        """A file newer than the oldest result, named after the reason."""
        stamp = self._workflow.results / CHANGED / reason
        try:
            not_ahead(outputs)
            before = min(stamp.stat().st_mtime, time.time()) if stamp.exists() else 0.0
            stamp.parent.mkdir(parents=True, exist_ok=True)
            # A link would lead to a file of somebody else.
            if stamp.is_symlink():
                stamp.unlink()
            # Never the same twice: Snakemake passes over a newer file whose bytes it knows.
            stamp.write_text(f"{secrets.token_hex(16)}\n", encoding="utf-8")
            # No newer than need be: results made from now on must be newer than it, also those of
            # other jobs of a cluster, each of which plans again.
            oldest = min(Path(path).stat().st_mtime for path in outputs)
            when = max(before, oldest + 0.02)
            os.utime(stamp, (when, when))
        except OSError as error:
            raise StoreError(
                f"{stamp}: cannot be written ({error.strerror or error}); by this file Snakemake "
                f"is told that results must be made again: {reason.replace('_', ' ')}"
            ) from None
        return stamp


def not_ahead(paths: Iterable[str]) -> None:
    """Set times in the future, as copies from a clock that is ahead have them, to now.

    Snakemake takes a result that is older than what it was made from for a failure.
    """
    now = time.time()
    for path in paths:
        with suppress(OSError):
            if Path(path).stat().st_mtime >= now:
                os.utime(path, (now - 1, now - 1))


def _read(inputs: Any) -> Iterable[str]:
    """The files a job read, archives by their manifests, without the reason it ran for."""
    reason = dict(inputs.items()).get(CHANGED, ())
    left_out = {reason} if isinstance(reason, str) else set(reason)
    return _but_archives(str(path) for path in inputs if path not in left_out)


def _but_archives(paths: Iterable[str]) -> Iterable[str]:
    return (path for path in paths if not path.endswith(_ARCHIVE))


def _state(path: str | os.PathLike[str]) -> tuple[str | None, bool]:
    """The `identity` of a file, and whether its archive, where it is a manifest and that is there,
    has the size it was published with."""
    try:
        with open(open_regular(path), "rb") as file:  # noqa: PTH123  (a descriptor)
            manifest = _manifest(file)
            if "format_version" in manifest and isinstance(manifest.get("content_hash"), str):
                return manifest["content_hash"], _fits(manifest, os.fspath(path))
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest(), True  # type: ignore[arg-type]
    except (OSError, UnreadableError):
        return None, True


def _fits(manifest: Mapping[str, Any], path: str) -> bool:
    try:
        size = Path(path.removesuffix(".json") + _ARCHIVE).stat().st_size
    except OSError:
        return True
    return not path.endswith(".json") or manifest.get("size", size) == size


def _manifest(file: BinaryIO) -> dict[str, Any]:
    """The manifest that a file holds, unchecked but for its size; nothing of any other file.

    Not `storage.read_manifest`: the workflow reads hundreds of them at every start, and must not
    load xarray for it.
    """
    content = file.read(1)
    if content != b"{" or os.fstat(file.fileno()).st_size > MOST_BYTES:
        return {}
    try:
        found = json.loads(content + file.read(MOST_BYTES))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _identities(paths: Iterable[str]) -> dict[str, str]:
    found = {path: identity(path) for path in paths}
    return {path: content for path, content in found.items() if content is not None}


def _hash(value: Any) -> str:
    """Of a parameter as Snakemake hands it on: lists for tuples, text for what JSON has not."""
    # Most are text already: a plan, a fingerprint.
    plain = value if type(value) is str else json.loads(json.dumps(_plain(value)))
    return hashlib.sha256(canonical_json(plain).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
