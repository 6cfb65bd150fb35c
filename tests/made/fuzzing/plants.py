"""Faults to plant: a reader, here that of claims or of identities, that does what none may do.

An instrument that has never seen a fault has shown nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from made.fuzzing import guard
from made.fuzzing.documents import OUTSIDE


def _reads(act: Callable[..., Any]) -> None:
    """Make `act` a part of what shows the claims of a figure."""
    from layeratlas.claims import scoreboard

    shown = scoreboard.scoreboard

    def show(*arguments: Any, **options: Any) -> Any:
        act()
        return shown(*arguments, **options)

    scoreboard.scoreboard = show


def raises() -> None:
    def act() -> None:
        raise KeyError("planted")

    _reads(act)


def never_ends() -> None:
    guard.CPU_SECONDS = 1

    def act() -> None:
        while True:
            pass

    _reads(act)


def waits() -> None:
    def act() -> None:
        time.sleep(600)

    _reads(act)


def fills_memory() -> None:
    _reads(lambda: bytearray(os.urandom(1)) * (1100 << 20))


def dies() -> None:
    _reads(os.abort)


def writes_outside() -> None:
    _reads(lambda: Path(f"{OUTSIDE}/planted").write_text("x"))


def reads_outside() -> None:
    _reads(lambda: Path("../outside/secret.json").read_bytes())


def prints_escapes() -> None:
    _reads(lambda: print("\x1b[31mred"))


def tells_too_much() -> None:
    import sys

    _reads(lambda: print("x" * 1000, file=sys.stderr))


def names_nothing() -> None:
    from layeratlas.errors import StoreError

    def act() -> None:
        raise StoreError("something is wrong somewhere")

    _reads(act)


def believes_everything() -> None:
    """Identities are what the bytes say, whatever they are, and `verify` is content."""
    from layeratlas.figures import output
    from layeratlas.provenance.store import verify

    check = verify.verify

    def content(*arguments: Any, **options: Any) -> Any:
        return check(*arguments, **options).assign(status="ok", problem=None)

    output.read_identity = lambda path: {"bytes": str(Path(path).read_bytes())}
    verify.verify = content


def verify_stops() -> None:
    from layeratlas.errors import StoreError
    from layeratlas.provenance.store import verify

    def stop(*arguments: Any, **options: Any) -> Any:
        raise StoreError("first_order_chain.claims.json is bad")

    verify.verify = stop


def pins_raise() -> None:
    from layeratlas.provenance.store import pins

    def stop(*arguments: Any, **options: Any) -> Any:
        raise KeyError("planted")

    pins.pins = stop
