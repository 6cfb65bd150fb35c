"""Which metrics and scores there are of targets, and which losses go with a calibrated scaling."""

from __future__ import annotations

from collections.abc import Iterable

from layeratlas.datasets.recipe import recipe_of
from layeratlas.datasets.recipes.base import BaseRecipe
from layeratlas.errors import ConfigError
from layeratlas.metrics.registry import METRICS, get_metric
from layeratlas.words import listed

#: Losses that a scaling can be calibrated on (`engine.calibrated_layers`).
CALIBRATING_LOSSES = ("cross_entropy", "mean_squared_error")


def recorded_scores(recipe: str) -> tuple[str, ...]:
    """Names of what an evaluation on such data records (`layeratlas.losses.scores`).

    Of real vectors both scores: which of them there is, the loss says, which is not loaded here.
    """
    vectors = recipe_of(recipe).target_kind == "vectors"
    scores = ("accuracy", "explained_variance") if vectors else ("accuracy",)
    return tuple(f"{split}_{score}" for score in (*scores, "loss") for split in ("train", "test"))


def refuse_metrics(data: BaseRecipe, names: Iterable[str], where: str) -> None:
    """ConfigError for a metric that needs targets of another kind, such as classes."""
    for i, name in enumerate(names):
        metric = get_metric(name)
        if not metric.takes(data.target_kind):
            asked = next(kinds for kinds in metric.targets if data.target_kind not in kinds)
            others = [repr(m.name) for m in METRICS.values() if m.takes(data.target_kind)]
            raise ConfigError(
                f"{where}: measure.metrics[{i}]: {name!r} is of {' or '.join(asked)}, and "
                f"dataset.source {data.source!r} has {data.target_kind} for targets; use e.g. "
                f"{listed(others, 110)}"
            )
