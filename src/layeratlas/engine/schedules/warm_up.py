"""Warm-up: the rate grows with the steps to its full size, then stays."""

from __future__ import annotations


def factor(step: int, epoch: int, totals, settings) -> float:
    """min(1, t/n) at step t = 1, 2, …; n = `steps`."""
    return min(1.0, step / settings["steps"])
