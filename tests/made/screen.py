"""A terminal of so many columns and lines, with what a program left on it."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import select
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyte


@dataclass
class Screen:
    """`lines`: all that is left, what scrolled away included; `seen`: each state of the screen at
    which it was looked; `raw`: every byte."""

    code: int
    lines: list[str]
    cursor_hidden: bool
    raw: bytes
    seen: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def on_terminal(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    columns: int = 80,
    rows: int = 24,
    press: tuple[Callable[[str], bool], bytes] | None = None,
    limit: float = 300.0,
) -> Screen:
    """Run a command there. `press` are keys to press once a screen is as its function asks."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execvpe(command[0], list(command), {**environment, "TERM": "xterm-256color"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    screen = pyte.HistoryScreen(columns, rows, history=10_000)
    stream = pyte.ByteStream(screen)
    raw, seen, end = b"", [], time.monotonic() + limit
    while True:
        assert time.monotonic() < end, "\n".join(screen.display)
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            read = os.read(terminal, 1 << 16)
        except OSError as error:  # the other end is closed
            assert error.errno == errno.EIO
            break
        if not read:
            break
        raw += read
        stream.feed(read)
        shown = "\n".join(line.rstrip() for line in screen.display).rstrip()
        seen.append(shown)
        if press is not None and press[0](shown):
            os.write(terminal, press[1])
            press = None
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    above = ["".join(c.data for _, c in sorted(line.items())) for line in screen.history.top]
    lines = [line.rstrip() for line in (*above, *screen.display)]
    while lines and not lines[-1]:
        lines.pop()
    return Screen(os.waitstatus_to_exitcode(status), lines, screen.cursor.hidden, raw, seen)
