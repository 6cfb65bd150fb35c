"""Which GPU a job works on, where a machine has several.

Schedulers of clusters hand cards out: a job sees its own in `CUDA_VISIBLE_DEVICES`, and there is
nothing to choose. Snakemake's local executor only counts (`--resources gpu=4`), and all its jobs
would work on the first card. So a job that was given a GPU takes one that no other job of this user
has: it holds a lock on it for as long as it works, which ends with the process, however that ends.
With more jobs at a time than cards, each card gets as many as the next, give or take one.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

VARIABLE = "CUDA_VISIBLE_DEVICES"
#: So many jobs a card are told apart; further ones take what CUDA gives them.
_MOST = 64
_LISTED = re.compile(r"^\s*(GPU|MIG)\b.*\(UUID: ([\w.:/-]+)\)", re.MULTILINE)


def visible_cards(environment: MutableMapping[str, str] = os.environ) -> list[str]:
    """Names of the cards that CUDA would see here, as `CUDA_VISIBLE_DEVICES` takes them.

    Those that it lists already, up to the first that is none (`-1`), as CUDA reads it; else all of
    the machine, by their UUIDs, for CUDA and the driver number them differently.
    """
    given = environment.get(VARIABLE)
    if given is not None:
        names = []
        for name in (part.strip() for part in given.split(",")):
            if not name or name.startswith("-"):
                break
            names.append(name)
        return names
    try:
        done = subprocess.run(
            ["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return listed_cards(done.stdout)


def listed_cards(told: str) -> list[str]:
    """UUIDs in what `nvidia-smi -L` prints: of a card that is cut into instances, those of the
    instances."""
    names: list[str] = []
    whole = None
    for kind, uuid in _LISTED.findall(told):
        if kind == "MIG" and names and names[-1] == whole:
            names.pop()
        names.append(uuid)
        whole = uuid if kind == "GPU" else None
    return names


@contextmanager
def own_card(
    environment: MutableMapping[str, str] = os.environ, folder: Path | None = None
) -> Iterator[str | None]:
    """Work on a card of one's own; yields its name, None where there is nothing to choose.

    While it lasts, `CUDA_VISIBLE_DEVICES` names this card alone: to be entered before CUDA starts.
    `folder` holds the locks, on a disk of this machine.
    """
    cards = visible_cards(environment)
    held = _take(cards, folder or _folder()) if len(cards) > 1 else None
    if held is None:
        yield None
        return
    card, descriptor = held
    before = environment.get(VARIABLE)
    environment[VARIABLE] = card
    try:
        yield card
    finally:
        os.close(descriptor)
        if before is None:
            environment.pop(VARIABLE, None)
        else:
            environment[VARIABLE] = before


def _take(cards: list[str], folder: Path | None) -> tuple[str, int] | None:
    """A card with the fewest jobs, and the lock that is held on it."""
    if folder is None:
        return None
    for place in range(_MOST):
        for card in cards:
            name = re.sub(r"[^\w.-]", "_", card)
            with suppress(OSError):
                # Files stay: one that is removed while another opens it would be locked twice.
                lock = os.open(folder / f"{name}.{place}", os.O_RDWR | os.O_CREAT, 0o600)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    os.close(lock)
                    raise
                return card, lock
    return None


def _folder() -> Path | None:
    """Where this user's locks lie on this machine; None where there can be none, or
    somebody else made that folder."""
    if sys.platform == "win32":
        return None
    folder = Path(tempfile.gettempdir()) / f"layeratlas-cards-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    return folder if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() else None
