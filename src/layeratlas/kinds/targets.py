"""Which metrics go with the targets of a data set, and which losses with a calibrated scaling."""

from __future__ import annotations

from collections.abc import Iterable

from layeratlas.datasets.recipes.base import BaseRecipe
from layeratlas.errors import ConfigError
from layeratlas.metrics.registry import METRICS, Metric, get_metric
from layeratlas.signals.registry import used
from layeratlas.words import listed

#: Losses that a scaling can be calibrated on (`engine.calibrated_layers`).
CALIBRATING_LOSSES = ("cross_entropy", "mean_squared_error")


def refuse_metrics(data: BaseRecipe, names: Iterable[str], where: str) -> None:
    """ConfigError for a metric that needs targets of another kind, such as classes."""
    for i, name in enumerate(names):
        needed = _targets(get_metric(name))
        if needed - {data.target_kind}:
            others = [repr(m.name) for m in METRICS.values() if _targets(m) <= {data.target_kind}]
            raise ConfigError(
                f"{where}: measure.metrics[{i}]: {name!r} is of {' or '.join(sorted(needed))}, and "
                f"dataset.source {data.source!r} has {data.target_kind} for targets; use e.g. "
                f"{listed(others, 110)}"
            )


def _targets(metric: Metric) -> set[str]:
    """The kinds of targets that a metric's signals ask for."""
    return {signal.targets for signal in used(metric.needs).values() if signal.targets}
