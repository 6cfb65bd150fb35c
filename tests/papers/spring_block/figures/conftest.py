"""Grids of networks that several figures are drawn from."""

from __future__ import annotations

import pytest

from layeratlas import papers
from layeratlas.papers.spring_block.panels import DIGITISED


@pytest.fixture(scope="session")
def draw_networks(synthetic):
    """`draw_networks(name, cubes)`: a figure of phase diagrams, with the digitised panels."""

    def draw(name, cubes):
        return papers.draw(name, cubes, {DIGITISED: synthetic.REFERENCE})

    return draw


@pytest.fixture(scope="session")
def draw(simulated, synthetic):
    """`draw(name, **replaced)`: a figure with simulated chains and made-up networks.

    Where nothing is replaced it is drawn once for all tests, which only look at it.
    """
    kept = {}

    def drawn(name, **replaced):
        if not replaced and name in kept:
            return kept[name]
        cubes = simulated.cubes(name, synthetic) | replaced
        figure = papers.draw(name, cubes, {DIGITISED: synthetic.REFERENCE})
        return figure if replaced else kept.setdefault(name, figure)

    return drawn


def _with_status(cube, status):
    cube = cube.copy()
    cube["/"].dataset = cube["/"].to_dataset().assign(status=status)
    return cube


@pytest.fixture(scope="session")
def all_lost():
    """`all_lost(cubes)`: every run of every cube diverged."""
    return lambda cubes: {
        name: _with_status(cube, cube["/"].to_dataset()["status"] * 0 + 1)
        for name, cube in cubes.items()
    }


@pytest.fixture(scope="session")
def broken(synthetic):
    """Laptop's grid with one cell lost, and one cell with a seed lost, in panel b."""
    cubes = synthetic.theory_cubes(synthetic.LAPTOP_GRID, synthetic.LAPTOP_SLOPES, seeds=3)
    cube = cubes["phase_diagram_learning_rate"]
    status = cube["/"].to_dataset()["status"].copy(deep=True)
    status[0, 0, :] = 1
    status[0, 1, 2] = 1
    return {**cubes, "phase_diagram_learning_rate": _with_status(cube, status)}
