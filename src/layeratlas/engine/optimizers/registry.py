"""The list of optimisers: name → class. A new optimiser is one module and one entry here.

And its name and settings in `layeratlas.engine.settings`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layeratlas.engine.optimizers.base import Optimizer

OPTIMIZERS: dict[str, str] = {
    "adam": "layeratlas.engine.optimizers.adam:Adam",
    "sgd": "layeratlas.engine.optimizers.sgd:SGD",
    "scale_invariant_sgd": "layeratlas.engine.optimizers.scale_invariant_sgd:ScaleInvariantSGD",
}


def load_optimizer(name: str) -> type[Optimizer]:
    """The class of the optimiser of that name."""
    module, _, entry = OPTIMIZERS[name].partition(":")
    return getattr(importlib.import_module(module), entry)
