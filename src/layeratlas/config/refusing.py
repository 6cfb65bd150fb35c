"""Refusals: what is wrong with a setting, in one sentence with its key and what would be right."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from layeratlas.config.leaves import alternatives
from layeratlas.errors import ConfigError
from layeratlas.runs.names import RENAMED
from layeratlas.tables import NameIn
from layeratlas.words import listed, printable, quoted, shortened, suggestion

Settings = TypeVar("Settings", bound=BaseModel)
Problem = Mapping[str, Any]

# A sentence has room for so much of a path and of a list of names, and for so many faults.
_LONGEST_PATH = 110
_LONGEST_LIST = 110
_MOST_FAULTS, _LONGEST_FAULTS = 3, 230
_NOT_GIVEN = object()


def named(path: Path | str) -> str:
    """A file's path as refusals name it: of a long one, the last parts."""
    text = printable(str(path))
    if len(text) <= _LONGEST_PATH:
        return text
    cut = text.find("/", len(text) - _LONGEST_PATH + 1)
    return f"…{text[cut:]}" if cut >= 0 else shortened(text, _LONGEST_PATH)


def plain(text: object) -> str:
    """A key or a word of a file in a sentence: printable, of at most 60 characters."""
    return shortened(printable(str(text)), 60)


def known_names(names: Iterable[object]) -> str:
    """`known: ` and the names, as many as a sentence has room for."""
    return f"known: {listed(names, _LONGEST_LIST)}"


def refuse_unknown(path: str, prefix: str, data: Mapping[Any, Any], known: Collection[str]) -> None:
    """ConfigError for a key that is not known, with the known ones and the nearest."""
    for key in data:
        if key not in known:
            full = f"{prefix}.{plain(key)}" if prefix else plain(key)
            raise ConfigError(
                f"{path}: {full}: unknown key; {suggestion(key, known)}{known_names(sorted(known))}"
            )


