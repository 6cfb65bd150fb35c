"""Signals of single images: the features of each layer, and what is true of the images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from layeratlas.signals.network import Network
from layeratlas.signals.views import Seen

__all__ = ["features", "targets"]


def features(network: Network, batch: Seen) -> Iterator[Any]:
    """Of layers 0 … L, `(member, sample, feature)`; dropout off."""
    for layer in network.features(batch.x, batch.view.batch_norm):
        yield layer.values


def targets(network: Network, batch: Seen) -> Any:
    """In the library of the features."""
    return network.array(batch.targets)
