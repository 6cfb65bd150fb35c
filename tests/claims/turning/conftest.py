"""One perturbed grid, its numbers and its cube."""

from __future__ import annotations

import numpy as np
import pytest
from made import turnable


@pytest.fixture(scope="session")
def values() -> np.ndarray:
    return turnable.numbers(np.random.default_rng(0))


@pytest.fixture(scope="session")
def cubes(values):
    return {turnable.EXPERIMENT: turnable.cube(values)}
