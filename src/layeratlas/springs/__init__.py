"""The spring–block model of feature learning (Shi, Pan and Dokmanić; spec. §3).

Blocks x_1 … x_L in a row on a rough floor, joined by springs; x_0 = 0 is a wall, x_{L+1} = y
pulls. Block ↔ hidden layer, elongation ↔ load, friction ↔ nonlinearity, shaking ↔ training
noise. The quantity to compare with a network's data separation D_l is y − x_l, l = 0 … L.

- `first_order`: overdamped, noise inside the friction threshold (§3.2): phase diagrams.
- `second_order`: with inertia and sign friction (§3.3).
- `layeratlas.theory.springs`: exact noise-free and stationary states (§3.4).

Chains are vectorised: every setting is one number a chain, shapes `(chain, record, layer)`.
"""

from __future__ import annotations

__all__ = ["first_order", "second_order"]


def __getattr__(name: str):
    if name in __all__:
        from layeratlas.springs import chains

        return getattr(chains, name)
    raise AttributeError(f"module 'layeratlas.springs' has no attribute {name!r}")
