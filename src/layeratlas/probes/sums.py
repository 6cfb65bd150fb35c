"""Sums and norms over samples and units, `(…, sample, unit)` → `(…)`.

In one order whatever the layout in memory, which settings beside these would change.
"""

from __future__ import annotations

import numpy as np

__all__ = ["norm", "rms", "total"]


def total(x) -> np.ndarray:
    """Σ x."""
    return np.ascontiguousarray(x).reshape(*x.shape[:-2], -1).sum(axis=-1)


def norm(x) -> np.ndarray:
    """|x|."""
    return np.sqrt(total(x * x))


def rms(x) -> np.ndarray:
    """|x|_rms = |x|/√(samples · units)."""
    return norm(x) / np.sqrt(x.shape[-1] * x.shape[-2])
