"""Memory that a job needs, from its settings alone: enough to see what no machine holds.

A lower estimate: what must be there at once, without copies, buffers or libraries.
"""

from __future__ import annotations

from typing import NamedTuple

MOST_BYTES = 4 << 40
"""What the largest machines have; a job that needs more is refused."""

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


class Need(NamedTuple):
    """Bytes for one thing: `once` a job, and `each` for every run of a shard and kept moment.

    `settings` are the paths of what it grows with. What is `stored` lies on the disk.
    """

    what: str
    once: int
    each: int
    settings: tuple[tuple[str, str], ...]
    stored: bool = False


def in_words(size: int) -> str:
    """A number of bytes with two digits and its unit."""
    unit, value = 0, float(size)
    while value >= 1024 and unit < len(_UNITS) - 1:
        unit, value = unit + 1, value / 1024
    return f"{value:.2g} {_UNITS[unit]}" if value < 100 else f"{value:.0f} {_UNITS[unit]}"
