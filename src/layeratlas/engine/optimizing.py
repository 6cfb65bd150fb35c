"""What a file says of optimiser and schedule, judged and completed by their tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any

from layeratlas.engine.optimizers.registry import OPTIMIZERS
from layeratlas.engine.schedules.registry import SCHEDULES
from layeratlas.networks.affine import stack_of
from layeratlas.runs.run import canonical_json
from layeratlas.runs.settings import own_settings
from layeratlas.tables import is_ours, resolve
from layeratlas.words import listed, quoted, suggestion

Network = tuple[Mapping[str, Any], tuple[int, ...], int]

#: Settings of `training` that belong to some optimisers, refused with the others. (That Adam's
#: numbers may stand beside `sgd` is older than this, and grids vary both at once.)
_CHOSEN_BY = ("momentum", "nesterov", "weight_decay")


def refuse_foreign(name: str, chosen: Mapping[str, Any]) -> None:
    """ValueError for a setting of `training` that the optimiser does not take."""
    takes = OPTIMIZERS[name].takes
    for key in _CHOSEN_BY:
        if chosen[key] and key not in takes:
            *others, last = (repr(o.name) for o in OPTIMIZERS.values() if key in o.takes)
            owners = " or ".join(filter(None, (listed(others, 110), last)))
            own = [f"optimizer_settings.{key}" for key in OPTIMIZERS[name].settings]
            told = listed([*takes, *own] or ["learning_rate alone"], 110)
            raise ValueError(f"{key} belongs to optimizer {owners}; {name!r} takes {told}")
    if chosen["nesterov"] and not chosen["momentum"]:
        raise ValueError("nesterov true without momentum is plain descent; give a momentum")


def parts_of_schedule(given: Any) -> tuple[dict[str, Any], ...]:
    """A schedule as the list of its parts, with their defaults: of a name, a part, or parts.

    None, `constant` and an empty list are the same: no parts. ValueError for the first fault.
    """
    if given is None:
        return ()
    parts = list(given) if isinstance(given, list | tuple) else [given]
    return tuple(part for part in map(_part, parts) if part["name"] != "constant")


def schema_of_schedule(schema: dict[str, Any]) -> None:
    """What an editor is told of a schedule: a name, a part, or a list of parts."""
    names: dict[str, Any] = {"enum": list(SCHEDULES)}
    part = {"type": "object", "properties": {"name": names}, "required": ["name"]}
    either = [names, part]
    schema.pop("type", None), schema.pop("items", None)
    several = {"type": "array", "items": {"anyOf": either}}
    schema["anyOf"] = [*either, several, {"type": "null"}]


def _part(given: Any) -> dict[str, Any]:
    part = {"name": given} if isinstance(given, str) else given
    if not isinstance(part, Mapping) or not isinstance(part.get("name"), str):
        raise ValueError(
            f"expected a schedule, such as {{name: cosine, final: 0.1}}, or a list of them, got "
            f"{quoted(given)}"
        )
    name = part["name"]
    if name not in SCHEDULES:
        raise ValueError(
            f"unknown schedule {quoted(name)}; {suggestion(name, SCHEDULES)}known: "
            f"{listed(SCHEDULES, 110)}"
        )
    own = {key: value for key, value in part.items() if key != "name"}
    return {"name": name, **own_settings(SCHEDULES[name].settings, own, f"schedule {name!r}")}


def refuse_unfit(name: str, own: Mapping[str, Any], network: Callable[[], Network]) -> None:
    """ConfigError for what only a network, or a try, can tell of an optimiser's own settings.

    `network` gives the plain settings of a model, the shape of one sample, and the number of
    outputs; it is asked where they matter, and for other optimisers nothing is done.
    """
    entry = OPTIMIZERS[name]
    if entry.fits:
        resolve(entry.fits)(own, lambda: _layers(network))
    if not is_ours(entry.code):
        _try(name, resolve(entry.code), entry.moments, canonical_json(own))


def _layers(network: Callable[[], Network]) -> int:
    """Layers of a network that have a parameter."""
    model, shape, n_outputs = network()
    if (maps := stack_of(model)) is not None:
        return len({one.layer for one in maps})
    return _layers_of(canonical_json(model), shape, n_outputs)


@lru_cache
def _layers_of(model: str, shape: tuple[int, ...], n_outputs: int) -> int:
    create_family = import_module("layeratlas.networks.registry").create_family
    tensors = create_family(json.loads(model), shape, n_outputs).parameters.tensors
    return len({tensor.layer for tensor in tensors})


@lru_cache
def _try(name: str, found: Any, moments: int, own: str) -> None:
    """Two steps of an optimiser that is not the project's, on a small tensor."""
    if not isinstance(found, type):
        updating = import_module("layeratlas.engine.optimizers.updating")
        updating.refuse_unfit(name, found, moments, json.loads(own))
