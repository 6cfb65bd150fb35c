"""Names that changed after runs had been given ids: what files hold, and what is said today.

An id is the hash of settings in which the former name stands, and plans are stored with it. So
runs keep their ids, and plans, shards and cubes that were made before still fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["RENAMED", "former", "today"]

#: Families of networks (`model.family`), former name → name of today.
RENAMED = {"resnet": "residual_mlp", "cnn": "block_cnn"}
_FORMER = {name: old for old, name in RENAMED.items()}


def today(settings: Any) -> Any:
    """Settings as a file holds them, with the names of today; what is no settings stays."""
    return _named(settings, RENAMED)


def former(settings: Any) -> Any:
    """Settings as files hold them and as they are hashed into a run's id."""
    return _named(settings, _FORMER)


def _named(settings: Any, names: Mapping[str, str]) -> Any:
    model = settings.get("model") if isinstance(settings, Mapping) else None
    if isinstance(model, Mapping):
        family = model.get("family")
        if isinstance(family, str) and family in names:
            return {**settings, "model": {**model, "family": names[family]}}
    return settings
