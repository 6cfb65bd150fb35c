"""Axes of a grid: the names a user may vary, and the settings each one sets.

Every plain setting is an axis. `AXES` holds those of which there is more to say than their type
does: a symbol, a unit, a name of their own, several settings at once. Values of an axis become a
named coordinate of the cube.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from layeratlas.config.free import free_settings
from layeratlas.config.leaves import Path, choices, free_groups, leaves
from layeratlas.kinds.base import Kind


@dataclass(frozen=True)
class Axis:
    """`paths`: the settings a value is written to; `symbol`: as in the papers.

    A path may lead into free settings, whose names no type knows. `text` says that values are names
    or rules, or that they are none; None leaves it to the type of the setting.
    """

    name: str
    paths: tuple[Path, ...]
    long_name: str
    symbol: str = ""
    units: str = "1"
    text: bool | None = False

    def describe(self, values: Sequence[Any]) -> dict[str, Any]:
        """What a cube says of the axis with these `labels`, as plain JSON."""
        return {
            "long_name": self.long_name,
            "units": self.units,
            "symbol": self.symbol,
            "text": any(isinstance(value, str) for value in values),
            "paths": [list(path) for path in self.paths],
        }


AXES: dict[str, Axis] = {
    axis.name: axis
    for axis in (
        Axis(
            "data_noise",
            (("noise", "label_noise"), ("noise", "input_noise")),
            "label and input noise",
            "p",
        ),
        Axis("label_noise", (("noise", "label_noise"),), "fraction of labels redrawn", "p"),
        Axis(
            "input_noise",
            (("noise", "input_noise"),),
            "input noise in standard deviations of the inputs",
            "p",
        ),
        Axis("negative_slope", (("model", "negative_slope"),), "LeakyReLU negative slope", "α"),
        Axis("dropout", (("model", "dropout"),), "dropout rate", "p"),
        Axis("depth", (("model", "depth"),), "depth in linear maps", "L"),
        Axis("width", (("model", "width"),), "width of hidden layers", "m"),
        Axis("branch_scale", (("model", "branch_scale"),), "branch scale", "β"),
        Axis(
            "branch_rule", (("model", "branch_scale"),), "branch scale by depth L", "β", text=True
        ),
        Axis("scaling", (("scaling", "name"),), "hyper-parameter scaling", "", text=True),
        Axis(
            "init_gain",
            (("model", "initialization_settings", "gain"),),
            "gain of initial weights",
            "s",
        ),
        Axis(
            "setting", (("scaling", "setting"),), "dense or sparse input and output", "", text=True
        ),
        Axis("n_inputs", (("model", "n_inputs"),), "inputs", "d"),
        Axis("n_outputs", (("model", "n_outputs"),), "outputs", "k"),
        Axis("channels", (("model", "channels"),), "channels of each convolution", "c"),
        Axis("learning_rate", (("training", "learning_rate"),), "learning rate", "η"),
        Axis("momentum", (("training", "momentum"),), "momentum", "μ"),
        Axis("weight_decay", (("training", "weight_decay"),), "weight decay", "λ"),
        Axis("batch_size", (("training", "batch_size"),), "batch size", "B", "images"),
        Axis("length", (("chain", "length"),), "blocks of the chain", "L"),
        Axis(
            "friction_right",
            (("chain", "friction_right"),),
            "friction against motion to the right",
            "μ→",
        ),
        Axis(
            "friction_left",
            (("chain", "friction_left"),),
            "friction against motion to the left",
            "μ←",
        ),
        Axis(
            "friction",
            (("chain", "friction_right"), ("chain", "friction_left")),
            "friction, the same in both directions",
            "μ",
        ),
        Axis("noise_strength", (("chain", "noise_strength"),), "strength of the shaking", "ε̄"),
        Axis("stiffness", (("chain", "stiffness"),), "stiffness of the springs", "k"),
        Axis("step_size", (("chain", "step_size"),), "step of the integrator", "η"),
        Axis("n_train", (("dataset", "n_train"),), "training images", "N", "images"),
    )
}

#: Axis of an experiment whose points are listed one by one: others follow it (`refine`).
POINT = "point"
_POINT = Axis(POINT, (), "point of the plane", text=None)

# Words that a cube or an experiment file uses for something else: its dimensions, and `kind`.
_OTHERWISE = frozenset(
    {
        "affine",
        "batch_norm_mode",
        "derivative",
        "epoch",
        "kind",
        "label",
        "layer",
        "mode",
        "point",
        "record",
        "run",
        "seed",
        "step",
        "view",
    }
)


def axes(
    kind: Kind, settings: Mapping[str, Any] | None = None, names: Iterable[Any] = ()
) -> Mapping[str, Axis]:
    """Every axis that a grid of this kind may have, by name: those of `AXES`, then the others.

    The others are named after their setting: by its last name (`beta1`), or, where another
    setting or the cube uses that for something else, by its whole path (`noise_kind`). Of free
    settings, which no type names (`model.settings`), those that `settings` gives are axes by their
    last names, before any other of that name, and by its whole path any that `names` holds.
    """
    names = tuple(names)
    typed = _axes(kind.settings, kind.sections, kind.internal, frozenset(kind.recorded))
    free = free_settings(kind, settings or {}, names, _OTHERWISE)
    found = {
        name: Axis(name, (path,), path[-1].replace("_", " "), text=None)
        for name, path in free.items()
    }
    if POINT in names:
        found[POINT] = _POINT
    return {**typed, **found} if found else typed


def axis_of(kind: Kind, name: str, settings: Mapping[str, Any] | None = None) -> Axis:
    """The axis of that name; KeyError where a grid of this kind can have none."""
    return axes(kind, settings, (name,))[name]


def labels(values: Sequence[Any]) -> tuple[Any, ...]:
    """An axis' values as coordinates: all numbers, all true or false, or all text.

    Text among them makes text of all, as YAML writes them: `null` and 100 are 'null' and '100'.
    """
    if not any(value is None or isinstance(value, str) for value in values):
        return tuple(values)
    return tuple(value if isinstance(value, str) else json.dumps(value) for value in values)


@functools.cache
def _axes(
    settings: type[BaseModel],
    sections: tuple[str, ...],
    internal: tuple[Path, ...],
    recorded: frozenset[str],
) -> Mapping[str, Axis]:
    plain = {
        path: fields
        for path, fields in leaves(settings).items()
        if path[0] in sections and path not in internal
    }
    free = [group for group in free_groups(settings) if group[0] in sections]
    found = {
        name: axis
        for name, axis in AXES.items()
        if all(path in plain or path[:-1] in free for path in axis.paths)
    }
    told = {path for axis in found.values() if len(axis.paths) == 1 for path in axis.paths}
    rest = [path for path in plain if path not in told]
    taken = [*found, *_OTHERWISE, *recorded, *(path[-1] for path in rest)]
    for path in rest:
        name = path[-1] if taken.count(path[-1]) == 1 else "_".join(path)
        found[name] = Axis(name, (path,), _long_name(name, plain[path]), text=None)
    return found


def _long_name(name: str, fields: Sequence[Any]) -> str:
    """What a setting is said to be; of one that is a choice of words, the words are explained."""
    told = "" if choices(fields) else (fields[0].description or "")
    return told.partition(";")[0].rstrip(".") or name.replace("_", " ")
