"""What became of a run: one number each, the same in shards, probes, chains and cubes."""

from __future__ import annotations

#: It ran to its end; its numbers left the finite ones; the grid asks for it and nothing has it; it
#: ran to its end, and there its numbers are beyond the limit that its settings give; it ran to its
#: end, but its loss, once small, jumped back on the way, by the guard of its settings.
OK, DIVERGED, MISSING, EXPLODED, SPIKED = 0, 1, 2, 3, 4

#: Where a run's settings give no limit of their own: a loss that no network is trained to, a
#: distance that no chain of unit length reaches.
EXPLOSION_LIMIT = 1e6

#: Attributes of a variable `status`, after CF's conventions for flags.
STATUS_ATTRIBUTES = {
    "long_name": "what became of the run",
    "flag_values": [OK, DIVERGED, MISSING, EXPLODED, SPIKED],
    "flag_meanings": "ok diverged missing exploded spiked",
}
