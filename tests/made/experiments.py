"""Experiments of the repository, preset smoke, really run with settings changed where asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import xarray as xr

from layeratlas.config.expansion import describe, expand
from layeratlas.config.experiment import load_experiment
from layeratlas.cubes.assembling import assemble
from layeratlas.kinds import KINDS
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.sharding import plan_shards

EXPERIMENTS = Path(__file__).parents[2] / "config/experiments"


def cube_of(
    name: str,
    run_shard: Callable[[ShardPlan], xr.DataTree],
    *,
    seeds: int | None = None,
    grid: dict[str, tuple] | None = None,
    **sections: Any,
) -> xr.DataTree:
    """The cube of experiment `name` whose shards `run_shard` makes.

    Keywords change settings of their sections.
    """
    e = load_experiment(name, "smoke", EXPERIMENTS)
    settings = {**e.settings}
    for section, changes in sections.items():
        settings[section] = {**settings.get(section, {}), **changes}
    changes: dict[str, Any] = {"settings": settings}
    if seeds is not None:
        changes["seeds"] = tuple(range(1, seeds + 1))
    if grid is not None:
        changes["grid"] = grid
    e = e.model_copy(update=changes)
    runs = expand(e)
    shards = plan_shards(runs, e.shard_size, KINDS[e.kind].members)
    return assemble(**describe(e, runs), measured=[run_shard(plan) for plan in shards])
