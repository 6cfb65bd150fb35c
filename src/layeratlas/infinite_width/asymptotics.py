"""What the recursions come to in deep networks at the edge of chaos.

    rectifiers   1 − c_l ~ (9π²/2)/(b l)² ,  b_l ~ (l/L)³ ,  l* ~ (9π²/(2 b²))^{1/5} L^{3/5}
    smooth       1 − c_l ~ (2/f″(1))/l ,     b_l ~ (l/L)² ,  l* ~ (2/f″(1))^{1/3} L^{2/3}

The exponent 3/5 is the paper's word, all else derived here (specification §3.1 and §3.2). Depths of
experiments are far from these limits: over L = 10 … 100 the exact crossing has a log-log slope of
0.74 to 0.86, and at L = 10 the asymptote is 8.5 where the crossing is below 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from layeratlas.infinite_width.relu import Rectifier
from layeratlas.infinite_width.smooth import Smooth

__all__ = ["Asymptote", "asymptote", "slope"]


@dataclass(frozen=True)
class Asymptote:
    """1 − c_l ~ `loss` l^{−`decay`} and b_l ~ (l/L)^`rise`."""

    loss: float
    decay: int
    rise: int

    @property
    def exponent(self) -> float:
        """That of L in l*: rise/(rise + decay)."""
        return self.rise / (self.rise + self.decay)

    @property
    def constant(self) -> float:
        """That of l*: loss^{1/(rise + decay)}."""
        return self.loss ** (1 / (self.rise + self.decay))

    def crossing(self, layers):
        """l*_asym = constant · L^exponent."""
        return self.constant * np.asarray(layers, float) ** self.exponent


def asymptote(of: Rectifier | Smooth) -> Asymptote:
    """Of a map at the edge of chaos.

    ValueError off the edge, where correlations settle exponentially and l* or L − l* stays bounded,
    and for a linear network, which loses nothing.
    """
    if isinstance(of, Rectifier):
        if of.gain != 1 or of.bend == 0:
            raise ValueError("asymptotes are those of the edge of chaos, and of no linear network")
        return Asymptote(4.5 * math.pi**2 / of.bend**2, decay=2, rise=3)
    if abs(of.gain - 1) > 1e-4 or of.curvature == 0:
        raise ValueError("asymptotes are those of the edge of chaos, and of no linear network")
    return Asymptote(2 / of.curvature, decay=1, rise=2)


def slope(depths, crossings) -> float:
    """Least-squares slope of log l* over log L."""
    return float(np.polyfit(np.log(depths), np.log(crossings), 1)[0])
