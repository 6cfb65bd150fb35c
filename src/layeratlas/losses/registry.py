"""The list of losses: name → class. A new loss is one module and one entry here.

And its name in `layeratlas.engine.settings`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layeratlas.losses.base import Loss

LOSSES: dict[str, str] = {
    "cross_entropy": "layeratlas.losses.cross_entropy:CrossEntropy",
    "mean_squared_error": "layeratlas.losses.mean_squared_error:MeanSquaredError",
}


def load_loss(name: str) -> Loss:
    """The loss of that name."""
    module, _, entry = LOSSES[name].partition(":")
    return getattr(importlib.import_module(module), entry)()
