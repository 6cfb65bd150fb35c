"""What runs need together: counted without keeping one of them."""

from __future__ import annotations

import dataclasses

import pytest

from layeratlas.config.checkpoints import Checkpoints
from layeratlas.config.demands import MOST_RECORDS, Demands
from layeratlas.errors import ConfigError
from layeratlas.kinds import KINDS
from layeratlas.kinds.memory import MOST_BYTES, Need

CHAIN = KINDS["simulation"]
LENGTH = (("chain", "length"),)


def demands(once: int, each: int, lengths=(10, 20)) -> Demands:
    kind = dataclasses.replace(CHAIN, memory=lambda run: (Need("x", once, each, LENGTH),))
    found = Demands(kind)
    for steps in lengths:
        found.add(kind.settings.model_validate({"chain": {"steps": steps, "length": 3}}))
    return found


def test_lengths_and_their_setting():
    found = demands(0, 0)
    assert (sorted(found.lengths), found.setting) == ([10, 20], "chain.steps")


def test_memory_is_that_of_a_whole_shard():
    every = Checkpoints(every=1)
    demands(MOST_BYTES, 0).refuse(every, 40, 3, "x")
    with pytest.raises(
        ConfigError, match=r"^x: chain\.length 3: a job needs about 4 TiB of memory"
    ):
        demands(MOST_BYTES + 1, 0).refuse(every, 40, 3, "x")
    # Six runs, 21 moments of the longest.
    demands(0, MOST_BYTES // (6 * 21)).refuse(every, 40, 3, "x")
    with pytest.raises(ConfigError, match="shard_size 6 with 21 steps kept of each run"):
        demands(0, MOST_BYTES // (6 * 21) + 1).refuse(every, 40, 3, "x")
    demands(0, MOST_BYTES // (5 * 21)).refuse(every, 5, 3, "x")


def test_rows_of_a_cube_are_bounded():
    every = Checkpoints(every=1)
    seeds = MOST_RECORDS // (11 + 21)
    demands(0, 0).refuse(every, 40, seeds, "x")
    with pytest.raises(ConfigError, match=f"x: checkpoints: {(seeds + 1) * 32} steps are kept of"):
        demands(0, 0).refuse(every, 40, seeds + 1, "x")
