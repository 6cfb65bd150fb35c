"""What a file says of its loss, judged before any job: encoding, targets, a loss of a user."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any

from layeratlas.losses.registry import LOSSES, Encoding, TargetKind
from layeratlas.runs.run import canonical_json
from layeratlas.tables import is_ours
from layeratlas.words import listed

__all__ = ["prove", "refuse_encoding", "refuse_targets"]


def refuse_encoding(name: str, encoding: Encoding) -> None:
    """ValueError for an encoding beside a loss that takes classes as they are."""
    if encoding != "one_hot" and not LOSSES[name].encodes:
        takers = listed([repr(e.name) for e in LOSSES.values() if e.encodes], 110)
        raise ValueError(f"encoding {encoding!r} belongs to loss {takers}; leave it out")


def refuse_targets(name: str, encoding: Encoding, kind: TargetKind, source: str) -> None:
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
    code = LOSSES[name].code
    if not is_ours(code):
        _proved(name, code, canonical_json(own))


@lru_cache
def _proved(name: str, code: str, own: str) -> None:
    import_module("layeratlas.losses.proving").prove(LOSSES[name], json.loads(own))
