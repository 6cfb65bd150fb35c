"""Cubes that several claims are judged by, and ways to spoil them."""

from __future__ import annotations

import pytest

from layeratlas import papers
from layeratlas.papers.spring_block.noise import noise_axis
from layeratlas.papers.spring_block.panels import DIGITISED


@pytest.fixture(scope="session")
def judge_networks(synthetic):
    """`judge_networks(figure, cubes)`: claims on phase diagrams of networks."""
    return lambda figure, cubes: papers.check(figure, cubes, {DIGITISED: synthetic.REFERENCE})


@pytest.fixture(scope="session")
def check(simulated, synthetic):
    """`check(figure, **replaced)`: claims on simulated chains and made-up networks."""

    def checked(figure, **replaced):
        cubes = simulated.cubes(figure, synthetic) | replaced
        return papers.check(figure, cubes, {DIGITISED: synthetic.REFERENCE})

    return checked


@pytest.fixture(scope="session")
def paper(synthetic):
    return synthetic.paper_cubes()


@pytest.fixture(scope="session")
def laptop(synthetic):
    return synthetic.theory_cubes(synthetic.LAPTOP_GRID, synthetic.LAPTOP_SLOPES, seeds=3)


@pytest.fixture(scope="session")
def replaced():
    """`replaced(cube, node, **variables)`: a cube with other values."""

    def replace(cube, node, **variables):
        copy = cube.copy()
        copy[node].dataset = copy[node].to_dataset(inherit=False).assign(variables)
        return copy

    return replace


@pytest.fixture(scope="session")
def reflected(replaced):
    """`reflected(cube)`: every curve mirrored about its chord, so that convex becomes concave."""

    def reflect(cube):
        D = cube["layers"].to_dataset(inherit=False)["data_separation"]
        first, last = D.isel(layer=0), D.isel(layer=7)
        mirrored = 2 * (first + (last - first) * D["layer"] / 7) - D
        return replaced(cube, "layers", data_separation=mirrored.transpose(*D.dims))

    return reflect


@pytest.fixture(scope="session")
def diverged(replaced):
    """`diverged(cube, slope, column, seeds)`: runs of one cell, by place, are lost."""

    def lose(cube, slope, column, seeds=slice(None)):
        status = cube["/"].to_dataset()["status"].copy(deep=True)
        status[{noise_axis(cube): column, "negative_slope": slope, "seed": seeds}] = 1
        return replaced(cube, "/", status=status)

    return lose


@pytest.fixture(scope="session")
def by_id():
    """`by_id(claims, subject)`: claims of subjects that begin so, by their id."""
    return lambda found, subject: {c.id: c for c in found if c.subject.startswith(subject)}


@pytest.fixture(scope="session")
def verdicts(by_id):
    """`verdicts(claims, subject)`: id → verdict."""
    return lambda found, subject="": {id: c.verdict for id, c in by_id(found, subject).items()}
