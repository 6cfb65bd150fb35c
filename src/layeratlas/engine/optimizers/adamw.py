"""AdamW (Loshchilov and Hutter 2019): Adam whose weight decay stands beside its step.

w ← (1 − η λ) w, then Adam's step of ∂loss/∂w alone (`layeratlas.engine.optimizers.adam`); η is the
rate of the moment, so that a schedule reaches the decay too, as in torch.optim.AdamW.
"""

from __future__ import annotations

from layeratlas.engine.optimizers.adam import Adam


class AdamW(Adam):
    """Carries m and v; takes beta1, beta2, eps and weight_decay λ."""

    decoupled = True
