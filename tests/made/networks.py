"""Networks away from their initial values, for comparing two ways of computing them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from layeratlas.networks.mlp import MLP
from layeratlas.networks.residual_mlp import ResidualMLP

MODES = ("running_statistics", "batch_statistics")


def random_ensemble(family, members: int, seed: int):
    """Weights, scales, shifts and running statistics away from their initial values."""
    rng = np.random.default_rng(seed)
    theta, statistics = family.initialize(range(members))
    for name, view in family.parameters.views(theta).items():
        if not name.startswith("weight"):
            view += 0.3 * rng.normal(size=view.shape)
    for view in family.statistics.views(statistics).values():
        view += rng.uniform(0.0, 0.5, size=view.shape)
    return theta, statistics


mlps = st.builds(
    MLP,
    depth=st.integers(1, 4),
    width=st.integers(1, 9),
    n_features=st.integers(1, 7),
    n_classes=st.integers(2, 5),
    batch_norm=st.booleans(),
)
residual_mlps = st.builds(
    ResidualMLP,
    depth=st.integers(3, 6),
    width=st.integers(1, 12),
    branch_scale=st.sampled_from([0.0, 0.3, 0.5**0.5, 1.0]),
    n_features=st.integers(1, 9),
    n_classes=st.integers(2, 5),
)
