"""What is measured on every checkpoint of a training, on which views of the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from layeratlas.config.refusing import plain, validated
from layeratlas.errors import ConfigError
from layeratlas.metrics.registry import get_metric
from layeratlas.runs.settings import LATER, plain_settings
from layeratlas.words import quoted

BatchNorm = Literal["running_statistics", "batch_statistics"]

_STRICT = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ViewSettings(BaseModel):
    """Which images are looked at, with which targets and statistics of batch norm."""

    model_config = _STRICT

    split: Literal["train", "test"] = Field("train", description="whose images")
    images: int | None = Field(
        None, ge=1, le=10**9, description="how many, the first ones; null: all"
    )
    targets: Literal["clean", "trained"] = Field(
        "clean",
        description="targets of training images: clean, or with the static noise trained on",
    )
    batch_norm: BatchNorm = Field(
        "running_statistics", description="statistics that batch norm uses"
    )
    per_class: Annotated[int | None, LATER] = Field(
        None, ge=1, le=10**9, description="how many of each class, the first ones; null: all"
    )
    labels: Annotated[Literal["all", "kept", "changed"], LATER] = Field(
        "all", description="all, or those whose label static noise kept, or changed"
    )
    projections: Annotated[int | None, LATER] = Field(
        None,
        ge=2,
        le=10_000,
        description="random projections a batch of images that second moments of cotangents are "
        "estimated from; null: exact, by a backward pass an output",
    )
    conv_bias: Annotated[Literal["kept", "dropped"], LATER] = Field(
        "kept",
        description="whether convolutions have their bias in the copy that is differentiated",
    )


class MeasureSettings(BaseModel):
    """What is measured on every checkpoint."""

    model_config = _STRICT

    metrics: tuple[str, ...] = Field(
        ("data_separation",), min_length=1, description="names of metrics"
    )
    batch_norm_modes: tuple[BatchNorm, ...] = Field(
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
    views: Annotated[dict[str, ViewSettings] | None, LATER] = Field(
        None,
        min_length=1,
        description="what metrics see, by name, in place of batch_norm_modes and step_images: the "
        "cube has a dimension `view`",
    )

    evaluation_images: Annotated[int | None, LATER] = Field(
        None,
        ge=1,
        le=10**9,
        description="images of either part that scores and losses are of, the first ones; null: "
        "all. Where training images are many and moments too, these cost more than metrics",
    )
    parts: Annotated[dict[str, tuple[str, ...]] | None, LATER] = Field(
        None,
        min_length=1,
        description="maps that are shown in equal parts of their outputs, by pattern with the "
        "names of the parts: {'blocks.*.qkv': [query, key, value]}",
    )
    maps: Annotated[tuple[str, ...] | None, LATER] = Field(
        None,
        min_length=1,
        description="affine maps that metrics are of, by name or pattern, such as 'layer_1' or "
        "'blocks.*.query'; null: all",
    )
    networks: Annotated[str | None, LATER] = Field(
        None,
        description="another experiment, whose trained networks are measured where this one asks "
        "for the same runs and moments: nothing is trained",
    )

    @property
    def needs_initial(self) -> bool:
        """Whether a metric needs the weights before training, so that these must be kept."""
        return any(get_metric(name).at_start for name in self.metrics)

    @property
    def modes(self) -> tuple[BatchNorm, ...]:
        """All statistics of batch norm that are measured with."""
        if self.views is None:
            return self.batch_norm_modes
        return tuple(dict.fromkeys(view.batch_norm for view in self.views.values()))

    def asked(self) -> dict[str, Any]:
        """What a measuring job is asked, plain JSON, with what each metric is said to mean."""
        metrics = {name: get_metric(name) for name in self.metrics}
        found: dict[str, Any] = {
            "metrics": {name: metric.attributes() for name, metric in metrics.items()},
            "batch_norm_modes": list(self.modes),
        }
        if self.views is not None:
            found["views"] = {name: plain_settings(view) for name, view in self.views.items()}
        elif any(metric.first_images for metric in metrics.values()):
            found["step_images"] = self.step_images
        if self.evaluation_images is not None:
            found["evaluation_images"] = self.evaluation_images
        if self.parts is not None:
            found["parts"] = {pattern: list(names) for pattern, names in self.parts.items()}
        if self.maps is not None:
            found["maps"] = list(self.maps)
        return found


def typed(asked: Any, where: str, key: str = "measure") -> MeasureSettings:
    """A `measure` section by its types alone; ConfigError for what is none."""
    views = asked.get("views") if isinstance(asked, Mapping) else None
    for name, view in views.items() if isinstance(views, Mapping) else ():
        # First, so that a refusal names the view.
        validated(ViewSettings, view, where, f"{key}.views.{plain(name)}")
    return validated(MeasureSettings, asked, where, key)


def measuring(asked: Any, where: str) -> MeasureSettings:
    """The `measure` section of a file; ConfigError for what cannot be measured so."""
    measure = typed(asked, where)
    _refuse_views(measure, where)
    for pattern, names in (measure.parts or {}).items():
        if len(names) < 2 or len(set(names)) < len(names) or not all(map(_is_word, names)):
            raise ConfigError(
                f"{where}: measure.parts.{plain(pattern)}: expected at least two different names "
                f"without dots, got {quoted(list(names))}"
            )
    for i, name in enumerate(measure.metrics):
        spot = f"{where}: measure.metrics[{i}]"
        try:
            metric = get_metric(name)
            misfit = metric.misfit
        except KeyError as error:
            raise ConfigError(f"{spot}: {error.args[0]}") from None
        if misfit:
            raise ConfigError(f"{spot}: {name!r} {misfit}")
        if measure.maps is not None and metric.gives == "network" and metric.maps:
            raise ConfigError(
                f"{spot}: {name!r} is of all affine maps together; leave measure.maps out"
            )
        if name in measure.metrics[:i]:
            raise ConfigError(f"{spot}: {name!r} appears twice")
        placed = metric.along(measure.views is not None)
        if placed and not any(map(metric.sees, measure.modes)):
            told = (
                "'running_statistics' to measure.batch_norm_modes"
                if measure.views is None
                else "a view with batch_norm: running_statistics to measure.views"
            )
            raise ConfigError(f"{spot}: {name!r} is of a network in evaluation mode; add {told}")
    return measure


def _is_word(name: str) -> bool:
    return name.isidentifier()


def _refuse_views(measure: MeasureSettings, where: str) -> None:
    modes = measure.batch_norm_modes
    if len(set(modes)) != len(modes):
        raise ConfigError(
            f"{where}: measure.batch_norm_modes: a mode appears twice in {quoted(modes)}"
        )
    if measure.views is None:
        return
    for key in ("batch_norm_modes", "step_images"):
        if key in measure.model_fields_set:
            raise ConfigError(
                f"{where}: measure.{key}: measure.views says what is looked at; give either it "
                "or them"
            )
    for name, view in measure.views.items():
        if not name.isidentifier() or len(name) > 60:
            raise ConfigError(
                f"{where}: measure.views: {quoted(name)} is no name of a view; one has letters, "
                "digits and underscores"
            )
        if view.split == "test" and view.labels != "all":
            raise ConfigError(
                f"{where}: measure.views.{name}.labels: static noise is on training labels, so "
                f"that test images are 'all', not {view.labels!r}"
            )
        if view.split == "test" and view.targets == "trained":
            raise ConfigError(
                f"{where}: measure.views.{name}.targets: nothing is trained on the test split, "
                "whose targets are 'clean'"
            )
