"""The alignment reversing data set (alignment paper, §2.3 of its specification).

A part γ of the samples (`balance`) has target 1, the rest 0:

    target 1:  x ~ N(0, diag(1 … 1, ε₁ … ε₁)), one half of the entries each
    target 0, `low_rank`:  the last q = max(1, ⌊d/256⌋) entries N(0, τ d/q), the others zero
    target 0, `inverse`:   N(0, S),  S = τ d Z/tr Z,  Z = (M A² M + δ tr(M A² M)/d · 1)⁻¹

with A = XᵀX/n of the samples of target 1 and M = W₀ᵀW₀ of the initial weights of the network
`layeratlas.networks.zoo.quadratic` of `width` units and seed `network_seed`. ⌊γ n⌋ samples have
target 1; they come first. What the paper chooses the second part by is not known: `low_rank` is
derived, `inverse` recalled. Data of `inverse` depend on the weights, so that prediction from free
moments fails for them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from layeratlas.tables import resolve

if TYPE_CHECKING:  # settings are checked at planning, which does without arrays
    import numpy as np

    from layeratlas.datasets.generators.draw import Draw

#: By name: networks stand above data, and only one variant asks for one.
_WEIGHTS = "layeratlas.networks.zoo.quadratic:initial_weights"


#: Settings of one variant alone, at their defaults.
_OF_INVERSE = {"width": 1024, "network_seed": 1, "ridge": 1e-3}


def check(settings: Mapping[str, Any]) -> None:
    """ValueError for settings of a network under the variant that knows none."""
    variant = settings.get("variant", "low_rank")
    if variant == "inverse":
        return
    for name, default in _OF_INVERSE.items():
        if settings.get(name, default) != default:
            raise ValueError(
                f"{name} {settings[name]:g} is of the variant 'inverse', and variant is "
                f"{variant!r}; leave it out, or give variant: inverse"
            )


def draw(draw: Draw) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (sample, dimension) and targets (sample,), float64."""
    import numpy as np

    d, n = draw.settings["dimension"], draw.n
    # A γ n that is whole but for rounding is that number.
    ones = math.floor(draw.settings["balance"] * n * (1 + 1e-12))
    x = draw.rng.standard_normal((n, d))
    x[:ones, d // 2 :] *= math.sqrt(draw.settings["epsilon"])
    if draw.settings.get("variant", "low_rank") == "inverse":
        x[ones:] = x[ones:] @ _root(x[:ones], draw.settings).T
    else:
        q = max(1, d // 256)
        x[ones:, : d - q] = 0.0
        x[ones:, d - q :] *= math.sqrt(draw.settings["tau"] * d / q)
    return x, (np.arange(n) < ones).astype(float)


def _root(x: np.ndarray, settings: Mapping[str, Any]) -> np.ndarray:
    """A square root of S, `(dimension, dimension)`."""
    import numpy as np

    # Settings that came later are left out at their defaults.
    settings = {**_OF_INVERSE, **settings}
    d = settings["dimension"]
    w = resolve(_WEIGHTS)(d, settings["width"], settings["network_seed"]).numpy()
    m, a = w.T @ w, x.T @ x / max(1, len(x))
    values, vectors = np.linalg.eigh(m @ a @ a @ m)
    values = np.maximum(values, 0)
    # Without a sample of target 1 no direction is any other's better.
    inverse = 1 / (values + settings["ridge"] * values.sum() / d) if values.any() else np.ones(d)
    return vectors * np.sqrt(settings["tau"] * d * inverse / inverse.sum())
