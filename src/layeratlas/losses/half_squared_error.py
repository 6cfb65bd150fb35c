"""Half squared error: the mean over samples of ½ Σ_o (f_o − y_o)².

y is the target: numbers, or a class c as e_c or e_c − 1/C (`losses.encoding`). It is C/2 times the
mean squared error of C outputs.
"""

from __future__ import annotations

from layeratlas.losses.squares import SquaredLoss


class HalfSquaredError(SquaredLoss):
    """See `layeratlas.losses.base.Loss`."""

    def factor(self, n_outputs: int) -> float:
        return 0.5
