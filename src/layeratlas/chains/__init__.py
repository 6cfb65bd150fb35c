"""The spring–block model of feature learning (Shi, Pan and Dokmanić; spec. §3).

Blocks x_1 … x_L in a row on a rough floor, joined by springs; x_0 = 0 is a wall, x_{L+1} = y
pulls. Block ↔ hidden layer, elongation ↔ load, friction ↔ nonlinearity, shaking ↔ training
noise. The quantity to compare with a network's data separation D_l is y − x_l, l = 0 … L.

- `integrators.first_order`: overdamped, noise inside the friction threshold (§3.2): phase diagrams.
- `integrators.second_order`: with inertia and sign friction (§3.3).
- `fits`: which chain of a library behaves like a curve.

Chains are vectorised: every setting is one number a chain, shapes `(chain, record, layer)`.
"""
