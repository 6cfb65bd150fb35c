"""A trained shard."""

from __future__ import annotations

import pytest

from layeratlas.backends import get_backend
from layeratlas.engine.loop import train_shard
from layeratlas.networks.registry import create_family


@pytest.fixture
def trained(make_plan, clouds):
    """Three runs that were trained, the second of which diverges: (plan, family, result)."""
    plan = make_plan(
        3,
        model={"batch_norm": True},
        training={"optimizer": "sgd", "epochs": 3},
        learning_rate=(1e-2, 1e308, 3e-2),
        checkpoints=(0, 2, 3),
        dtype="float32",
    )
    images, labels = clouds(n=50, d=8)
    backend = get_backend("cpu", "float32")
    result = train_shard(plan, images, labels, n_outputs=3, backend=backend)
    return plan, create_family(plan.shared["model"], (8,), 3), result
