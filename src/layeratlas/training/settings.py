"""Settings of a training run. Light to import: the workflow reads them at every start."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class EarlyStop(BaseModel):
    """Stop a member when its epoch-mean training loss is small or has stopped moving."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    loss_below: float = Field(1e-4, ge=0, description="stop when the epoch-mean loss is below")
    change_below: float = Field(
        1e-10, ge=0, description="stop when it changed by less than this since the last epoch"
    )


class TrainingSettings(BaseModel):
    """How a network is trained (§2.3 of the spring–block specification gives the defaults)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    optimizer: Literal["adam", "sgd"] = "adam"
    learning_rate: float = Field(1e-3, gt=0, le=1e6)
    momentum: float = Field(0.0, ge=0, lt=1, description="heavy-ball momentum of sgd")
    beta1: float = Field(0.9, ge=0, lt=1, description="Adam: decay of the first moment")
    beta2: float = Field(0.999, ge=0, lt=1, description="Adam: decay of the second moment")
    eps: float = Field(1e-8, gt=0, description="Adam: added to the root of the second moment")
    batch_size: int | Literal["full"] = Field("full", description="images a step, or 'full'")
    epochs: int = Field(100, ge=0, le=10**7)
    loss: Literal["cross_entropy", "mean_squared_error"] = "cross_entropy"
    early_stop: EarlyStop | None = Field(
        default_factory=EarlyStop, description="null trains every epoch"
    )

    @model_validator(mode="after")
    def _optimizer_takes_its_own(self) -> TrainingSettings:
        if isinstance(self.batch_size, int) and self.batch_size < 1:
            raise ValueError("batch_size must be at least 1, or 'full'")
        if self.optimizer == "adam" and self.momentum:
            raise ValueError("momentum belongs to optimizer 'sgd'; 'adam' takes beta1 and beta2")
        return self
