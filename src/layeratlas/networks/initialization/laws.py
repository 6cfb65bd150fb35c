"""What a network starts from: a law for its layers, and perhaps another for its read-out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from layeratlas.networks.initialization.registry import DEFAULT, Rule, defaults_of_rule, load_rule


@dataclass(frozen=True)
class Laws:
    """A law and its settings, and those of the read-out, the last layer with weights.

    `output` is the read-out's law, None for that of the others, whose settings it then has too but
    for those of `output_settings`.
    """

    name: str = DEFAULT
    settings: Mapping[str, Any] = field(default_factory=dict)
    output: str | None = None
    output_settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, model: Mapping[str, Any]) -> Laws:
        """Those of a network's settings (`layeratlas.networks.settings`), as plain JSON."""
        return cls(
            model.get("initialization", DEFAULT),
            model.get("initialization_settings", {}),
            model.get("output_initialization"),
            model.get("output_initialization_settings", {}),
        )

    def of_layers(self, count: int) -> list[tuple[Rule, dict[str, Any]]]:
        """Rule and settings, a number each, of `count` layers with weights, the read-out last."""
        law, own = load_rule(self.name), {**defaults_of_rule(self.name), **self.settings}
        layers = [(law, _at(own, place)) for place in range(count)]
        if self.output or self.output_settings:
            name = self.output or self.name
            own = defaults_of_rule(name) if self.output else layers[-1][1]
            layers[-1] = (load_rule(name), {**own, **self.output_settings})
        return layers


def _at(settings: Mapping[str, Any], place: int) -> dict[str, Any]:
    """Settings of one layer: of a list, its own number."""
    return {
        key: value[place] if isinstance(value, Sequence) and not isinstance(value, str) else value
        for key, value in settings.items()
    }
