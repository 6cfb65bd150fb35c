"""Sizes of the parameters of affine maps, now and before training. No torch.

Source: Lou, Mingard and Hayou, ICML 2022, arXiv:2110.11749; specification §2.7.
"""

from __future__ import annotations

import numpy as np

from layeratlas.networks.affine import Affine
from layeratlas.signals.network import Network

__all__ = ["initial_parameter_square", "parameter_square"]


def parameter_square(network: Network) -> list[np.ndarray]:
    """|W|² + |b|² of every map, `(member,)`."""
    return _squares(network, network.theta)


def initial_parameter_square(network: Network) -> list[np.ndarray]:
    """The same before training."""
    if network.initial is None:
        raise ValueError("weights before training were not kept")
    return _squares(network, network.initial)


def _squares(network: Network, theta: np.ndarray) -> list[np.ndarray]:
    views = network.family.parameters.views(theta)
    return [
        sum(
            (
                _square(_part_of(views[name], affine))
                for name in (affine.weight, affine.bias)
                if name is not None
            ),
            np.zeros(network.size),
        )
        for affine in network.affines
    ]


def _part_of(tensor: np.ndarray, affine: Affine) -> np.ndarray:
    """The rows of a tensor that are a map's, which may be a part of another."""
    if affine.part is None:
        return tensor
    at, of = affine.part
    return np.split(tensor, of, axis=1)[at]


def _square(tensor: np.ndarray) -> np.ndarray:
    """`(member,)`, in double precision."""
    flat = np.asarray(tensor, np.float64).reshape(len(tensor), -1)
    return np.einsum("mi,mi->m", flat, flat)
