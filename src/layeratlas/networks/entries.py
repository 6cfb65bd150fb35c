"""Which entries of the tables of networks some networks use: code that others do not run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from layeratlas.networks.activations.registry import ACTIVATIONS
from layeratlas.networks.activations.registry import DEFAULT as ACTIVATION
from layeratlas.networks.initialization.registry import RULES
from layeratlas.networks.module.settings import OWN
from layeratlas.networks.registry import FAMILIES, fused

#: What trains what has no backward pass of its own.
_AUTOGRAD = ("layeratlas.networks.autograd", "layeratlas.networks.functional")


def network_entries(models: Iterable[Mapping[str, Any]], *, starts: bool) -> set[str]:
    """Entries that networks of these resolved settings run: to train, or to show their features.

    `starts` says that they are given their initial values too. KeyError for a name that is in no
    table.
    """
    found = set()
    for family, activation, batch_norm, *rules in {_names(model) for model in models}:
        entry, function = FAMILIES[family], ACTIVATIONS[activation]
        found.add(entry.family)
        if starts:
            found |= {RULES[rule].draw for rule in rules if rule not in (None, OWN)}
        asked = {"family": family, "activation": activation, "batch_norm": batch_norm}
        if not fused(asked):
            found |= {*_AUTOGRAD, entry.forward, function.function}
        elif not function.fused:
            found.add(str(function.written))
    return found


def forward_entries(models: Iterable[Mapping[str, Any]]) -> set[str]:
    """Entries that differentiating these networks runs, besides those of `network_entries`."""
    found = {"layeratlas.networks.functional"}
    for family, activation, *_ in {_names(model) for model in models}:
        found |= {FAMILIES[family].forward, ACTIVATIONS[activation].function}
    return found


def _names(model: Mapping[str, Any]) -> tuple[str, str, bool, str | None, str | None]:
    return (
        model["family"],
        model.get("activation", ACTIVATION),
        bool(model.get("batch_norm")),
        model.get("initialization"),
        model.get("output_initialization"),
    )
