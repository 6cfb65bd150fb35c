"""What a network gives of each image, and how far that is from the labels.

The residual w = ∂(Σ loss)/∂f, of cross-entropy softmax(f) − Y, `(sample, output)`, and the labels Y
as tangent kernels know them (`layeratlas.signals.tangent.targets`).

Source: Lou, Mingard and Hayou, ICML 2022, arXiv:2110.11749; specification §2.7.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from layeratlas.losses.registry import loss_of
from layeratlas.signals.network import Network
from layeratlas.signals.tangent.targets import label_matrix
from layeratlas.signals.views import Seen

__all__ = ["logits", "residual_sums"]


def logits(network: Network, batch: Seen) -> Any:
    """f, what the last layer gives, `(member, sample, output)`; dropout off."""
    for layer in network.features(batch.x, batch.view.batch_norm):
        last = layer.values
    # The next pass writes where this one did.
    return network.array(network.backend.to_numpy(last))


def residual_sums(network: Network, logits: Any, batch: Seen) -> tuple[np.ndarray, ...]:
    """Sums over images: w·Y, |w|², |Y|², each `(member,)`, w and Y, `(member, output)` each.

    From them follow all inner products with labels about their mean, however many batches they
    come in; double precision keeps what is left of them.
    """
    z = torch.as_tensor(network.backend.to_numpy(logits)).double()
    y = label_matrix(torch.as_tensor(batch.targets), z.shape[-1])
    targets = torch.as_tensor(batch.targets)
    targets = targets.double() if targets.is_floating_point() else targets
    loss = loss_of(network.plan.shared["training"])
    w = loss.gradient(z, targets.expand(len(z), *targets.shape))
    y = y.expand(len(z), *y.shape)
    sums = ((w * y).sum((1, 2)), (w**2).sum((1, 2)), (y**2).sum((1, 2)), w.sum(1), y.sum(1))
    return tuple(one.numpy() for one in sums)