def refuse_infinite(value: Any, where: str, key: str) -> None:
    """ConfigError for a number that is infinite or none, in whatever `key` holds."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            refuse_infinite(inner, where, f"{key}.{name}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            refuse_infinite(inner, where, f"{key}[{i}]")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{where}: {key}: expected a finite number, got {value!r}")


def refuse_wrong_sort(spot: str, value: Any, text: bool | None, where: str) -> None:
    """ConfigError for text where an axis has numbers, and the other way round."""
    if text is not None and value is not None and isinstance(value, str) != text:
        raise ConfigError(
            f"{where}: {spot}: expected {'text' if text else 'a number'}, got {quoted(value)}"
            + ("; write the number of images" if value == "full" else "")
        )


def validated(
    model: type[Settings], data: Any, where: str, key: str = "", *, exact: bool = False
) -> Settings:
    """`model` of the data, or a ConfigError naming every refused key, inside `key`.

    Exact is what determines numbers: "3", 3.0 and true are no 3. The rest may come from a command
    line, which gives text, and has tuples, which YAML gives as lists.
    """
    if not isinstance(data, Mapping):
        told = f"expected a mapping of settings, got {quoted(data)}"
        raise ConfigError(f"{where}: {key}: {told}" if key else f"{where}: {told}")
    try:
        return model.model_validate(data, strict=True if exact else None)
    except ValidationError as error:
        found: dict[str, dict[str, str]] = {}
        for problem in _problems(error):
            spot = ".".join(part for part in (key, *_place(problem, model)) if part)
            sentence, given = _sentence(problem, model)
            found.setdefault(spot, {})[sentence] = given
        raise ConfigError(f"{where}: {_told(found)}") from None


def refuse_fixed(
    model: type[BaseModel], data: Mapping[str, Any], varied: Collection[tuple[str, ...]], where: str
) -> None:
    """ConfigError for fixed settings that are wrong; one that a grid varies may be missing."""
    try:
        model.model_validate(data, strict=True)
    except ValidationError as error:
        missing = [tuple(_place(p, model)) for p in _problems(error) if p["type"] == "missing"]
        if len(missing) < len(_problems(error)) or not set(missing) <= set(varied):
            validated(model, data, where, exact=True)


def refused_in_grid(
    error: ValidationError,
    model: type[BaseModel],
    paths: Iterable[tuple[str, ...]],
    where: str,
    key: str,
    value: Any = _NOT_GIVEN,
) -> ConfigError:
    """The same for settings that a grid makes: the fault is at `key`, whose value may be given.

    `paths` are the settings that the value was written to; another one that it does not go with
    is named.
    """
    found: dict[str, dict[str, str]] = {}
    for problem in _problems(error):
        place = _place(problem, model)
        sentence, given = _sentence(problem, model)
        if problem["loc"]:
            given = "" if value is _NOT_GIVEN or repr(value) in sentence else quoted(value)
        own = any(list(path[: len(place)]) == place for path in paths)
        misplaced = problem["type"] in ("extra_forbidden", "missing")
        spot = f"{key}: {'.'.join(place)}" if misplaced or not own else key
        found.setdefault(spot, {})[sentence] = given
    return ConfigError(f"{where}: {_told(found)}")


def refused_at(
    error: ValidationError,
    model: type[BaseModel],
    path: tuple[str, ...],
    where: str,
    key: str,
    value: Any,
) -> ConfigError | None:
    """The refusal of what is wrong with a value by itself; None where only others are."""
    found: dict[str, dict[str, str]] = {}
    for problem in _problems(error):
        place = tuple(_place(problem, model))
        if place[: len(path)] == path and problem["type"] not in ("missing", "extra_forbidden"):
            sentence, _ = _sentence(problem, model)
            given = "" if repr(value) in sentence else quoted(value)
            found.setdefault(key, {})[sentence] = given
    return ConfigError(f"{where}: {_told(found)}") if found else None


def _problems(error: ValidationError) -> list[Problem]:
    # pydantic counts right items only, as too few; what is wrong with the others is told.
    return [p for p in error.errors() if p["type"] != "too_short" or not p["input"]]


def _told(found: Mapping[str, Mapping[str, str]]) -> str:
    lines = []
    for spot, sentences in found.items():
        # The alternatives of one setting, as in "a valid integer or 'full'".
        first, *others = sentences
        text = " or ".join([first, *(o.removeprefix("input should be ") for o in others)])
        given = next(iter(sentences.values()))
        lines.append(f"{spot}: {text}".lstrip(": ") + (f"; got {given}" if given else ""))
    told = lines[:1]
    for line in lines[1:_MOST_FAULTS]:
        if len("; ".join([*told, line])) > _LONGEST_FAULTS:
            break
        told.append(line)
    rest = len(lines) - len(told)
    return "; ".join([*told, *([f"and {rest} more"] if rest else [])])


def _sentence(problem: Problem, model: type[BaseModel]) -> tuple[str, str]:
    """What would be right, and the value given where the sentence does not name it."""
    message = problem["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if problem["type"] == "missing":
        return "missing; it has no default", ""
    if problem["type"] == "extra_forbidden":
        known = _fields_at(model, problem["loc"][:-1])
        near = suggestion(problem["loc"][-1], known)
        return f"unknown key; {near}{known_names(sorted(known))}", ""
    if _is_of_tag(problem):
        known = _tags(model, problem["loc"])
        given = problem["input"].get(_discriminating(model, problem["loc"]))
        if RENAMED.get(str(given)) in known:
            return f"{quoted(given)} is called {RENAMED[given]!r} now", ""
        return f"unknown {quoted(given)}; {suggestion(given, known)}{known_names(known)}", ""
    if problem["type"] == "union_tag_not_found":
        return "expected a mapping of settings", quoted(problem["input"])
    if problem["type"] == "value_error" and not problem["loc"]:
        return message, ""
    message = message.replace("valid tuple", "list").replace("valid dictionary", "mapping")
    message = message.replace("tuple should", "list should").replace(" after validation", "")
    message = re.sub(r"a mapping or instance of \w+", "a mapping", message)
    for limit in ("gt", "ge", "lt", "le"):
        bound = problem.get("ctx", {}).get(limit)
        if isinstance(bound, float):  # as people write it
            message = f"{message.rpartition(' ')[0]} {bound:g}"
    given = problem["input"]
    message = f"{message[0].lower()}{message[1:]}"
    if problem["type"] == "value_error":
        message = message.rstrip(".")
        if "; got " in message:
            return message, ""
        if not isinstance(given, Mapping):
            return message, "" if quoted(given) in message else quoted(given)
        # A rule between settings: of all that the mapping holds, what the rule speaks of.
        spoken_of = {
            k: quoted(v) for k, v in given.items() if re.search(rf"\b{re.escape(k)}\b", message)
        }
        told = [f"{key} {text}" for key, text in spoken_of.items() if text not in message]
        return message, ", ".join(told)
    return message, quoted(given)


def _is_of_tag(problem: Problem) -> bool:
    """Whether the setting that chooses between alternatives chooses none of them."""
    tagged = problem["type"] in ("union_tag_invalid", "union_tag_not_found")
    return tagged and isinstance(problem["input"], Mapping)


def _place(problem: Problem, model: type[BaseModel]) -> list[str]:
    """The key of a problem: its location without pydantic's names of a value's alternatives."""
    parts: list[str] = []
    here: list[Any] = []
    for part in problem["loc"]:
        models = _models_at(model, here)
        here.append(part)
        if isinstance(part, int) or (models and part not in models):
            parts.append(plain(part))
    if _is_of_tag(problem):
        parts.append(_discriminating(model, problem["loc"]))
    return parts


def _fields_at(model: type[BaseModel], location: Iterable[Any]) -> list[str]:
    """Settings at a location; none where it holds a plain value."""
    found = _models_at(model, location)
    return list(dict.fromkeys(name for m in found.values() for name in m.model_fields))


def _tags(model: type[BaseModel], location: Iterable[Any]) -> list[str]:
    """What the alternatives at a location are called, e.g. the families of a network."""
    models = _models_at(model, location)
    tags = [tag for tag in models if tag]
    if not tags:
        return []
    fields = [m.model_fields[_discriminating(model, location)] for m in models.values()]
    # One alternative may stand for all other names of a table, those of users' entries.
    open_to = [mark.table for f in fields for mark in f.metadata if isinstance(mark, NameIn)]
    own = [tag for tag, f in zip(tags, fields, strict=True) if get_args(f.annotation) == (tag,)]
    return list(dict.fromkeys([*own, *(name for table in open_to for name in table)]))


def _discriminating(model: type[BaseModel], location: Iterable[Any]) -> str:
    """The setting that chooses between the alternatives at a location, e.g. `family`."""
    tag, chosen = next(iter(_models_at(model, location).items()))
    return next(
        name
        for name, field in chosen.model_fields.items()
        if getattr(field.annotation, "__args__", ()) == (tag,)
    )


def _models_at(model: type[BaseModel], location: Iterable[Any]) -> dict[str, type[BaseModel]]:
    """The models that a location may hold, by their tag; a single one has the tag ''."""
    models = {"": model}
    for part in location:
        if part in models:
            models = {"": models[part]}
            continue
        fields = [m.model_fields[part] for m in models.values() if part in m.model_fields]
        models = alternatives(fields[0].annotation) if fields else {}
    return models
