"""The list of initial-value rules: name → function. A new rule is one module and one entry here.

And its name in `layeratlas.networks.settings`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np

    from layeratlas.networks.layout import ParameterTensor

RULES: dict[str, str] = {
    "uniform_fan_in": "layeratlas.networks.initialization.uniform_fan_in:uniform_fan_in",
    "kaiming_normal": "layeratlas.networks.initialization.kaiming_normal:kaiming_normal",
}


class Rule(Protocol):
    """Draws one weight or bias of a layer."""

    def __call__(
        self, stream: np.random.Generator, tensor: ParameterTensor, fan_in: int
    ) -> np.ndarray | float:
        """Values of the tensor's shape, or one for all; fan_in: inputs of one output."""


def load_rule(name: str) -> Rule:
    """The rule of that name."""
    module, _, function = RULES[name].partition(":")
    return getattr(importlib.import_module(module), function)
