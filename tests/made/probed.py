"""Cubes of the repository's probe experiments, really probed, with settings changed where asked."""

from __future__ import annotations

import functools
from typing import Any

import pytest
import xarray as xr

from layeratlas.papers import FIGURES
from layeratlas.probes.shard import probe_shard
from made.experiments import cube_of


def probed_cube(name: str, **changes: Any) -> xr.DataTree:
    """The cube of experiment `name`, preset smoke; keywords as those of `cube_of`."""
    return cube_of(name, probe_shard, **changes)


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
