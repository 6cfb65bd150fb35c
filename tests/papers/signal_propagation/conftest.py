"""Cubes of alignment made up: what profiles they hold is given."""

from __future__ import annotations

import pytest
from made.hierarchies import affine_cube, hierarchy_cube, hierarchy_cubes


@pytest.fixture(scope="session")
def made_cube():
    return affine_cube


@pytest.fixture(scope="session")
def made_hierarchy():
    return hierarchy_cube


@pytest.fixture(scope="session")
def made_cubes():
    return hierarchy_cubes
