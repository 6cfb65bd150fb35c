"""Settings of the module family. Light to import: the workflow reads them at every start."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, create_model, field_validator

from layeratlas.networks.initialization.registry import RULES, own_of_rule
from layeratlas.networks.unsized import Unsized
from layeratlas.words import listed, suggestion

OWN = "own"

# `from` is a word of Python's own, so it cannot be written as a field is.
_FIELD: Any = Field(
    description="class of your torch.nn.Module: file and name, such as my_net.py:Net, or "
    "package.module:Net"
)
_FIELDS: dict[str, Any] = {"from": (str, _FIELD)}
_From: Any = create_model("_From", __base__=BaseModel, **_FIELDS)


class ModuleSettings(_From, Unsized):
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
    initialization: str = Field(
        OWN,
        description="own: as the module's constructor leaves it, under the run's seed; else an "
        "initial law, as of the mlp, for weights and biases of all maps",
    )
    initialization_settings: dict[str, Any] = Field(
        default_factory=dict, description="the law's own, a number for all maps"
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

    @field_validator("initialization")
    @classmethod
    def _is_a_law(cls, name: str) -> str:
        if name != OWN and name not in RULES:
            known = (OWN, *RULES)
            raise ValueError(f"unknown; {suggestion(name, known)}known: {listed(known, 110)}")
        return name

    @field_validator("initialization_settings")
    @classmethod
    def _of_the_law(cls, given: dict[str, Any], known: ValidationInfo) -> dict[str, Any]:
        law = known.data.get("initialization", OWN)
        if law == OWN and given:
            raise ValueError(f"initialization {OWN!r} has none; name a law, or leave them out")
        if law == OWN:
            return given
        for name, value in given.items():
            if isinstance(value, list):
                raise ValueError(f"{name}: a number for all maps of a module, not a list")
        return own_of_rule(law, given)
