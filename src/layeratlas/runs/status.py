"""What became of a run: one number each, the same in shards, probes, chains and cubes."""

from __future__ import annotations

#: It ran to its end; its numbers left the finite ones; the grid asks for it and nothing has it.
OK, DIVERGED, MISSING = 0, 1, 2

#: Attributes of a variable `status`, after CF's conventions for flags.
STATUS_ATTRIBUTES = {
    "long_name": "what became of the run",
    "flag_values": [OK, DIVERGED, MISSING],
    "flag_meanings": "ok diverged missing",
}
