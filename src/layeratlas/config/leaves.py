"""Walking typed settings: which models a place may hold, and where the plain values are."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, Tag
from pydantic.fields import FieldInfo

from layeratlas.tables import NameIn

Path = tuple[str, ...]


def alternatives(annotation: Any) -> dict[str, type[BaseModel]]:
    """The models that a value of this type may be, by their tag; a single one has the tag ''."""
    found = {}
    for alternative in (annotation, *get_args(annotation)):
        model = getattr(alternative, "__origin__", alternative)
        marks = getattr(alternative, "__metadata__", ())
        tag = next((mark.tag for mark in marks if isinstance(mark, Tag)), "")
        if isinstance(model, type) and issubclass(model, BaseModel):
            found[tag] = model
    return found


@functools.cache
def leaves(model: type[BaseModel]) -> dict[Path, tuple[FieldInfo, ...]]:
    """Settings that are plain values, by path; one field for each alternative that has it."""
    found: dict[Path, tuple[FieldInfo, ...]] = {}
    for name, field in model.model_fields.items():
        models = alternatives(field.annotation)
        if models:
            for inner in models.values():
                for path, fields in leaves(inner).items():
                    found[(name, *path)] = (*found.get((name, *path), ()), *fields)
        elif _is_plain(field.annotation):
            found[(name,)] = (field,)
    return found


def groups(model: type[BaseModel]) -> Iterator[Path]:
    """Paths of settings that hold other settings."""
    for name, field in model.model_fields.items():
        models = alternatives(field.annotation)
        if models:
            yield (name,)
        inner = dict.fromkeys(path for m in models.values() for path in groups(m))
        yield from ((name, *path) for path in inner)


@functools.cache
def free_groups(model: type[BaseModel]) -> tuple[Path, ...]:
    """Paths of mappings whose keys no type names: what an entry or a user's own code takes."""
    found: dict[Path, None] = {}
    for name, field in model.model_fields.items():
        if get_origin(field.annotation) is dict:
            found[(name,)] = None
        for inner in alternatives(field.annotation).values():
            found |= {(name, *path): None for path in free_groups(inner)}
    return tuple(found)


@functools.cache
def tag_of(model: type[BaseModel], path: Path) -> dict[str, type[BaseModel]]:
    """The alternatives between which this setting chooses, by its value; none for most settings.

    So `("model", "family")` gives each family's settings, and `("chain", "order")` each order's.
    """
    models = {"": model}
    for part in path[:-1]:
        fields = [m.model_fields[part] for m in models.values() if part in m.model_fields]
        models = alternatives(fields[0].annotation) if fields else {}
    return {
        tag: m
        for tag, m in models.items()
        if path[-1] in m.model_fields and get_args(m.model_fields[path[-1]].annotation) == (tag,)
    }


def with_setting(settings: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy with one setting replaced, which shares all that it does not change."""
    name, *rest = path
    if rest:
        value = with_setting(settings.get(name) or {}, tuple(rest), value)
    return {**settings, name: value}


def choices(fields: Iterable[FieldInfo]) -> bool:
    """Whether a setting is one of some words, or of the names of a table."""
    return all(
        any(isinstance(mark, NameIn) for mark in field.metadata)
        or (get_origin(part) is Literal and all(isinstance(word, str) for word in get_args(part)))
        for field in fields
        for part in _parts(field.annotation)
        if part is not type(None)
    )


def _is_plain(annotation: Any) -> bool:
    return all(
        get_origin(part) is Literal or part in (int, float, str, bool, type(None))
        for part in _parts(annotation)
    )


def _parts(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of a type."""
    if get_origin(annotation) in (None, Literal, tuple):
        return (annotation,)
    return get_args(annotation)
