"""Settings as plain JSON: what a run's id is the hash of.

A setting that was added after runs had been given ids is marked so:

    weight_decay: Annotated[float, LATER] = Field(0.0, description="…")

At its default it is left out of the plain JSON, so that runs which do not use it keep the ids that
they had before there was such a setting.

An entry of a table may have settings of its own, which it declares by their defaults, or, where it
wants to say more, by a type and a pydantic Field:

    settings={"decay": 0.9, "steps": (int, Field(100, ge=1, description="…"))}

One that came later, `(Annotated[bool, LATER], Field(False, …))`, is left out at its default here
too, so the entry's function reads it as `settings.get("name", default)`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, create_model

from layeratlas.words import listed, quoted, suggestion

__all__ = ["LATER", "SEQUENCE", "declared", "own_settings", "plain_settings"]


class _Later:
    """Marks a field as one that came later."""

    def __repr__(self) -> str:
        return "LATER"


LATER = _Later()
"""For `Annotated[type, LATER]`: left out of a run's plain settings where it is at its default."""


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


SEQUENCE = BeforeValidator(_tuple)
"""For `Annotated[tuple[…], SEQUENCE]`: YAML's lists are tuples of settings, strict or not."""


def plain_settings(model: BaseModel) -> dict[str, Any]:
    """Plain JSON of typed settings, at every depth without later ones at their default."""
    return _without(model, model.model_dump(mode="json"))


def _without(model: BaseModel, plain: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if LATER in field.metadata and value == field.get_default(call_default_factory=True):
            continue
        inner = plain[name]
        if isinstance(value, BaseModel) and isinstance(inner, Mapping):
            inner = _without(value, dict(inner))
        kept[name] = inner
    return kept


class _Declaration:
    """A declaration as what it is made of: the same objects under the same names.

    Their values need not be comparable, let alone hashable.
    """

    def __init__(self, settings: Mapping[str, Any]):
        self.settings = dict(settings)
        self._parts = tuple((name, id(value)) for name, value in self.settings.items())

    def __hash__(self) -> int:
        return hash(self._parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Declaration) and self._parts == other._parts


def declared(settings: Mapping[str, Any]) -> type[BaseModel]:
    """The model of an entry's own settings, from its declaration (see above)."""
    return _model(_Declaration(settings))


# Runs by the thousand share few declarations, and a model takes longer to make than to use. What
# is kept holds its declaration, so that no other object comes to have the identity of its parts.
@functools.lru_cache(maxsize=512)
def _model(declaration: _Declaration) -> type[BaseModel]:
    fields: dict[str, Any] = {
        name: value if isinstance(value, tuple) else (_type(value), value)
        for name, value in declaration.settings.items()
    }
    config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
    return create_model("Declared", __config__=config, **fields)


def own_settings(
    settings: Mapping[str, Any], given: Mapping[str, Any], owner: str
) -> dict[str, Any]:
    """What is given of an entry's own settings, with the defaults of the others, as plain JSON.

    ValueError, one sentence, for the first key that is wrong; `owner` is whose settings they are,
    such as "optimizer 'lion'".
    """
    if not settings and not given:
        # Of most entries, for thousands of runs: a model is not made for nothing.
        return {}
    model = declared(settings)
    typed = {name: _tuple(value) for name, value in given.items()}
    try:
        return plain_settings(model.model_validate(typed))
    except ValidationError as error:
        problem = error.errors()[0]
    # Without pydantic's names of a value's alternatives.
    name, *inside = problem["loc"]
    key = ".".join(str(part) for part in (name, *inside) if part == name or isinstance(part, int))
    if problem["type"] == "extra_forbidden":
        known = f"known: {listed(settings, 110)}" if settings else "it has none"
        told = f"unknown setting of {owner}; {suggestion(key, settings)}{known}"
    elif problem["type"] == "missing":
        told = f"missing; {owner} has no default for it"
    else:
        message = problem["msg"].removeprefix("Value error, ")
        found = problem["input"]
        shown = quoted(list(found) if isinstance(found, tuple) else found)
        told = f"{message[0].lower()}{message[1:]}; got {shown}"
    raise ValueError(f"{key}: {told}")


def _type(default: Any) -> Any:
    """The type of a setting that is declared by its default alone; anything where that is null."""
    if isinstance(default, list):
        inner: Any = _type(default[0]) if default else Any
        return tuple[inner, ...]
    return Any if default is None else type(default)
