"""The learning rate as it is: the schedule of no schedule, for a grid that compares."""

from __future__ import annotations


def factor(step: int, epoch: int, totals, settings) -> float:
    """1."""
    return 1.0
