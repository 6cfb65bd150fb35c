"""Chain monomials: a quadratic form of few entries (alignment paper, §2.1 of its specification).

    y(x) = Σ_{k=1…r} x_{k mod r} x_{(k+1) mod r},    x ~ N(0, 1_d)

r is `period`, d `dimension`: y = ½ xᵀA x with A the adjacency matrix of the r-cycle, so E[y] = 0
and, for r ≥ 3, E[y²] = r.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # settings are checked at planning, which does without arrays
    import numpy as np

    from layeratlas.datasets.generators.draw import Draw


def check(settings: Mapping[str, Any]) -> None:
    """ValueError where the cycle has more entries than an input."""
    d, r = settings["dimension"], settings["period"]
    if r > d:
        raise ValueError(f"period {r} is more than dimension {d}; use at most {d}")


def draw(draw: Draw) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (sample, dimension) and targets (sample,), float64."""
    d, r = draw.settings["dimension"], draw.settings["period"]
    x = draw.rng.standard_normal((draw.n, d))
    cycle = x[:, :r]
    return x, (cycle * cycle[:, [*range(1, r), 0]]).sum(axis=1)
