"""Settings of the network families. Light to import: the workflow reads them at every start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from layeratlas.networks.module.settings import ModuleSettings
from layeratlas.networks.scalings import branch_scale

WIDEST = 1_000_000


class MLPSettings(BaseModel):
    """Multilayer perceptron (spring–block paper, §2.2 of its specification).

    `depth` counts linear maps: depth 8 is seven hidden layers and the read-out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    family: Literal["mlp"] = Field("mlp", description="kind of network")
    depth: int = Field(8, ge=1, le=2000, description="linear maps, read-out included")
    width: int = Field(100, ge=1, le=WIDEST, description="features of each hidden layer")
    batch_norm: bool = Field(
        True, description="batch norm on the input and before every hidden activation"
    )
    # Not below 0: the backward pass reads a pre-activation's sign off its activation.
    negative_slope: float = Field(
        0.0, ge=0.0, le=1.0, description="LeakyReLU slope below zero: 0 ReLU, 1 linear"
    )
    dropout: float = Field(
        0.0, ge=0.0, lt=1.0, description="dropout rate after every hidden activation"
    )
    initialization: Literal["uniform_fan_in", "kaiming_normal"] = Field(
        "uniform_fan_in",
        description="uniform_fan_in: weights and biases uniform in ±1/√fan_in (the frameworks' "
        "default); kaiming_normal: N(0, 2/fan_in), zero bias",
    )

    def n_weights(self, channels: int, size: int, n_classes: int) -> int:
        """Entries of the weight matrices, for images (channels, size, size)."""
        return _n_weights(channels * size**2, self.width, self.depth, n_classes)

    def n_features(self, channels: int, size: int) -> int:
        """Numbers in the features of one image, the logits left out."""
        return channels * size**2 + (self.depth - 1) * self.width


class ResidualMLPSettings(BaseModel):
    """Residual network of the feature speed paper (Eq. 12; §1.5 of its specification).

    `depth` counts linear maps: depth 8 is an embedding, six residual layers and the read-out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    family: Literal["residual_mlp"] = Field("residual_mlp", description="kind of network")
    depth: int = Field(8, ge=3, le=2000, description="linear maps: embedding, residual, read-out")
    width: int = Field(100, ge=1, le=WIDEST, description="features of each hidden layer")
    branch_scale: float | str = Field(
        "1/sqrt(L)",
        description="β of every branch, in [0, 1]: a number, or a rule of depth L such as 1/L or "
        "0.5/sqrt(L)",
    )
    batch_norm: bool = Field(False, description="the family has none: false")
    # Not below 0: the backward pass reads a feature's sign off its activation.
    negative_slope: float = Field(
        0.0, ge=0.0, le=1.0, description="LeakyReLU slope below zero: 0 ReLU, 1 linear"
    )
    dropout: float = Field(0.0, ge=0.0, lt=1.0, description="the family has none: 0")
    initialization: Literal["uniform_fan_in", "kaiming_normal"] = Field(
        "uniform_fan_in", description="as for the mlp"
    )

    @model_validator(mode="after")
    def _residual(self) -> ResidualMLPSettings:
        if self.batch_norm:
            raise ValueError("batch_norm is not offered by family 'residual_mlp'; leave it out")
        if self.dropout:
            raise ValueError(
                "dropout is not offered by family 'residual_mlp'; leave it out or give 0"
            )
        branch_scale(self.branch_scale, self.depth)
        return self

    @property
    def resolved_branch_scale(self) -> float:
        """β at this depth."""
        return branch_scale(self.branch_scale, self.depth)

    def n_weights(self, channels: int, size: int, n_classes: int) -> int:
        """As of the mlp."""
        return _n_weights(channels * size**2, self.width, self.depth, n_classes)

    def n_features(self, channels: int, size: int) -> int:
        """As of the mlp."""
        return channels * size**2 + (self.depth - 1) * self.width


class BlockCNNSettings(BaseModel):
    """Convolutional network of identical blocks (spring–block paper, §2.7 of its specification).

    `depth` counts linear maps: depth 8 is seven blocks and the read-out. Images need even numbers
    of rows and columns.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    family: Literal["block_cnn"] = Field("block_cnn", description="kind of network")
    depth: int = Field(8, ge=1, le=200, description="linear maps, read-out included")
    channels: int = Field(20, ge=1, le=WIDEST, description="channels of each convolution")
    batch_norm: bool = Field(
        True, description="batch norm of the input's channels and before every activation"
    )
    negative_slope: float = Field(
        0.0, ge=0.0, le=1.0, description="LeakyReLU slope below zero: 0 ReLU, 1 linear"
    )
    dropout: float = Field(0.0, ge=0.0, lt=1.0, description="dropout rate after every block")
    initialization: Literal["uniform_fan_in", "kaiming_normal"] = Field(
        "uniform_fan_in",
        description="as for the mlp; fan_in is 9 × channels for a convolution",
    )

    def n_weights(self, channels: int, size: int, n_classes: int) -> int:
        """As of the mlp; of a convolution 9 × inputs × outputs."""
        if self.depth == 1:
            return channels * size**2 * n_classes
        convolutions = _n_weights(channels, self.channels, self.depth - 1, self.channels)
        return 9 * convolutions + self.channels * size**2 * n_classes

    def n_features(self, channels: int, size: int) -> int:
        """As of the mlp, each block's as large as its image."""
        return (channels + (self.depth - 1) * self.channels) * size**2


def _n_weights(inputs: int, width: int, depth: int, outputs: int) -> int:
    """Entries of `depth` matrices, one after the other, all between them `width` wide."""
    if depth == 1:
        return inputs * outputs
    return width * (inputs + (depth - 2) * width + outputs)


def family_of(settings: Any) -> Any:
    """The family that settings name; the mlp where they name none."""
    if isinstance(settings, Mapping):
        return settings.get("family", "mlp")
    return getattr(settings, "family", None)


# A new family joins this union with its own `family` literal.
ModelSettings = Annotated[
    Annotated[MLPSettings, Tag("mlp")]
    | Annotated[ResidualMLPSettings, Tag("residual_mlp")]
    | Annotated[BlockCNNSettings, Tag("block_cnn")]
    | Annotated[ModuleSettings, Tag("module")],
    Discriminator(family_of),
]
