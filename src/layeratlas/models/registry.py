"""The list of network families: name → class. A new family is one module and one entry here."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

from layeratlas.models.base import Family

FAMILIES: dict[str, str] = {"mlp": "layeratlas.models.mlp:MLP"}


def create_family(
    settings: Mapping[str, Any], image_shape: Sequence[int], n_classes: int
) -> Family:
    """The family for resolved model settings (`layeratlas.models.settings`).

    `image_shape` is one sample's: (channel, row, column), or (feature,).
    Settings that vary by member (slope, dropout) may be absent: they belong to the ensemble.
    """
    module, _, name = FAMILIES[settings["family"]].partition(":")
    family = getattr(importlib.import_module(module), name)
    return family.from_settings(settings, tuple(image_shape), n_classes)


def family_module(name: str) -> str:
    """The module that defines a family, for fingerprints of code."""
    return FAMILIES[name].partition(":")[0]
