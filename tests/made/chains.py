"""Chains at several frictions and noises, for a library and for what is fitted with it."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.chains.integrators import first_order

FRICTION = np.array([0.0, 0.04, 0.08, 0.12])
NOISE = np.array([0.0, 0.05, 0.1, 0.2, 0.5])
STEPS = np.unique(np.round(np.r_[0, np.geomspace(10, 8000, 50)]).astype(int))
EPOCHS = np.arange(41)


def chains(friction, noise, seeds, record=STEPS):
    """y − x_l of chains of 7 blocks, `(friction, noise, seed, step, layer)`."""
    F, N, S = np.meshgrid(friction, noise, seeds, indexing="ij")
    D = first_order(
        length=7, steps=int(STEPS[-1]), record=list(record), seeds=list(S.ravel()),
        friction_right=F.ravel(), friction_left=0.15, noise=N.ravel(),
    )  # fmt: skip
    return D.reshape(*F.shape, len(record), 8)


@pytest.fixture(scope="session")
def separation():
    """`chains` of a library."""
    found = chains(FRICTION, NOISE, range(1, 7))
    found.flags.writeable = False  # several rooms share it
    return found
