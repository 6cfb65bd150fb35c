"""Settings of the network families. Light to import: the workflow reads them at every start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from layeratlas.networks.activations.registry import ACTIVATIONS
from layeratlas.networks.activations.registry import DEFAULT as ACTIVATION
from layeratlas.networks.initialization.registry import DEFAULT as RULE
from layeratlas.networks.initialization.registry import RULES, own_of_rule
from layeratlas.networks.module.settings import ModuleSettings
from layeratlas.networks.registry import FAMILIES
from layeratlas.networks.scalings import branch_scale
from layeratlas.networks.unsized import Unsized
from layeratlas.runs.settings import LATER, own_settings
from layeratlas.tables import NameIn

WIDEST = 1_000_000


class NetworkSettings(BaseModel):
    """What networks of every family of the project may be told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    activation: Annotated[str, NameIn(ACTIVATIONS), LATER] = Field(
        ACTIVATION,
        description="what follows every map but the read-out; those other than leaky_relu and relu "
        "train by autograd, but in an mlp without batch norm",
    )
    bias: Annotated[bool, LATER] = Field(True, description="whether maps have a bias")
    output_bias: Annotated[bool | None, LATER] = Field(
        None, description="whether the read-out has a bias; null: as the other maps"
    )
    initialization: Annotated[str, NameIn(RULES)] = Field(
        RULE,
        description="initial law. uniform_fan_in: weights and biases uniform in ±1/√fan_in (the "
        "frameworks' default); kaiming_normal: N(0, 2/fan_in); xavier_uniform: ±gain √(6/(fan_in + "
        "fan_out)); mean_field: N(0, σ_w²/fan_in), biases N(0, σ_b²). Biases are 0 where not said. "
        "fan_in of a 3 × 3 convolution is 9 × channels",
    )
    initialization_settings: Annotated[dict[str, Any], LATER] = Field(
        default_factory=dict,
        description="the law's own, such as {gain: 0.5} or {weight_std: 1.2, bias_std: 0.2}; a "
        "number, or a list of one for each map",
    )
    output_initialization: Annotated[str | None, NameIn(RULES), LATER] = Field(
        None, description="initial law of the read-out; null: as the other maps"
    )
    output_initialization_settings: Annotated[dict[str, Any], LATER] = Field(
        default_factory=dict, description="the read-out's own, which replace those of the others"
    )

    @field_validator("initialization_settings", "output_initialization_settings")
    @classmethod
    def _of_the_law(cls, given: dict[str, Any], known: ValidationInfo) -> dict[str, Any]:
        # Where a law was refused it is not known, and that says enough.
        rule, told = known.data.get("initialization"), known.data.get("output_initialization")
        if known.field_name == "output_initialization_settings":
            rule = told or rule
        return own_of_rule(rule, given) if rule else given

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        slope, maps = getattr(self, "negative_slope", 0.0), getattr(self, "depth", None)
        if slope and not (ACTIVATIONS[self.activation].slope and self.activation != "relu"):
            raise ValueError(
                f"negative_slope {slope:g} is no setting of activation {self.activation!r}; leave "
                "it out, or choose leaky_relu"
            )
        for key, value in self.initialization_settings.items():
            if isinstance(value, list) and len(value) != maps:
                raise ValueError(
                    f"initialization_settings.{key}: a list must have a number for each of the "
                    f"{maps} maps (depth), not {len(value)}"
                )
        for key, value in self.output_initialization_settings.items():
            if isinstance(value, list):
                raise ValueError(
                    f"output_initialization_settings.{key}: the read-out is one map: give a number"
                )
        return self


class MLPSettings(NetworkSettings):
    """Multilayer perceptron (spring–block paper, §2.2 of its specification).

    `depth` counts linear maps: depth 8 is seven hidden layers and the read-out.
    """

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

    def n_weights(self, channels: int, size: int, n_classes: int) -> int:
        """Entries of the weight matrices, for images (channels, size, size)."""
        return _n_weights(channels * size**2, self.width, self.depth, n_classes)

    def n_features(self, channels: int, size: int) -> int:
        """Numbers in the features of one image, the logits left out."""
        return channels * size**2 + (self.depth - 1) * self.width


class ResidualMLPSettings(NetworkSettings):
    """Residual network of the feature speed paper (Eq. 12; §1.5 of its specification).

    `depth` counts linear maps: depth 8 is an embedding, six residual layers and the read-out.
    """

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


class BlockCNNSettings(NetworkSettings):
    """Convolutional network of identical blocks (spring–block paper, §2.7 of its specification).

    `depth` counts linear maps: depth 8 is seven blocks and the read-out. Images need even numbers
    of rows and columns.
    """

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

    def n_weights(self, channels: int, size: int, n_classes: int) -> int:
        """As of the mlp; of a convolution 9 × inputs × outputs."""
        if self.depth == 1:
            return channels * size**2 * n_classes
        convolutions = _n_weights(channels, self.channels, self.depth - 1, self.channels)
        return 9 * convolutions + self.channels * size**2 * n_classes

    def n_features(self, channels: int, size: int) -> int:
        """As of the mlp, each block's as large as its image."""
        return (channels + (self.depth - 1) * self.channels) * size**2


class ExtensionSettings(Unsized):
    """A family that a user's entry adds to the table (`layeratlas.networks.registry`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    family: Annotated[str, NameIn(FAMILIES)] = Field(
        description="kind of network: one of your own table entries"
    )
    settings: dict[str, Any] = Field(
        default_factory=dict, validate_default=True, description="what the family declares itself"
    )

    @field_validator("settings")
    @classmethod
    def _completed(cls, given: dict[str, Any], known: ValidationInfo) -> dict[str, Any]:
        name = known.data.get("family")
        return own_settings(FAMILIES[name].settings, given, f"family {name!r}") if name else given


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


_OWN = ("mlp", "residual_mlp", "block_cnn", "module")


def _tag(settings: Any) -> Any:
    """Which of the alternatives below settings are."""
    family = family_of(settings)
    users = isinstance(family, str) and family not in _OWN and family in FAMILIES
    return "extension" if users else family


# A new family of the project joins this union with its own `family` literal, and `_OWN`.
ModelSettings = Annotated[
    Annotated[MLPSettings, Tag("mlp")]
    | Annotated[ResidualMLPSettings, Tag("residual_mlp")]
    | Annotated[BlockCNNSettings, Tag("block_cnn")]
    | Annotated[ModuleSettings, Tag("module")]
    | Annotated[ExtensionSettings, Tag("extension")],
    Discriminator(_tag),
]
