"""A guard around code that reads hostile files: what it touches, how long, how much.

Installed in a child that ends soon: nothing of it can be taken back.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

CPU_SECONDS = 10
WALL_SECONDS = 300
"""A hang that waits uses no processor time. Well above what a loaded machine needs."""
MEMORY_KIB = 1 << 20
# What may be asked for beyond what the child begins with: far more than may be used, so that a
# bomb is seen in the numbers, and the machine lives on.
_ADDRESS_SPACE = 4 << 30
_FILE_SIZE = 256 << 20
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate",
    "os.chmod", "os.chown", "os.utime", "os.setxattr", "shutil.rmtree",
}  # fmt: skip
_FORBIDDEN = ("socket.connect", "os.system", "os.exec")


def limit() -> None:
    """Bounds that the kernel holds."""
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + _ADDRESS_SPACE,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_SIZE, _FILE_SIZE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def watch(inside: list[str], secret: list[str]) -> list[str]:
    """From now on, a list of what is touched outside the folders `inside`, or read in `secret`.

    What would be written outside is refused, so that no machine suffers from what is tried.
    """
    events: list[str] = []
    allowed = tuple(f"{os.path.realpath(folder)}/" for folder in inside)
    hidden = tuple(f"{os.path.realpath(folder)}/" for folder in secret)

    def note(what: str, path: object) -> None:
        if isinstance(path, int) or path is None:
            return
        name = os.path.realpath(os.fsdecode(path))  # type: ignore[arg-type]
        if not f"{name}/".startswith(allowed) and not name.startswith("/dev/"):
            events.append(f"{what} {name}")
            raise PermissionError(f"{name} is outside")

    def hook(event: str, arguments: tuple) -> None:
        try:
            if event == "open":
                path, _, flags = arguments
                if isinstance(flags, int) and flags & _WRITES:
                    note("write", path)
                elif isinstance(path, str | bytes) and os.path.realpath(
                    os.fsdecode(path)
                ).startswith(hidden):
                    events.append(f"read {os.fsdecode(path)}")
            elif event in _CHANGES:
                for path in arguments[: 2 if event in ("os.rename", "os.link") else 1]:
                    note(event, path)
            elif event.startswith(_FORBIDDEN):
                events.append(f"{event} {arguments!r:.200}")
        except (ValueError, RecursionError):
            # A name that is no path touches nothing.
            return

    sys.addaudithook(hook)
    return events
