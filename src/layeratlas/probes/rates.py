"""Learning rates of one gradient step, `(setting, L)`: balanced or given, 0 for frozen layers.

Symbols as in `layeratlas.probes`.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from layeratlas.networks.scalings import ScalingError
from layeratlas.probes.passes import Pass

__all__ = ["balanced_rates", "trained_rates"]


def trained_rates(
    point: Pass,
    trained="hidden",
    learning_rates=None,
    *,
    dead: Literal["raise", "nan"] = "raise",
) -> np.ndarray:
    """η `(setting, L)` of a probe, 0 for frozen layers.

    trained: `hidden` (first and last matrix frozen, as in the paper's figures), `all`, or booleans
    `(L,)`; learning_rates: η `(L,)` or `(setting, L)`, by default balanced. ValueError if `trained`
    is unknown or does not fit; `dead`, and ScalingError, as in `balanced_rates`.
    """
    depth, settings = point.network.depth, point.network.settings
    if isinstance(trained, str):
        if trained not in ("hidden", "all"):
            raise ValueError(f"trained must be 'hidden', 'all' or booleans, not {trained!r}")
        layers = np.arange(1, depth + 1)
        mask = (layers > 1) & (layers < depth) if trained == "hidden" else layers > 0
    else:
        mask = np.asarray(trained, bool)
        if mask.shape != (depth,):
            raise ValueError(f"trained must have {depth} entries, not shape {mask.shape}")
    if learning_rates is None:
        return balanced_rates(point, mask, dead=dead)
    return np.broadcast_to(np.asarray(learning_rates, float), (settings, depth)) * mask


def balanced_rates(
    point: Pass, trained: np.ndarray | None = None, *, dead: Literal["raise", "nan"] = "raise"
) -> np.ndarray:
    """η_l = 1/(L |G_l|²) for trained layers, else 0: every C_l is 1/L, `(setting, L)`.

    trained: booleans `(L,)`, by default all. Where a trained layer has no gradient nothing balances
    it: ScalingError, or, with dead="nan", NaN for all layers of that setting.
    """
    depth = point.network.depth
    trained = np.ones(depth, bool) if trained is None else np.asarray(trained, bool)
    square = point.gradient_square[:, 1:]
    lost = (square[:, trained] == 0).any(axis=1)
    if lost.any() and dead == "raise":
        raise ScalingError("a trained layer has gradient zero: no learning rate balances it")
    with np.errstate(divide="ignore"):
        rates = np.where(trained, 1 / (depth * square), 0.0)
    rates[lost] = np.nan
    return rates
