"""A rate that falls by the same factor every so many epochs."""

from __future__ import annotations


def factor(step: int, epoch: int, totals, settings) -> float:
    """fⁿ, n = ⌊(e − 1)/k⌋ in epoch e = 1, 2, …; f = `factor`, k = `every`."""
    return settings["factor"] ** ((epoch - 1) // settings["every"])
