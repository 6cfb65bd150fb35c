"""The table of optimisers. A new one is one function, or one class, and one entry.

    OPTIMIZERS.add(OptimizerEntry("lion", "extensions.lion:update", moments=1,
                                  settings={"beta1": 0.9, "beta2": 0.99}))

where `update` is as `layeratlas.engine.optimizers.updating` has it, and a file of experiments says
`training: {optimizer: lion, optimizer_settings: {beta1: 0.95}}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from layeratlas.tables import Table, resolve

if TYPE_CHECKING:
    from layeratlas.engine.optimizers.base import Optimizer


@dataclass(frozen=True)
class OptimizerEntry:
    """One optimiser.

    `code` is a function of one tensor's update or a class of `Optimizer`; `moments` counts what
    the function carries from step to step (a class says its own). Beside `learning_rate` it takes
    the settings of `training` that `takes` names, and those of its own, `optimizer_settings`, which
    `settings` declares (`layeratlas.runs.settings`).

    `fits` is a function `(settings, layers)` that raises ConfigError where its own settings, which
    the table has judged, fit no network of `layers()` layers.

    `rates` says whose the sizes of steps are: `gradient` – a step is the gradient's, or a sum of
    past ones, times the rate, as the tables of scalings assume; `layer` – the rule finds each
    layer's, and a scaling gives initial weights only; `element` – it finds each weight's, so that
    rates made for gradient descent mean nothing to it.
    """

    name: str
    code: str
    takes: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    moments: int = 0
    fits: str = ""
    rates: Literal["gradient", "layer", "element"] = "element"


OPTIMIZERS: Table[OptimizerEntry] = Table("optimizer")

_HERE = "layeratlas.engine.optimizers"
_ADAM = ("beta1", "beta2", "eps", "weight_decay")

for _entry in (
    OptimizerEntry("adam", f"{_HERE}.adam:Adam", takes=_ADAM),
    OptimizerEntry(
        "sgd",
        f"{_HERE}.sgd:SGD",
        takes=("momentum", "nesterov", "weight_decay"),
        rates="gradient",
    ),
    OptimizerEntry(
        "scale_invariant_sgd", f"{_HERE}.scale_invariant_sgd:ScaleInvariantSGD", rates="layer"
    ),
    OptimizerEntry("adamw", f"{_HERE}.adamw:AdamW", takes=_ADAM),
    OptimizerEntry(
        "blockwise",
        f"{_HERE}.blockwise:Blockwise",
        fits=f"{_HERE}.layer_sizes:refuse_constants",
        rates="layer",
        settings={
            "rule": (
                Literal["invariant", "normalized", "scaled", "cap"],
                Field("normalized", description="how a layer's step depends on its gradient"),
            ),
            "constants": (
                tuple[Annotated[float, Field(ge=0)], ...] | None,
                Field(None, min_length=1, description="C_l of every layer; null: 1"),
            ),
        },
    ),
):
    OPTIMIZERS.add(_entry)


def load_optimizer(name: str) -> type[Optimizer]:
    """The class of the optimiser of that name."""
    entry = OPTIMIZERS[name]
    found = resolve(entry.code)
    if isinstance(found, type):
        return found
    from layeratlas.engine.optimizers.updating import optimizer_of

    return optimizer_of(name, found, entry.moments)
