"""What a job asked of a scheduler, and the memory of what ran around its script.

A scheduler counts every process of an allocation. An executor of Snakemake puts one or two of
Snakemake's own above the script, which has nothing to do with the job's sizes: so each has its
field in the record.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from layeratlas.provenance.record.schema import Requested

_PROC = Path("/proc")
_NAMES = tuple(Requested.model_fields)
# How the processes that run one job of a controller elsewhere are called.
_NESTED = re.compile(rb"--mode[\0=](subprocess|remote)(\0|$)")
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


def requested(snakemake: Any) -> Requested | None:
    """The job's resources by the names of `Requested`; None where it has no memory among them."""
    given = dict(getattr(snakemake, "resources", {}).items())
    # A value that Snakemake does not know yet, or that a user gave as text, is no number.
    found = {
        name: value
        for name in _NAMES
        if isinstance(value := given.get(name), int) and 0 <= value < 2**63
    }
    return Requested(**found) if "mem_mb" in found else None


def memory_around(
    proc: Path = _PROC, variables: Mapping[str, str] = os.environ, process: int | None = None
) -> int | None:
    """Bytes that the processes of this SLURM job took beside `process` and what it started: the
    sum of their peaks.

    None outside SLURM, where nothing can be read, and in an allocation that a controller shares
    out to jobs itself: what runs there was not asked for by one of them. `process` is this one.
    """
    job = variables.get("SLURM_JOB_ID")
    own = process or os.getpid()
    if not job:
        return None
    try:
        parents = dict(_parents(proc))
        above = list(_chain(own, parents))
        if not any(_NESTED.search(_read(proc, one, "cmdline")) for one in above):
            return None
        mark = b"\0SLURM_JOB_ID=" + job.encode() + b"\0"
        peaks = [
            _peak(proc, other)
            for other in parents
            if own not in (other, *_chain(other, parents))
            # As it was started with: the executor takes these variables out of what it starts.
            and (other in above or mark in b"\0" + _read(proc, other, "environ"))
            and not _is_scheduler(proc, other)
        ]
    except OSError:
        return None
    return sum(peaks)


def _parents(proc: Path) -> Iterator[tuple[int, int]]:
    """(process, its parent) of all that there are."""
    for folder in proc.iterdir():
        if folder.name.isdecimal():
            # The name of a program, in parentheses, may hold anything.
            fields = _read(proc, int(folder.name), "stat").rpartition(b")")[2].split()
            if len(fields) > 1:
                yield int(folder.name), int(fields[1])


def _chain(process: int, parents: Mapping[int, int]) -> Iterator[int]:
    """Those above a process, up to the scheduler's own or the first of all."""
    seen = {process}
    while (process := parents.get(process, 0)) > 1 and process not in seen:
        seen.add(process)
        yield process


def _is_scheduler(proc: Path, process: int) -> bool:
    return _read(proc, process, "comm").startswith(b"slurm")


def _peak(proc: Path, process: int) -> int:
    found = _PEAK.search(_read(proc, process, "status").decode(errors="replace"))
    return int(found[1]) * 1024 if found else 0


def _read(proc: Path, process: int, name: str) -> bytes:
    """Empty where the process has ended, or is another user's."""
    try:
        return (proc / str(process) / name).read_bytes()
    except OSError:
        return b""
