"""A correlation layer after layer, forward from the inputs and backward from the read-out.

With c_l the correlation of pre-activations z_l of two inputs, and b_l that of their cotangents,

    c_{l+1} = f(c_l) ;   b_L = 1,  b_l = b_{l+1} f′(c_l)/f′(1) ,

the factor of the backward one normalised, which matters off the edge of chaos. Poole, Lahiri,
Raghu, Sohl-Dickstein and Ganguli, NeurIPS 2016; Schoenholz, Gilmer, Ganguli and Sohl-Dickstein,
ICLR 2017; specification of the signal-propagation paper, §3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Float

__all__ = ["CorrelationMap", "Correlations", "correlations", "network_correlations"]

Loss = Float[np.ndarray, " *pair"]


class CorrelationMap(Protocol):
    """What one layer makes of a correlation c, given and taken as g = 1 − c in [0, 2]."""

    @property
    def shared(self) -> float:
        """σ_b²/q: the part of a pre-activation's variance that is the bias, alike of all inputs."""

    def forward(self, loss: Loss) -> Loss:
        """1 − f(1 − g), with all its digits for small g."""

    def backward(self, loss: Loss) -> Loss:
        """f′(1 − g)/f′(1), by which a backward correlation falls at this layer."""


@dataclass(frozen=True)
class Correlations:
    """`loss` g_l = 1 − c_l and `backward` b_l of every layer, (..., L) both."""

    loss: Float[np.ndarray, "*pair layer"]
    backward: Float[np.ndarray, "*pair layer"]

    @property
    def forward(self) -> Float[np.ndarray, "*pair layer"]:
        """c_l, which near 1 has fewer digits than its loss."""
        return 1 - self.loss


def correlations(
    maps: CorrelationMap | Sequence[CorrelationMap],
    cosine: float | Float[np.ndarray, " *pair"],
    layers: int,
) -> Correlations:
    """Both correlations of `layers` layers from c_1 = `cosine`, of pairs of any shape.

    `maps` is that of every layer, or one for each but the read-out, which has no activation.
    ValueError for cosines outside [−1, 1], fewer than two layers, or too few maps.
    """
    start = np.asarray(cosine, float)
    if not (np.abs(start) <= 1).all():
        raise ValueError("cosines lie between -1 and 1")
    return _from(maps, 1 - start, layers)


def network_correlations(
    maps: CorrelationMap | Sequence[CorrelationMap],
    cosine: float | Float[np.ndarray, " *pair"],
    layers: int,
) -> Correlations:
    """What a network shows: cosines of the inputs a_{l−1} of every layer, and of cotangents.

    Where layers have biases these make pre-activations more alike than what the layer reads:

        1 − c_l = (1 − σ_b²/q_l) (1 − cos(a_{l−1}, a′_{l−1})) .

    `cosine` is that of the network's inputs. Without biases the same as `correlations`.
    """
    start = np.asarray(cosine, float)
    if not (np.abs(start) <= 1).all():
        raise ValueError("cosines lie between -1 and 1")
    own = _each(maps, layers)
    read = 1 - np.array([own[min(k, layers - 2)].shared for k in range(layers)])
    found = _from(maps, (1 - start) * read[0], layers)
    # What the read-out's own bias does to its logits is no layer's input.
    return Correlations(found.loss / read, found.backward)


def _each(maps: CorrelationMap | Sequence[CorrelationMap], layers: int) -> list[CorrelationMap]:
    if layers < 2:
        raise ValueError(f"a correlation is carried from layer to layer: {layers} is too few")
    own = list(maps) if isinstance(maps, Sequence) else [maps] * (layers - 1)
    if len(own) < layers - 1:
        raise ValueError(f"{layers} layers take {layers - 1} maps, not {len(own)}")
    return own


def _from(
    maps: CorrelationMap | Sequence[CorrelationMap], first: np.ndarray, layers: int
) -> Correlations:
    own = _each(maps, layers)
    loss = np.empty((layers, *first.shape))
    backward = np.empty_like(loss)
    loss[0], backward[-1] = first, 1.0
    for k, layer in enumerate(own[: layers - 1]):
        loss[k + 1] = layer.forward(loss[k])
        backward[k] = layer.backward(loss[k])
    for k in range(layers - 2, -1, -1):
        backward[k] *= backward[k + 1]
    return Correlations(np.moveaxis(loss, 0, -1), np.moveaxis(backward, 0, -1))
