"""Metrics that give back what they need, to look at signals through a reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from layeratlas.signals import reading
from layeratlas.signals.network import Network
from layeratlas.signals.registry import Of
from layeratlas.signals.views import Seen


@dataclass(frozen=True)
class Asked:
    """What a reading must know of a metric."""

    name: str
    function: str
    needs: tuple[str, ...]
    gives: Of = "layer"


def signals_of(
    monkeypatch, network: Network, seen: Seen, names: Sequence[str], of: Of = "affine"
) -> dict[str, list[Any]]:
    """Values of signals, of all layers or maps in order."""
    known = reading._function

    def found(reference: str) -> Any:
        return (lambda value: value) if reference == "itself" else known(reference)

    asked = [Asked(name, "itself", (name,), of) for name in names]
    values: dict[str, list[Any]] = {name: [] for name in names}
    with monkeypatch.context() as patch:
        patch.setattr(reading, "_function", found)
        for name, _, value in reading.read(network, seen, asked):
            values[name].append(value)
    return values
