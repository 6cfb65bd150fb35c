"""Settings of the module family. Light to import: the workflow reads them at every start."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator

OWN = "own"

# `from` is a word of Python's own, so it cannot be written as a field is.
_FIELD: Any = Field(
    description="class of your torch.nn.Module: file and name, such as my_net.py:Net, or "
    "package.module:Net"
)
_FIELDS: dict[str, Any] = {"from": (str, _FIELD)}
_From: Any = create_model("_From", __base__=BaseModel, **_FIELDS)


class ModuleSettings(_From):
    """A `torch.nn.Module` of your own (`layeratlas.networks.module`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    family: Literal["module"] = Field("module", description="kind of network")
    settings: dict[str, Any] = Field(
        default_factory=dict,
        description="what its constructor is given; input_shape and n_outputs are given too where "
        "it takes them",
    )
    layers: tuple[str, ...] | None = Field(
        None,
        min_length=1,
        description="patterns of names of the maps that count as layers, in this order; null: "
        "those on the longest chain of maps from input to output",
    )
    initialization: Literal["own", "uniform_fan_in", "kaiming_normal"] = Field(
        "own",
        description="own: as the module's constructor leaves it, under the run's seed; else "
        "weights and biases of all maps by a law of fan-in",
    )

    @field_validator("from", check_fields=False)
    @classmethod
    def _names_a_class(cls, value: str) -> str:
        place, _, name = value.rpartition(":")
        if not place or not name.isidentifier():
            raise ValueError(
                "name a file and a class, such as my_net.py:Net, or a module and a class, such as "
                "package.module:Net"
            )
        return value

    @property
    def depth(self) -> None:
        """Only the module knows."""
        return None

    @property
    def batch_norm(self) -> None:
        """Only the module knows."""
        return None

    def n_weights(self, channels: int, size: int, n_classes: int) -> int:
        """Not known before the module is made."""
        return 0

    def n_features(self, channels: int, size: int) -> int:
        """Not known before the module is made."""
        return 0
