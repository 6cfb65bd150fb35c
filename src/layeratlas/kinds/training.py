"""Training experiments: data set, network, noise and optimiser of a run."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from layeratlas.datasets.recipe import DatasetRecipe
from layeratlas.errors import ConfigError
from layeratlas.kinds.base import STRICT, Kind, without_negative_zero
from layeratlas.models.settings import MLPSettings, ModelSettings
from layeratlas.training.plan import MEMBER_SETTINGS
from layeratlas.training.settings import TrainingSettings


class NoiseSettings(BaseModel):
    """Noise on labels and inputs; `fresh` is redrawn at every step, `static` once and stored."""

    model_config = STRICT

    kind: Literal["fresh", "static"] = "fresh"
    label_noise: float = Field(0.0, ge=0, le=1, description="fraction of labels redrawn")
    input_noise: float = Field(
        0.0, ge=0, le=1, description="standard deviation in units of the inputs' own"
    )


class TrainingRun(BaseModel):
    """Everything that determines one trained network's numbers."""

    model_config = STRICT

    dataset: DatasetRecipe
    model: ModelSettings = MLPSettings()
    noise: NoiseSettings = NoiseSettings()
    training: TrainingSettings = TrainingSettings()
    dtype: Literal["float32", "float64"] = "float32"
    seed: int = Field(1, ge=0, lt=2**63)

    @model_validator(mode="after")
    def _possible_together(self) -> TrainingRun:
        batch, n = self.training.batch_size, self.dataset.n_train
        if batch != "full" and batch > n:
            raise ValueError(
                f"training.batch_size {batch} is larger than the training set "
                f"(dataset.n_train {n}); use at most {n}, or 'full'"
            )
        if self.model.batch_norm and (n if batch == "full" else batch) < 2:
            raise ValueError("batch norm needs at least 2 images a batch")
        if self.model.family == "cnn" and self.dataset.image_size % 2:
            raise ValueError(
                f"model.family 'cnn' halves and doubles images, so their side must be even; "
                f"dataset gives {self.dataset.image_size} pixels: choose an even dataset.size"
            )
        for key in ("static_label_noise", "static_input_noise"):
            if value := getattr(self.dataset, key):
                raise ValueError(
                    f"dataset.{key} {value:g}: static noise is asked for under `noise`, e.g. "
                    f"{{kind: static, {key.removeprefix('static_')}: {value:g}}}"
                )
        return self

    def canonical(self) -> dict[str, Any]:
        """Plain JSON in which static noise is part of the data set and `noise` is fresh noise.

        So a run id does not depend on how the noise was asked for, and the engine, which
        redraws noise, never sees noise that must not be redrawn.
        """
        plain = self.model_dump(mode="json")
        noise = plain["noise"]
        if noise.pop("kind") == "static":
            plain["dataset"]["static_label_noise"] = noise["label_noise"]
            plain["dataset"]["static_input_noise"] = noise["input_noise"]
            noise["label_noise"] = noise["input_noise"] = 0.0
        return without_negative_zero(plain)


def _prepare(settings: dict[str, Any], where: str) -> dict[str, Any]:
    """`noise.data_noise` stands for label and input noise at once."""
    if "dataset" not in settings:
        raise ConfigError(f"{where}: dataset: missing; e.g. {{source: mnist_5k, n_train: 2560}}")
    if "data_noise" in settings.get("noise", {}):
        noise = dict(settings["noise"])
        value = noise.pop("data_noise")
        if {"label_noise", "input_noise"} & set(noise):
            raise ConfigError(
                f"{where}: noise.data_noise sets label_noise and input_noise at once; "
                "give either it or them"
            )
        settings = {**settings, "noise": noise | {"label_noise": value, "input_noise": value}}
    return settings


def _check(base: TrainingRun, measure, where: str) -> None:
    if "batch_statistics" in measure.batch_norm_modes and not base.model.batch_norm:
        raise ConfigError(
            f"{where}: measure.batch_norm_modes: 'batch_statistics' needs model.batch_norm: true"
        )


TRAINING = Kind(
    name="training",
    settings=TrainingRun,
    sections=("dataset", "model", "noise", "training", "dtype"),
    members=MEMBER_SETTINGS,
    horizon=lambda run: ("training.epochs", run.training.epochs),
    moment="epoch",
    stage="train",
    folder="shards",
    shard_size=40,
    measured=True,
    prepare=_prepare,
    check=_check,
)
