"""The table of initial laws. A new one is one function and one entry, here or of a user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

from pydantic import Field

from layeratlas.runs.settings import own_settings
from layeratlas.tables import Table, resolve

if TYPE_CHECKING:
    import numpy as np

    from layeratlas.networks.layout import ParameterTensor

#: What networks have that name none.
DEFAULT = "uniform_fan_in"


@dataclass(frozen=True)
class RuleEntry:
    """One initial law: `draw`, "module:name", is a `Rule`; `settings` are its own, by default.

    A setting whose type is `per_layer` may be one number for each layer with weights, read-out
    included, in the order of layers.
    """

    name: str
    draw: str
    settings: Mapping[str, Any] = field(default_factory=dict)


class Rule(Protocol):
    """Draws one weight or bias of a layer."""

    def __call__(
        self, stream: np.random.Generator, tensor: ParameterTensor, fan_in: int, **settings: Any
    ) -> np.ndarray | float:
        """Values of the tensor's shape, or one for all; fan_in: inputs of one output.

        settings: the law's own, one number each (`RuleEntry`).
        """


def per_layer(default: float, description: str) -> tuple[Any, Any]:
    """A law's setting of at least 0, one number for all layers or one for each."""
    number = Annotated[float, Field(ge=0, le=1e6)]
    return number | tuple[number, ...], Field(default, description=description)


_ROOM = "layeratlas.networks.initialization"

RULES: Table[RuleEntry] = Table("initial law")
for _entry in (
    RuleEntry(
        "uniform_fan_in",
        f"{_ROOM}.uniform_fan_in:uniform_fan_in",
        {"gain": per_layer(1.0, "factor of the bound")},
    ),
    RuleEntry(
        "kaiming_normal",
        f"{_ROOM}.kaiming_normal:kaiming_normal",
        {"fan": (Literal["fan_in", "fan_out"], Field("fan_in", description="which fan counts"))},
    ),
    RuleEntry(
        "xavier_uniform",
        f"{_ROOM}.xavier_uniform:xavier_uniform",
        {"gain": per_layer(1.0, "factor of the bound")},
    ),
    RuleEntry(
        "mean_field",
        f"{_ROOM}.mean_field:mean_field",
        {
            "weight_std": per_layer(2**0.5, "σ_w: weights are N(0, σ_w²/fan_in)"),
            "bias_std": per_layer(0.0, "σ_b: biases are N(0, σ_b²)"),
        },
    ),
):
    RULES.add(_entry)


def load_rule(name: str) -> Rule:
    """The law of that name."""
    return resolve(RULES[name].draw)


def own_of_rule(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given of a law's own settings and is not at its default; ValueError for a wrong one.

    Defaults are left out, so that runs keep their ids when a law comes to have a setting.
    """
    full = own_settings(RULES[name].settings, given, f"initial law {name!r}")
    defaults = defaults_of_rule(name)
    return {key: value for key, value in full.items() if value != defaults[key]}


def defaults_of_rule(name: str) -> dict[str, Any]:
    """All of a law's own settings, at their defaults."""
    return own_settings(RULES[name].settings, {}, f"initial law {name!r}")
