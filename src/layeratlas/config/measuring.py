"""What is measured on every checkpoint of a training, and with which statistics."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from layeratlas.config.refusing import validated
from layeratlas.errors import ConfigError
from layeratlas.metrics.registry import get_metric
from layeratlas.words import quoted


class MeasureSettings(BaseModel):
    """What is measured on every checkpoint."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    metrics: tuple[str, ...] = Field(
        ("data_separation",), min_length=1, description="names of metrics"
    )
    batch_norm_modes: tuple[Literal["running_statistics", "batch_statistics"], ...] = Field(
        ("running_statistics",),
        min_length=1,
        description="statistics that batch norm uses when measuring",
    )
    step_images: int | None = Field(
        None,
        ge=1,
        le=10**9,
        description="training images, the first ones, of the gradient step that feature speeds "
        "are measured on; null: all",
    )

    def asked(self) -> dict[str, Any]:
        """What a measuring job is asked, plain JSON, with what each metric is said to mean."""
        metrics = {name: get_metric(name) for name in self.metrics}
        found: dict[str, Any] = {
            "metrics": {name: metric.attributes() for name, metric in metrics.items()},
            "batch_norm_modes": list(self.batch_norm_modes),
        }
        if any(metric.first_images for metric in metrics.values()):
            found["step_images"] = self.step_images
        return found


def measuring(asked: Any, where: str) -> MeasureSettings:
    """The `measure` section of a file; ConfigError for what cannot be measured so."""
    measure = validated(MeasureSettings, asked, where, "measure")
    for i, name in enumerate(measure.metrics):
        try:
            metric = get_metric(name)
        except KeyError as error:
            raise ConfigError(f"{where}: measure.metrics[{i}]: {error.args[0]}") from None
        if name in measure.metrics[:i]:
            raise ConfigError(f"{where}: measure.metrics[{i}]: {name!r} appears twice")
        if (
            metric.evaluation
            and metric.gives != "network"
            and "running_statistics" not in measure.batch_norm_modes
        ):
            raise ConfigError(
                f"{where}: measure.metrics[{i}]: {name!r} is of a network in evaluation mode; "
                "add 'running_statistics' to measure.batch_norm_modes"
            )
    modes = measure.batch_norm_modes
    if len(set(modes)) != len(modes):
        raise ConfigError(
            f"{where}: measure.batch_norm_modes: a mode appears twice in {quoted(modes)}"
        )
    return measure
