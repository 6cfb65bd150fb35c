"""The tables, a room each."""

from __future__ import annotations

from . import backends, chains, cubes, datasets, engine, metrics, networks, papers, probes

MISTAKES = tuple(
    mistake
    for room in (engine, networks, backends, metrics, probes, chains, cubes, papers, datasets)
    for mistake in room.MISTAKES
)
