"""Asking another program, within a limit: an answer, or the reason why there is none.

That a program failed, hung or is missing says nothing of what was asked. So it is never taken for
the answer "none": whoever asks gets an `UnreadError` with the reason, and puts that on record.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import NamedTuple

from layeratlas.words import printable, shortened


class UnreadError(Exception):
    """What was asked could not be read; the message is the reason, in words, without paths."""

    def __init__(self, reason: str):
        super().__init__(shortened(printable(reason), 240))


class SlowError(UnreadError):
    """It took longer than it was given."""


class Answer(NamedTuple):
    """What a program said, and its exit status."""

    status: int
    output: bytes
    errors: bytes

    @property
    def complaint(self) -> str:
        """The first line that it wrote to stderr, else to stdout, else its status, in words."""
        for said in (self.errors, self.output):
            if lines := said.decode(errors="replace").strip().splitlines():
                return lines[0]
        return f"exit status {self.status}"


def ask(
    command: list[str],
    seconds: float,
    *,
    given: bytes = b"",
    environment: Mapping[str, str] | None = None,
) -> Answer:
    """Run `command` for at most `seconds` and return its answer, whatever its status.

    UnreadError when it is not installed or cannot be run, SlowError when it takes longer: then it
    is killed, with all that it started.
    """
    name = os.path.basename(command[0])  # noqa: PTH119  (a command, not a path)
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=None if environment is None else dict(environment),
            # Of its own group: a child that holds the pipes would be waited for without end.
            start_new_session=True,
        )
    except FileNotFoundError:
        raise UnreadError(f"{name} is not installed") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnreadError(f"{name} cannot be run ({reason})") from error
    with process:
        try:
            output, errors = process.communicate(given, timeout=max(seconds, 0.01))
        except BaseException as error:
            _kill(process)
            if isinstance(error, subprocess.TimeoutExpired):
                raise SlowError(f"{name} took longer than {error.timeout:.3g} s") from error
            raise
    return Answer(process.returncode, output, errors)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
