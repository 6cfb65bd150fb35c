"""The figures of signal propagation over layers and depths, and cubes without a mark."""

from __future__ import annotations

import numpy as np

#: Figures over layers and depths.
OVER_DEPTHS = (
    "alignment_hierarchy",
    "equilibrium_depth_scaling",
    "alignment_by_depth",
    "definitions",
    "peak_table",
    "movement",
)


def without_mark() -> dict[str, dict]:
    """Changes of made-up cubes, by experiment, in which no run came to the mark."""
    reached = np.concatenate([np.ones((4, 3, 1)), np.zeros((4, 3, 1))], -1)
    perceptrons = ("alignment_fashion_mnist", "alignment_mnist", "alignment_cifar10")
    changes = {name: {"reached": reached} for name in perceptrons}
    return changes | {f"alignment_{name}": {"reached": reached[:1]} for name in ("vgg", "resnet")}
