"""The mean loss of one network as a differentiable function of all its parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layeratlas.losses.registry import loss_of
from layeratlas.networks.registry import load_member_loss
from layeratlas.signals.network import Network
from layeratlas.signals.views import Seen

__all__ = ["function", "member_loss", "point", "seed"]


def member_loss(network: Network, batch: Seen) -> tuple[Callable, Any]:
    """Loss on these images and where the network stands, in the precision of training.

    Evaluation mode; see `layeratlas.networks.functional.member_loss`.
    """
    b, shared = network.torch_backend(), network.plan.shared
    return load_member_loss(shared["model"]["family"])(
        network.family,
        b.from_numpy(network.theta[0]),
        b.from_numpy(network.statistics[0]),
        network.settings(b),
        b.from_numpy(batch.x),
        b.from_numpy(batch.targets),
        loss_of(shared["training"]),
    )


def function(loss: tuple[Callable, Any]) -> Callable:
    """The function of `(parameter,)`."""
    return loss[0]


def point(loss: tuple[Callable, Any]) -> Any:
    """All parameters, `(parameter,)`."""
    return loss[1]


def seed(network: Network) -> int:
    """The seed of the only member: what a metric's own random numbers are keyed by."""
    return int(network.members["seed"][0])
