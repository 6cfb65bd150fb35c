"""What a file says of its loss, judged before any job: settings, encoding, and the targets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any

from layeratlas.losses.registry import LOSSES, TargetKind
from layeratlas.runs.run import canonical_json
from layeratlas.runs.settings import own_settings
from layeratlas.words import listed

__all__ = ["own_loss_settings", "prove", "refuse_encoding", "refuse_targets"]


def own_loss_settings(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """`loss_settings` with the defaults of the others; ValueError for the first wrong one."""
    return own_settings(LOSSES[name].settings, given, f"loss {name!r}")


def refuse_encoding(name: str, encoding: str) -> None:
    """ValueError for an encoding beside a loss that takes classes as they are."""
    if encoding != "one_hot" and not LOSSES[name].encodes:
        takers = listed([repr(e.name) for e in LOSSES.values() if e.encodes], 110)
        raise ValueError(f"encoding {encoding!r} belongs to loss {takers}; leave it out")


def refuse_targets(name: str, encoding: str, kind: TargetKind, source: str) -> None:
    """ValueError, a sentence, for a loss or an encoding that does not fit the targets."""
    entry = LOSSES[name]
    if kind not in entry.targets:
        fitting = [repr(e.name) for e in LOSSES.values() if kind in e.targets]
        raise ValueError(
            f"training.loss {name!r} is of {' or '.join(entry.targets)}, and dataset.source "
            f"{source!r} has {kind} for targets; use {listed(fitting, 110)}"
        )
    if encoding != "one_hot" and kind != "classes":
        raise ValueError(
            f"training.encoding {encoding!r} is of classes, and dataset.source {source!r} has "
            f"{kind} for targets; leave it out"
        )


def prove(name: str, own: Mapping[str, Any]) -> None:
    """ConfigError for a loss of a user that does not give what it should, tried on a few numbers.

    The project's own are proved by its tests.
    """
    if not LOSSES[name].code.startswith("layeratlas."):
        _proved(name, LOSSES[name].code, canonical_json(own))


@lru_cache
def _proved(name: str, code: str, own: bytes) -> None:
    import_module("layeratlas.losses.proving").prove(LOSSES[name], json.loads(own))
