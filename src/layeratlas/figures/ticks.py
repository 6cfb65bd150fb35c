"""Ticks of axes of numbers, as many as a reader needs; of logarithmic ones in plain digits."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, Locator, MaxNLocator, NullLocator

__all__ = ["PlainLog", "few_ticks", "plain_log"]

#: Multiples of powers of ten, coarse first.
_MULTIPLES = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0))


class PlainLog(Locator):
    """Three to about `most` round numbers, however much of a decade the axis spans."""

    def __init__(self, most: int = 6):
        self._most = most

    def __call__(self):
        return self.tick_values(*self.axis.get_view_interval())

    def tick_values(self, vmin, vmax):
        low, high = sorted((float(vmin), float(vmax)))
        if not 0 < low < high < np.inf:
            return np.array([])
        decades = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
        for multiples in _MULTIPLES:
            ticks = np.outer(decades, multiples).ravel()
            seen = ticks[(ticks >= low * (1 - 1e-9)) & (ticks <= high * (1 + 1e-9))]
            if len(seen) >= 3:
                return seen[:: -(-len(seen) // self._most)]
        return MaxNLocator(4).tick_values(low, high)


def plain_log(axis: Axis, *, most: int = 6) -> None:
    """Mark a logarithmic axis with round numbers in plain digits: 0.5, 1, 2, not 5 × 10⁻¹."""
    axis.set_major_locator(PlainLog(most))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def few_ticks(axes: Axes, ways: str = "xy") -> None:
    """About four ticks, three at least, on linear axes of a small panel."""
    for way in ways:
        locator = MaxNLocator(4, min_n_ticks=3, steps=[1, 2, 5, 10])
        getattr(axes, f"{way}axis").set_major_locator(locator)
