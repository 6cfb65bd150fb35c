"""A lease on a file: one process works on it at a time, on file systems without locks too.

Jobs hold one on their results. A scheduler that has lost a node starts its jobs again while they
may still run there; so does a second controller after the first was killed. Who comes second waits
for the first, and takes over from one that has died. Publishers hold one on a folder where it
cannot be locked (`storage.atomic`).

A lease is a file beside what it is on, `.<name>.lease`, which one process alone can make (O_EXCL),
and which is looked for by its name: network file systems list a folder late. It names its holder as
temporaries do (`layeratlas.temporaries`): one of this host is gone once its process is. One of
another host is gone once its lease has not been renewed for `LIFETIME`, by the clock of whoever
waits: holders renew it every `BEAT` seconds, and clocks of hosts are never compared.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from layeratlas.errors import StoreError
from layeratlas.temporaries import host_tag, is_writing, start_of

BEAT, LIFETIME = 10.0, 90.0
"""Seconds between renewals, and until a lease that is not renewed is nobody's."""

# Who waits looks again after this, then after longer and longer: jobs take minutes, renames none.
_SOON, _LATER = 0.01, 1.0
_HOLDER = re.compile(r"(?P<host>[0-9a-f]{8})-(?P<pid>\d{1,10})-(?P<start>\w{1,20})-[0-9a-f]+")
LEASES = ".*.lease"
"""What they are called, as a pattern of names."""


def lease_path(result: str | os.PathLike[str]) -> Path:
    """Where the lease on a result lies."""
    result = Path(result)
    return result.with_name(f".{result.name}.lease")


@contextmanager
def lease(
    result: str | os.PathLike[str], tell: Callable[[str], None] = lambda sentence: None
) -> Iterator[bool]:
    """Hold the lease on a result; yields whether another job held it first.

    Waits as long as it does, with one sentence to `tell`. StoreError where no lease can be written.
    """
    path = lease_path(result)
    mine = f"{host_tag()}-{os.getpid()}-{start_of(os.getpid())}-{secrets.token_hex(6)}"
    made = not path.parent.exists()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        waited = _take(path, mine, tell)
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror or error})") from error
    ended = threading.Event()
    beating = threading.Thread(target=_renew, args=(path, ended), daemon=True)
    beating.start()
    try:
        yield waited
    finally:
        ended.set()
        beating.join()
        # Taken over where this process was asleep for long: not its own to remove.
        with suppress(OSError):
            if path.read_text(encoding="utf-8") == mine:
                path.unlink()
            if made:
                # Of a job that made nothing, not even a folder is left.
                path.parent.rmdir()


def is_held(path: Path) -> bool:
    """Whether a lease's holder is there, as far as this host can tell; of others, by its age."""
    try:
        holder, age = path.read_text(encoding="utf-8"), time.time() - path.stat().st_mtime
    except OSError:
        return False
    here = _is_here(holder)
    return here if here is not None else age < 10 * LIFETIME


def _take(path: Path, mine: str, tell: Callable[[str], None]) -> bool:
    waited = told = False
    seen: tuple[str, int] | None = None
    since, pause = 0.0, _SOON
    while True:
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(mine)
            return waited
        except FileExistsError:
            pass
        try:
            # Opened each time: network file systems look again then, and else remember.
            with path.open(encoding="utf-8") as file:
                holder, renewed = file.read(), os.fstat(file.fileno()).st_mtime_ns
        except OSError:
            continue
        if (holder, renewed) != seen:
            seen, since = (holder, renewed), time.monotonic()
        if _is_here(holder) is False or time.monotonic() - since > LIFETIME:
            _remove(path, holder)
            continue
        waited = True
        # Who has just made it may not have written into it yet.
        if holder and not told:
            where = "on this machine" if _is_here(holder) else "on another machine"
            tell(f"another job {where} is making {path.name[1:].removesuffix('.lease')}: it waits")
            told = True
        time.sleep(pause)
        pause = min(1.5 * pause, _LATER)


def _remove(path: Path, holder: str) -> None:
    """Remove a dead holder's lease, and nobody else's: another may have taken over just now."""
    aside = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
    with suppress(OSError):
        path.rename(aside)
        if aside.read_text(encoding="utf-8") != holder:
            # Put back, unless there is one again.
            with suppress(OSError):
                os.link(aside, path)
        aside.unlink()


def _is_here(holder: str) -> bool | None:
    """Whether the process that holds a lease is there; None where this host cannot tell."""
    told = _HOLDER.fullmatch(holder)
    if told is None or told["host"] != host_tag():
        return None
    return is_writing(int(told["pid"]), told["start"])


def _renew(path: Path, ended: threading.Event) -> None:
    while not ended.wait(BEAT):
        with suppress(OSError):
            os.utime(path)
