"""What a network gives of each image."""

from __future__ import annotations

from typing import Any

from layeratlas.signals.network import Network
from layeratlas.signals.views import Seen

__all__ = ["logits"]


def logits(network: Network, batch: Seen) -> Any:
    """f, what the last layer gives, `(member, sample, output)`; dropout off."""
    for layer in network.features(batch.x, batch.view.batch_norm):
        last = layer.values
    # The next pass writes where this one did.
    return network.array(network.backend.to_numpy(last))
