"""Where what is left forward and backward is in balance: the equilibrium layer.

Forward information g_l = 1 − fc_l falls with depth, backward information b_l = bc_l rises. The
layer l* is their crossing, linearly interpolated; 1 where b_1 is above g_1 already, L where they
never cross. That this definition gives the published L^{3/5} is derived; the paper's own
normalisation is not known (specification §2.6).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from layeratlas.infinite_width.recursion import CorrelationMap, correlations

__all__ = ["crossing", "crossing_of", "crossings_over_depth"]


def crossing(
    loss: Float[np.ndarray, "*network layer"], backward: Float[np.ndarray, "*network layer"]
) -> Float[np.ndarray, " *network"]:
    """l* in [1, L] of every network; layers that are NaN, the last ones, are not there.

    NaN where no layer is there.
    """
    apart = np.asarray(backward, float) - np.asarray(loss, float)
    there = np.isfinite(apart)
    depth = there.sum(-1)
    above = there & (apart > 0)
    # The first layer where backward information is the larger, L where there is none.
    k = np.where(above.any(-1), above.argmax(-1), 0)[..., None]
    after = np.take_along_axis(apart, k, -1)[..., 0]
    before = np.take_along_axis(apart, np.maximum(k - 1, 0), -1)[..., 0]
    k = k[..., 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        between = k + before / (before - after)
    found = np.where(k > 0, between, 1.0)
    found = np.where(above.any(-1), found, depth)
    return np.where(depth > 0, found, np.nan)


def crossing_of(
    maps: CorrelationMap, cosine: float | Float[np.ndarray, " *pair"], layers: int
) -> Float[np.ndarray, " *pair"]:
    """l*_mf of networks of `layers` layers, by the recursion from `cosine`."""
    found = correlations(maps, cosine, layers)
    return crossing(found.loss, found.backward)


def crossings_over_depth(
    maps: CorrelationMap, cosine: float, depths: Float[np.ndarray, " depth"]
) -> Float[np.ndarray, " depth"]:
    """l*_mf at each of several depths L, from one recursion of the deepest.

    b_l of a network of L layers is the product from l to L − 1, a ratio of two of the deepest's.
    """
    depths = np.asarray(depths, int)
    deepest = correlations(maps, cosine, int(depths.max()))
    return np.array(
        [
            crossing(deepest.loss[..., :depth], deepest.backward[..., :depth] / last)
            for depth, last in zip(depths, deepest.backward[..., depths - 1], strict=True)
        ]
    )
