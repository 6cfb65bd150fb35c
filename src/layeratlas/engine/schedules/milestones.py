"""A rate that falls after chosen epochs."""

from __future__ import annotations


def factor(step: int, epoch: int, totals, settings) -> float:
    """fⁿ, n the number of `epochs` that are over in epoch e, e − 1 ≥ milestone; f = `factor`."""
    return settings["factor"] ** sum(epoch > passed for passed in settings["epochs"])
