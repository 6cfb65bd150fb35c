"""The guard against loss spikes: who was trained, and then jumped back.

A run has spiked where, at any time after its loss first was below `below`, it was above `above`. It
is the losses of epochs that count: with `batch_size: full` those of the whole training set, each
before its step. Nothing is stopped by it, and no number moves: a run that spiked has that `status`.

Source: specification of the alignment paper, §3.4 (runs at the edge of stability end elsewhere).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

__all__ = ["spiked"]


def spiked(losses: np.ndarray, guard: Mapping[str, float] | None) -> np.ndarray:
    """`(run,)`: who jumped back, of losses `(run, time)`, NaN after a run's end.

    guard: the plain settings `training.loss_spike`, `above` no less than `below`; None: nobody did.
    """
    if guard is None:
        return np.zeros(len(losses), bool)
    was_below = np.logical_or.accumulate(losses < guard["below"], axis=1)
    return np.asarray((was_below & (losses > guard["above"])).any(axis=1))
