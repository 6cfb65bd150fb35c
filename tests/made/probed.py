"""Cubes of the repository's probe experiments, really probed, with settings changed where asked."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from layeratlas.config.expansion import describe, expand
from layeratlas.config.experiment import load_experiment
from layeratlas.cubes.assembling import assemble
from layeratlas.kinds import KINDS
from layeratlas.papers import FIGURES
from layeratlas.probes.shard import probe_shard
from layeratlas.runs.sharding import plan_shards

EXPERIMENTS = Path(__file__).parents[2] / "config/experiments"


def probed_cube(
    name: str, *, seeds: int | None = None, grid: dict[str, tuple] | None = None, **sections: Any
) -> xr.DataTree:
    """The cube of experiment `name`, preset smoke; keywords change settings of its sections."""
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
    shards = plan_shards(runs, e.shard_size, KINDS["probe"].members)
    return assemble(**describe(e, runs), measured=[probe_shard(plan) for plan in shards])


class Probed:
    """`cube(name, …)`, and `cubes(figure)` of all that a figure needs, each made once."""

    def __init__(self):
        self.cube = functools.cache(
            lambda name, **changes: probed_cube(name, **{k: _thawed(v) for k, v in changes.items()})
        )

    def cubes(self, figure: str) -> dict[str, xr.DataTree]:
        return {name: self.cube(name) for name in FIGURES[figure].experiments}


def _thawed(value: Any) -> Any:
    return dict(value) if isinstance(value, frozenset) else value


@pytest.fixture(scope="session")
def probed() -> Probed:
    return Probed()
