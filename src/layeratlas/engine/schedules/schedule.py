"""The schedule of a training: the product of its parts, as a function of step and epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from layeratlas.engine.schedules.registry import SCHEDULES
from layeratlas.errors import ConfigError
from layeratlas.tables import resolve
from layeratlas.words import quoted

Factor = Callable[[int, int], float]


@dataclass(frozen=True)
class Totals:
    """What a training has that does not stop early."""

    steps: int
    epochs: int


def schedule_of(parts: Sequence[Mapping[str, Any]], totals: Totals) -> Factor | None:
    """`(step, epoch) → factor ≥ 0` of the learning rate; None where there are no parts.

    ConfigError, from the function, where a part's factor is negative or no finite number.
    """
    if not parts:
        return None
    each = [(part["name"], resolve(SCHEDULES[part["name"]].code), part) for part in parts]

    def product(step: int, epoch: int) -> float:
        found = 1.0
        for name, factor, settings in each:
            value = float(factor(step, epoch, totals, settings))
            if not (value >= 0 and math.isfinite(value)):
                raise ConfigError(
                    f"schedule {quoted(name)}: gave the factor {value:g} at step {step}, epoch "
                    f"{epoch}; it must be finite and at least 0"
                )
            found *= value
        return found

    return product
