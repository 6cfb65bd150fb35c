"""Which metrics go with the targets of a data set, and which losses with a calibrated scaling."""

from __future__ import annotations

from collections.abc import Iterable

from layeratlas.datasets.recipes.base import BaseRecipe
from layeratlas.errors import ConfigError
from layeratlas.metrics.registry import METRICS, get_metric
from layeratlas.words import listed

#: Losses that a scaling can be calibrated on (`engine.calibrated_layers`).
CALIBRATING_LOSSES = ("cross_entropy", "mean_squared_error")


def refuse_metrics(data: BaseRecipe, names: Iterable[str], where: str) -> None:
    """ConfigError for a metric that needs targets of another kind, such as classes."""
    for i, name in enumerate(names):
        needed = get_metric(name).targets
        if needed - {data.target_kind}:
            others = [repr(m.name) for m in METRICS.values() if m.targets <= {data.target_kind}]
            raise ConfigError(
                f"{where}: measure.metrics[{i}]: {name!r} is of {' or '.join(sorted(needed))}, and "
                f"dataset.source {data.source!r} has {data.target_kind} for targets; use e.g. "
                f"{listed(others, 110)}"
            )
