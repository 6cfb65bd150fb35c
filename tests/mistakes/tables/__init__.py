"""The tables, a room each."""

from __future__ import annotations

from . import (
    alignment,
    backends,
    chains,
    config,
    cubes,
    datasets,
    engine,
    feature_speed,
    losses,
    metrics,
    networks,
    nfa,
    probes,
    signal_propagation,
    spring_block,
    tangent,
)

MISTAKES = tuple(
    mistake
    for room in (
        engine, networks, losses, backends, metrics, probes, chains, cubes, spring_block,
        feature_speed, signal_propagation, datasets, tangent, alignment, config, nfa,
    )
    for mistake in room.MISTAKES
)  # fmt: skip
