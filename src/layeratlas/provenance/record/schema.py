"""The activity record: who made what, from what, with what, where and when.

One JSON file a job, append-only, under `provenance/records/<yyyy-mm>/<id>.json`, with its seal
(`bounded.seals`). Everything else the store can say is derived from these files. Records name
files by digest and content hash, so they stay true when files move.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

SCHEMA = 1

# A digest becomes part of names of files, an id one of their own.
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Id = Annotated[str, Field(pattern=r"^[0-9]{8}T[0-9]{6}(\.[0-9]{1,6})?Z-[0-9a-f]{1,64}$")]
Count = Annotated[int, Field(ge=0, lt=2**63)]
# Three hundred years, so that sums and words of them stay numbers.
Seconds = Annotated[float, Field(ge=0, le=1e10)]


def _utc(text: str) -> str:
    if datetime.fromisoformat(text).utcoffset() != timedelta(0):
        raise ValueError("should be a time in UTC, like 2031-05-17T12:00:00+00:00")
    return text


Time = Annotated[str, Field(max_length=40), AfterValidator(_utc)]


class _Part(BaseModel):
    # Unknown keys are kept, so that an older version can read a newer one's records.
    model_config = ConfigDict(frozen=True, extra="allow")


class FileState(_Part):
    """A file a job read or wrote. A published archive and its manifest are one entry."""

    path: str = Field(description="relative to the working directory of the run")
    role: str = Field(description="name under which the rule knows it: data, shard, cube, …")
    digest: Digest = Field(description="sha256 of the bytes")
    size: Count
    content_hash: Digest | None = Field(None, description="of published archives: layout-free")
    kept: bool = Field(False, description="outputs: the object store holds this version")
    mark: Digest | None = Field(
        None,
        description="outputs: seal of the identity that a figure carries, of which it shows "
        "the beginning",
    )

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

    source: Digest = Field(description="sha256 over the files of the package actually imported")
    fingerprint: str | None = Field(None, description="the rule's code parameter")
    script: Digest | None = Field(None, description="sha256 of the script")
    version: str
    commit: str | None = None
    dirty: bool | None = Field(None, description="uncommitted changes; null outside git")
    repository: str | None = Field(None, description="address that git knows for the commit")
    diff: Digest | None = Field(None, description="object holding the uncommitted diff")
    kept: Digest | None = Field(None, description="object holding the code, where no commit does")
    edited: bool = Field(False, description="the source changed on disk while the job ran")
    users: Digest | None = Field(None, description="object holding the users' files that it ran")
    users_files: tuple[str, ...] = Field((), description="their names, as in that object")

    @property
    def objects(self) -> tuple[tuple[Digest, str], ...]:
        """Digest and suffix of every object that holds code of the job."""
        held = ((self.diff, ".diff"), (self.kept, ".tar"), (self.users, ".tar"))
        return tuple((digest, suffix) for digest, suffix in held if digest)


class Environment(_Probed):
    """The software around it."""

    hash: Digest = Field(description="sha256 of python version and every installed package")
    python: str
    packages: dict[str, str] = Field(description="versions that can change numbers")
    lock: Digest | None = Field(None, description="sha256 of envs/requirements.lock")
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

    hash: Digest
    value: dict[str, Any]


class Requested(_Part):
    """What the job asked of a scheduler (`layeratlas.workflow.requests`)."""

    mem_mb: Count | None = Field(None, description="memory of the allocation, MB of 2²⁰ bytes")
    runtime: Count | None = Field(None, description="minutes")
    gpu: Count | None = None
    cpus_per_task: Count | None = None
    attempt: Count | None = Field(None, description="1, and one more after each failure")
    sized_mem_mb: Count | None = Field(
        None, description="memory of the script as its sizes alone tell, without earlier records"
    )
    sized_seconds: Count | None = Field(None, description="likewise what it takes")


class Record(_Part):
    """One activity. `status` is failed for a job that raised; a killed job leaves no record."""

    schema_version: int = SCHEMA
    id: Id = Field(description="UTC start time and random digits: sorts by time")
    activity: Activity
    status: Literal["ok", "failed"]
    error: str | None = None
    started: Time = Field(description="ISO 8601, UTC")
    ended: Time
    wall_seconds: Seconds
    cpu_seconds: Seconds
    peak_memory_bytes: Count | None = Field(None, description="of the script's process")
    frame_memory_bytes: Count | None = Field(
        None, description="peaks of what ran around the script in the job's own allocation"
    )
    requested: Requested | None = None
    code: Code
    environment: Environment
    machine: Machine
    configuration: Configuration
    seeds: tuple[int, ...] = ()
    after: Id | None = Field(None, description="id of the last record when the job started")
    replaced: dict[str, Digest | None] = Field(
        {}, description="digest of what stood in place of each output then; null: nothing"
    )
    inputs: tuple[FileState, ...] = ()
    outputs: tuple[FileState, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        started, ended = map(datetime.fromisoformat, (self.started, self.ended))
        if ended < started:
            raise ValueError(f"ended {self.ended}, before it started, {self.started}")
        # `2031-05-17T08:00:00.25` and `20310517T080000.25`; the id may leave out the fraction.
        told = self.started.partition("+")[0].replace("-", "").replace(":", "").removesuffix("Z")
        if not f"{told}000000".startswith(self.id.partition("Z")[0]) and not (
            started.microsecond == 0 and self.id.startswith(f"{told}.000000Z")
        ):
            raise ValueError(f"the id {self.id} is not that of a job started {self.started}")
        return self
