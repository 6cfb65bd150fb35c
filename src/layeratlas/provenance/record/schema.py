"""The activity record: who made what, from what, with what, where and when.

One JSON file a job, append-only, under `provenance/records/<yyyy-mm>/<id>.json`. Everything
else the store can say is derived from these files. Records name files by digest and content
hash, so they stay true when files move.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA = 1


class _Part(BaseModel):
    # Unknown keys are kept, so that an older version can read a newer one's records.
    model_config = ConfigDict(frozen=True, extra="allow")


class FileState(_Part):
    """A file a job read or wrote. A published archive and its manifest are one entry."""

    path: str = Field(description="relative to the working directory of the run")
    role: str = Field(description="name under which the rule knows it: data, shard, cube, …")
    digest: str = Field(description="sha256 of the bytes")
    size: int
    content_hash: str | None = Field(None, description="of published archives: layout-free")
    kept: bool = Field(False, description="outputs: the object store holds this version")

    @property
    def identity(self) -> str:
        """What links a reader to the writer: content where it is known, else bytes."""
        return self.content_hash or self.digest


class Activity(_Part):
    """The job, as the workflow knows it."""

    rule: str
    wildcards: dict[str, str] = {}
    preset: str | None = None
    experiment: str | None = None
    figure: str | None = None


class _Probed(_Part):
    """What was asked of other programs and files: null is an answer, what failed is in `unread`."""

    unread: dict[str, str] = Field({}, description="fields that could not be read: why")


class Code(_Probed):
    """The code that ran, captured in the job at its start."""

    source: str = Field(description="sha256 over the files of the package actually imported")
    fingerprint: str | None = Field(None, description="the rule's code parameter")
    script: str | None = Field(None, description="sha256 of the script")
    version: str
    commit: str | None = None
    dirty: bool | None = Field(None, description="uncommitted changes; null outside git")
    repository: str | None = Field(None, description="address that git knows for the commit")
    diff: str | None = Field(None, description="object holding the uncommitted diff")
    kept: str | None = Field(None, description="object holding the code, where no commit does")
    edited: bool = Field(False, description="the source changed on disk while the job ran")


class Environment(_Probed):
    """The software around it."""

    hash: str = Field(description="sha256 of python version and every installed package")
    python: str
    packages: dict[str, str] = Field(description="versions that can change numbers")
    lock: str | None = Field(None, description="sha256 of envs/requirements.lock")
    variables: dict[str, str] = Field({}, description="thread and determinism settings")


class Machine(_Probed):
    """The hardware around it."""

    host: str
    user: str | None = None
    platform: str
    cpu: str
    gpu: str | None = None
    device: str | None = Field(None, description="the device setting: auto, cpu or cuda")
    scheduler: dict[str, str] | None = Field(None, description="e.g. {system, job_id, partition}")


class Configuration(_Part):
    """What the job was asked to do: the rule's parameters as plain JSON."""

    hash: str
    value: dict[str, Any]


class Record(_Part):
    """One activity. `status` is failed for a job that raised; a killed job leaves no record."""

    schema_version: int = SCHEMA
    id: str = Field(description="UTC start time and random digits: sorts by time")
    activity: Activity
    status: Literal["ok", "failed"]
    error: str | None = None
    started: str = Field(description="ISO 8601, UTC")
    ended: str
    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int | None = None
    code: Code
    environment: Environment
    machine: Machine
    configuration: Configuration
    seeds: tuple[int, ...] = ()
    after: str | None = Field(None, description="id of the last record when the job started")
    replaced: dict[str, str | None] = Field(
        {}, description="digest of what stood in place of each output then; null: nothing"
    )
    inputs: tuple[FileState, ...] = ()
    outputs: tuple[FileState, ...] = ()
