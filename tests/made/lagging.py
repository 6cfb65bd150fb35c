"""A file system as networks have them: no locks, and listings that are behind the times.

`python lagging.py PROJECT WHO NUMBER LAG [old]` publishes NUMBER versions there, one job each,
while another does, with `flock` failing by ENOLCK and every listing showing a folder as it was LAG
seconds ago. `old`: who cannot lock a folder goes on without, as versions before did.
"""

from __future__ import annotations

import errno
import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

CUBES = ("a", "b", "c")


def refuse_locks() -> None:
    """From now on this process can lock nothing."""
    import fcntl

    def flock(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    fcntl.flock = flock  # type: ignore[assignment]


def lag_behind(seconds: float) -> Callable[[], int]:
    """From now on listings of this process are `seconds` old; returns how many were other than
    what was there.

    What came less than so long ago is not listed, what went is listed still.
    """
    scandir, hidden = os.scandir, 0
    # Folder → name → (entry, when it was last seen).
    known: dict[str, dict[str, tuple[Any, float]]] = {}

    class Late:
        def __init__(self, path: Any = "."):
            nonlocal hidden
            now, there = time.time(), {}
            with scandir(path) as entries:
                for entry in entries:
                    try:
                        new = entry.stat(follow_symlinks=False).st_ctime > now - seconds
                    except OSError:
                        continue
                    there[entry.name] = entry
                    hidden += new
            before = known.setdefault(os.path.abspath(os.fspath(path)), {})  # noqa: PTH100
            shown = []
            for name, entry in there.items():
                state = entry.stat(follow_symlinks=False)
                if state.st_ctime <= now - seconds or name in before:
                    shown.append(entry)
                    before[name] = (entry, now)
            for name, (entry, seen) in list(before.items()):
                if name not in there:
                    if now - seen > seconds:
                        del before[name]
                    else:
                        shown.append(entry)
                        hidden += 1
            self._entries = iter(shown)

        def __enter__(self) -> Late:
            return self

        def __exit__(self, *error: object) -> None:
            pass

        def __iter__(self) -> Late:
            return self

        def __next__(self) -> Any:
            return next(self._entries)

        def close(self) -> None:
            pass

    os.scandir = Late  # type: ignore[assignment, misc]
    os.listdir = lambda path=".": [entry.name for entry in Late(path)]  # type: ignore[assignment]
    return lambda: hidden


def publish_many(who: int, number: int, lag: float, old: bool) -> None:
    """Jobs that publish cubes of versions that no other has, here in this folder."""
    from layeratlas.storage import atomic, publish
    from layeratlas.workflow.frame import job
    from made.recording import cube_job, numbers

    refuse_locks()
    hidden = lag_behind(lag)
    if old:
        atomic.lease = lambda path: nullcontext(False)  # type: ignore[assignment]
    replace, draw = os.replace, random.Random(who)

    def slow(source: Any, target: Any, **how: Any) -> None:
        # A network's rename takes its time: two have room to come between each other.
        time.sleep(draw.uniform(0, 0.02))
        replace(source, target, **how)

    os.replace = slow  # type: ignore[assignment]
    for i in range(number):
        version = 2 * i + who
        if i % 2:
            # As scripts do.
            name = draw.choice(CUBES)
            with job(cube_job(name)):
                publish(numbers(version), f"results/smoke/cubes/{name}.zarr.zip",
                        objects="store/objects")  # fmt: skip
        else:
            # As notebooks do, where no job works: both at once, in one place.
            meet(Path("met"), i, who)
            publish(numbers(version), f"shared/{i}.zarr.zip", objects="store/objects")
    print(hidden())


def meet(folder: Path, number: int, who: int) -> None:
    """Wait for the other process."""
    folder.mkdir(exist_ok=True)
    (folder / f"{number}-{who}").touch()
    while not (folder / f"{number}-{1 - who}").exists():
        time.sleep(0.001)


if __name__ == "__main__":
    os.chdir(sys.argv[1])
    publish_many(int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), "old" in sys.argv)
