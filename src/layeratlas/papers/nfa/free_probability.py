"""Where C-NFC begins, from moments of data: one hidden layer of squares (specification §5.3, §5.4).

    F'' ∝ A M A,   G'' ∝ A M B M A,   A = (1/n) Xᵀ diag(y) X,  B = (1/n) XᵀX,  M = W₀ᵀ diag(a²) W₀

M is free of A and B as d grows, so that traces of products become mixed moments: sums over
non-crossing partitions of free cumulants κ_m of M times traces of the data alone. Derived for this
project, not quoted from the paper.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.signals.data_moments import MOMENTS

__all__ = ["cumulants_of_signs", "early_correlation", "mixed_moments", "predicted", "whitened"]


def cumulants_of_signs(width: int, dimension: int) -> tuple[float, ...]:
    """κ₁ … κ₄ of M for a_i = ±1 and w_i ~ N(0, 1/d): all k/d (free Poisson)."""
    return (width / dimension,) * 4


def cumulants_of_gaussians(width: int, dimension: int) -> tuple[float, ...]:
    """κ_m = (k/d) (2m − 1)!! for Gaussian a_i."""
    return tuple(width / dimension * math.prod(range(1, 2 * m, 2)) for m in range(1, 5))


def mixed_moments(traces: Mapping[str, Any], kappa: Sequence[float]) -> tuple[Any, Any, Any]:
    """T₂ = φ(F''F''), T₃ = φ(F''G'') and T₄ = φ(G''G''), of traces by name and κ₁ … κ₄."""
    k1, k2, k3, k4 = kappa
    a, aa, b, bb = (traces[name] for name in ("a2", "a4", "b", "b2"))
    ba, bba, baa, baba = (traces[name] for name in ("ba2", "b2a2", "ba4", "ba2ba2"))
    t2 = k2 * a**2 + k1**2 * aa
    t3 = k1**3 * baa + k1 * k2 * (2 * a * ba + b * aa) + k3 * a**2 * b
    t4 = (
        k1**4 * baba
        + k1**2 * k2 * (2 * b * baa + 2 * a * bba + 2 * ba**2)
        + k2**2 * (b**2 * aa + a**2 * bb)
        + 4 * k1 * k3 * b * a * ba
        + k4 * b**2 * a**2
    )
    return t2, t3, t4


def early_correlation(traces: Mapping[str, Any], kappa: Sequence[float]) -> Any:
    """ρ(F'', G'') = T₃/√(T₂ T₄)."""
    t2, t3, t4 = mixed_moments(traces, kappa)
    return t3 / np.sqrt(t2 * t4)


def predicted(
    traces: xr.DataArray,
    width: int,
    dimension: int,
    law: Callable[[int, int], Sequence[float]] = cumulants_of_signs,
) -> xr.DataArray:
    """The same of `moment_traces` of a cube, (…, moment)."""
    named = {name: traces.isel(moment=at, drop=True) for at, name in enumerate(MOMENTS)}
    return early_correlation(named, law(width, dimension))


def whitened(c: Any, r: Any) -> Any:
    """ρ of inputs with B = 1: c = k/d, r = φ(A⁴)/φ(A²)² ≥ 1.

        [(1 + c)(1 + c r) + c]/√((1 + c r)(1 + c)[(1 + 4c) + c (1 + c) r])

    At least 5/√28 = 0.944911, at c = r = 1; 1 where either is large.
    """
    return ((1 + c) * (1 + c * r) + c) / np.sqrt(
        (1 + c * r) * (1 + c) * ((1 + 4 * c) + c * (1 + c) * r)
    )


def first_step_and_target(c: Any, r: Any) -> Any:
    """ρ(F'', EGOP) of whitened inputs and a quadratic form as target: 1/√(1 + 1/(c r))."""
    return 1 / np.sqrt(1 + 1 / (c * r))
