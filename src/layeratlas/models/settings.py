"""Settings of the network families. Light to import: the workflow reads them at every start."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class MLPSettings(BaseModel):
    """Multilayer perceptron (spring–block paper, §2.2 of its specification).

    `depth` counts linear maps: depth 8 is seven hidden layers and the read-out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    family: Literal["mlp"] = "mlp"
    depth: int = Field(8, ge=1, le=2000, description="linear maps, read-out included")
    width: int = Field(100, ge=1, description="features of each hidden layer")
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


# A new family joins this union with its own `family` literal.
ModelSettings = MLPSettings
