"""When a job must put down its work: a signal that asks it to, or the end of its own allocation.

Signals come by many ways: Ctrl-C, an administrator, SLURM's warning before the limit
(`sbatch --signal=URG@60`: SIGURG, for it is the one that shells and Snakemake, who get it too, let
pass), preemption (SIGTERM). Some schedulers and executors forward none (issue 242 of the slurm
plugin), so a job looks at the clock as well. Where its allocation ends is told, the first that
there is, by

    LAYERATLAS_DEADLINE       seconds since 1970, for whoever starts jobs in an allocation
    SLURM_JOB_END_TIME        the same, of SLURM 23.02 and later
    scontrol show job         asked once a job
"""

from __future__ import annotations

import math
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import FrameType

#: Before its end an allocation is left in peace for so many seconds, or this part of what it has.
MARGIN, PART = 60.0, 0.1
#: These end a job; work that can be put down is put down first.
ENDING = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGXCPU") if hasattr(signal, name)
)
#: These only tell work that can be put down that the end is near.
WARNING = tuple(
    getattr(signal, name) for name in ("SIGURG", "SIGUSR1", "SIGUSR2") if hasattr(signal, name)
)
VARIABLE = "LAYERATLAS_DEADLINE"


class Stop:
    """Whether work should be put down; `reason` says why, in words, once it should."""

    def __init__(self, deadline: float = math.inf):
        self.deadline = deadline
        self.reason: str | None = None

    def ask(self, number: int, frame: FrameType | None = None) -> None:
        """As a signal's handler."""
        self.reason = f"by {signal.Signals(number).name}"

    def asked(self) -> bool:
        """Whether to put down the work now."""
        if self.reason is None and time.time() >= self.deadline:
            self.reason = "the allocation ends"
        return self.reason is not None


@contextmanager
def stopping(environment: Mapping[str, str] = os.environ) -> Iterator[Stop]:
    """Work that looks at what is yielded after every step, and puts itself down in time.

    While it lasts, signals that would end the process only ask. Outside the main thread, where
    Python hears no signals, the clock alone counts.
    """
    stop = Stop(deadline(environment))
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, stop.ask) for number in (*ENDING, *WARNING)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            # None: one that was not installed from Python, and cannot be again.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def deadline(environment: Mapping[str, str] = os.environ, now: float | None = None) -> float:
    """When to put down work, in seconds since 1970; infinite without an end that is known.

    A minute before the allocation ends, or a tenth of what is left of it where that is less.
    """
    now = time.time() if now is None else now
    end = _end(environment)
    return end - min(MARGIN, PART * max(end - now, 0.0)) if math.isfinite(end) else math.inf


def _end(environment: Mapping[str, str]) -> float:
    for name in (VARIABLE, "SLURM_JOB_END_TIME"):
        try:
            if (end := float(environment[name])) > 0:
                return end
        except (KeyError, ValueError):
            continue
    job = environment.get("SLURM_JOB_ID", "")
    return _end_of_job(job) if job.isdecimal() else math.inf


def _end_of_job(job: str) -> float:
    """As SLURM tells it, which an administrator may have moved; infinite if it does not."""
    command = ["scontrol", "show", "job", "-o", job]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        told = re.search(r"\bEndTime=(\S+)", done.stdout)
        # In the time zone of the node; `Unknown` without a limit.
        return datetime.fromisoformat(told[1]).timestamp() if told else math.inf
    except (OSError, ValueError, subprocess.SubprocessError):
        return math.inf
