"""Settings of a training run. Light to import: the workflow reads them at every start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from layeratlas.engine.optimizers.registry import OPTIMIZERS
from layeratlas.engine.optimizing import parts_of_schedule, refuse_foreign, schema_of_schedule
from layeratlas.losses.choosing import refuse_encoding
from layeratlas.losses.registry import LOSSES, Encoding
from layeratlas.networks.scaling_names import CALIBRATED
from layeratlas.networks.scalings import SCALINGS, SETTINGS
from layeratlas.runs.settings import LATER, own_settings
from layeratlas.runs.status import EXPLOSION_LIMIT
from layeratlas.tables import NameIn, Table

if TYPE_CHECKING:  # which knows no literals from a table
    ScalingName: TypeAlias = str
    ScalingSetting: TypeAlias = str
else:
    ScalingName, ScalingSetting = Literal[(*SCALINGS, CALIBRATED)], Literal[SETTINGS]


class EarlyStop(BaseModel):
    """Stop a member when its training loss is small or has stopped moving.

    `running_loss_below` ends it at the very epoch at which a record point of the same `loss_below`
    and `times` comes (`engine.marks`), whether or not there is one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    loss_below: float = Field(
        1e-4, ge=0, le=1e6, description="stop when the epoch-mean loss is below"
    )
    change_below: float = Field(
        1e-10,
        ge=0,
        le=1e6,
        description="stop when it changed by less than this since the last epoch",
    )
    running_loss_below: Annotated[float | None, LATER] = Field(
        None,
        gt=0,
        le=1e6,
        description="stop when the running loss, by which marks of `records` are judged, was below "
        "at the end of `times` successive epochs; null: never for it",
    )
    times: Annotated[int, LATER] = Field(
        2, ge=1, le=10**6, description="successive epochs that running_loss_below asks for"
    )

    @model_validator(mode="after")
    def _times_of_something(self) -> EarlyStop:
        if self.times != 2 and self.running_loss_below is None:
            raise ValueError("times belongs to running_loss_below, which is null; leave times out")
        return self


class LossSpike(BaseModel):
    """What counts as a spike of the training loss (`engine.spikes`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    below: float = Field(0.5, gt=0, le=1e6, description="a run is guarded once its loss is below")
    above: float = Field(
        0.75, gt=0, le=1e6, description="a guarded run whose loss is above again is `spiked`"
    )

    @model_validator(mode="after")
    def _a_way_up(self) -> LossSpike:
        if self.above < self.below:
            raise ValueError(
                f"above {self.above:g} is less than below {self.below:g}, so that a run would jump "
                "back where it gets small; use at least as much"
            )
        return self


class TrainingSettings(BaseModel):
    """How a network is trained (§2.3 of the spring–block specification gives the defaults)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    optimizer: Annotated[str, NameIn(OPTIMIZERS)] = Field(
        "adam",
        description="Adam; gradient descent with momentum; gradient descent with layerwise rates "
        "1/(L |G_l|²) of each step; Adam with decoupled weight decay; layerwise rates by a rule",
    )
    optimizer_settings: Annotated[dict[str, Any], LATER] = Field(
        default_factory=dict,
        validate_default=True,
        description="what the optimizer declares itself: rule and constants of blockwise, or those "
        "of one in extensions",
    )
    learning_rate: float = Field(1e-3, ge=1e-30, le=1e6, description="step size")
    schedule: Annotated[tuple[dict[str, Any], ...], LATER] = Field(
        (),
        description="factors of the learning rate over steps and epochs, which multiply: "
        "{name: cosine, final: 0.1}, or a list of such; names: constant, warm_up, cosine, step, "
        "milestones, warm_epoch",
        json_schema_extra=schema_of_schedule,
    )
    momentum: float = Field(0.0, ge=0, lt=1, description="momentum of sgd")
    nesterov: Annotated[bool, LATER] = Field(
        False, description="Nesterov's momentum of sgd instead of the heavy ball's"
    )
    weight_decay: Annotated[float, LATER] = Field(
        0.0,
        ge=0,
        le=1e6,
        description="λ of λ|w|²/2 added to the loss (sgd, adam), or decoupled from it (adamw)",
    )
    beta1: float = Field(0.9, ge=0, lt=1, description="Adam: decay of the first moment")
    beta2: float = Field(0.999, ge=0, lt=1, description="Adam: decay of the second moment")
    eps: float = Field(
        1e-8, ge=1e-30, le=1.0, description="Adam: added to the root of the second moment"
    )
    batch_size: int | Literal["full"] = Field("full", description="images a step, or 'full'")
    epochs: int = Field(100, ge=0, le=10**7, description="passes over the training set")
    loss: Annotated[str, NameIn(LOSSES)] = Field("cross_entropy", description="what is minimised")
    loss_settings: Annotated[dict[str, Any], LATER] = Field(
        default_factory=dict,
        validate_default=True,
        description="what the loss declares itself, of one in extensions",
    )
    encoding: Annotated[Encoding, LATER] = Field(
        "one_hot",
        description="what squared losses take class c of C for: e_c, or e_c − 1/C",
    )
    explosion_limit: Annotated[float, LATER] = Field(
        EXPLOSION_LIMIT,
        gt=0,
        le=1e300,
        description="a run that ends with a larger epoch-mean loss is `exploded`, not ok",
    )
    loss_spike: Annotated[LossSpike | None, LATER] = Field(
        None,
        description="a run whose epoch-mean loss (with batch_size full that of the whole training "
        "set) was small and jumps back is `spiked`, not ok; null: none is",
    )
    early_stop: EarlyStop | None = Field(
        default_factory=EarlyStop, description="null trains every epoch"
    )

    @model_validator(mode="after")
    def _optimizer_takes_its_own(self) -> TrainingSettings:
        if isinstance(self.batch_size, int) and self.batch_size < 1:
            raise ValueError("batch_size must be at least 1, or 'full'")
        refuse_foreign(self.optimizer, vars(self))
        refuse_encoding(self.loss, self.encoding)
        return self

    @field_validator("optimizer_settings", "loss_settings")
    @classmethod
    def _completed(cls, given: dict[str, Any], known: ValidationInfo) -> dict[str, Any]:
        """With what the entry declares and is not given, at its default."""
        table: Table[Any] = OPTIMIZERS if known.field_name == "optimizer_settings" else LOSSES
        # Without a name in what is known, that one was refused, and says enough.
        name, sort = known.data.get(table.sort), table.sort
        return own_settings(table[name].settings, given, f"{sort} {name!r}") if name else given

    @field_validator("schedule", mode="before")
    @classmethod
    def _parts(cls, given: Any) -> Any:
        return parts_of_schedule(given)


class ScalingSettings(BaseModel):
    """Initial spread and learning rate of every layer, by rule of size (`networks.scalings`).

    The rate of layer l is `training.learning_rate`, the master step, times η_l of the table.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ScalingName = Field(
        description="initial spread and learning rate of every layer, by rule of its size; "
        "fsc_auto: calibrated on training images"
    )
    setting: ScalingSetting = Field(
        "dense",
        description="what the tables take |x| and |∂loss/∂logits| to be: dense √d and 1/√k, "
        "sparse 1 and 1",
    )
    calibration_images: int = Field(
        64,
        ge=1,
        le=10**9,
        description="training images, the first ones, that fsc_auto is calibrated on",
    )
