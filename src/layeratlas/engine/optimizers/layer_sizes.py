"""The size of a layer's step, found from its gradient: the rules that `blockwise` offers.

    Δw_l = −η s_l G_l,   |G_l|² = Σ over the trained tensors of layer l

| rule         | s_l                  | a step of layer l                                   |
|--------------|----------------------|-----------------------------------------------------|
| `invariant`  | C_l / (L |G_l|²)     | lowers the loss by η C_l/L at first order           |
| `normalized` | C_l / (|G_l| + 1e-12)| has the length η C_l                                |
| `scaled`     | C_l                  | is the gradient's, times a constant                 |
| `cap`        | min(1, C_l / |G_l|)  | is the gradient's, no longer than η C_l             |

with L the number of layers that have a trained tensor, weight and bias of a layer one block, and
C_l = 1 where no constants are given. `normalized`, `scaled` and `cap` are three readings of Speed
Limited Optimization (Beaglehole, Mitliagkas and Agarwala, "Feature learning as alignment", Fig. 4;
specification §4), `invariant` with C_l = 1 is scale-invariant SGD (Chizat and Netrapalli, "The
Feature Speed Formula", §4.2 and Prop. C.1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from layeratlas.errors import ConfigError

if TYPE_CHECKING:  # constants are counted at planning, which does without arrays
    import numpy as np

RULES = ("invariant", "normalized", "scaled", "cap")
_TINY = 1e-12  # the specification's, added to the norm


def layer_rule(training: Mapping[str, Any]) -> tuple[str, Sequence[float] | None] | None:
    """Rule and constants of a training's optimiser; None where it has no layerwise rule."""
    if training["optimizer"] == "scale_invariant_sgd":
        return "invariant", None
    if training["optimizer"] == "blockwise":
        own = training["optimizer_settings"]
        return own["rule"], own["constants"]
    return None


def constants_of(given: Sequence[float] | None, count: int) -> np.ndarray:
    """C_l of `count` layers, `(layer,)`: those given, or 1; ConfigError for another number."""
    import numpy as np

    if given is None:
        return np.ones(count)
    _refuse_another_number(given, count)
    return np.array(given, float)


def refuse_constants(own: Mapping[str, Any], layers: Callable[[], int]) -> None:
    """ConfigError for constants that are not one of each of the `layers()`, or that are all 0."""
    if own["constants"] is None:
        return
    _refuse_another_number(own["constants"], layers())
    if not any(own["constants"]):
        raise ConfigError(
            "training.optimizer_settings.constants: all are 0, so that no layer would move; use a "
            "number above 0 for one layer at least"
        )


def _refuse_another_number(given: Sequence[float], count: int) -> None:
    if len(given) != count:
        raise ConfigError(
            f"training.optimizer_settings.constants: {len(given)} given, but the network has "
            f"{count} layers that are trained, each of which needs one"
        )


def block_sizes(square, constants, rule: str, count: int):
    """s of every block, of numpy or torch arrays: square `(…, block)`, constants `(block,)`."""
    if rule == "invariant":
        return constants / (count * square)
    if rule == "normalized":
        return constants / (square**0.5 + _TINY)
    if rule == "scaled":
        return constants + 0 * square
    return (constants / square**0.5).clip(max=1)
