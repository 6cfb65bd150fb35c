"""The JSON Schema of an experiment file, so that editors complete and check what is written.

Built from the models that also type the settings. A file may extend another and a preset or an
axis may give what it leaves out, so nothing inside a section is required, and the settings of all
families stand side by side; what holds between settings is checked on loading alone.

    python -m layeratlas.config.schema > config/experiment.schema.json
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from layeratlas.config.axes import Axis, axes
from layeratlas.config.leaves import Path, alternatives, free_groups
from layeratlas.config.measuring import MeasureSettings, ViewSettings
from layeratlas.config.presets import NAME
from layeratlas.config.record_entries import AtEpoch, AtStep, Mark, Series
from layeratlas.config.refine import Refine, SeedRange
from layeratlas.config.shapes import PRESET_KEYS, PRESETS
from layeratlas.config.spacing import SPACINGS
from layeratlas.datasets.registry import source_names
from layeratlas.kinds import KINDS, Kind
from layeratlas.metrics.registry import METRICS

Schema = dict[str, Any]

# Values of an axis whose type nobody declares.
_LISTED: Schema = {
    "anyOf": [
        {"type": "array", "minItems": 1, "items": {"not": {"type": ["array", "object"]}}},
        {"type": "null"},
        {"$ref": "#/definitions/spaced"},
    ]
}

_NUMBERS = ("integer", "number")


def experiment_schema() -> Schema:
    """JSON Schema (draft 7, which editors know best) of a file in config/experiments."""
    of_kind = [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"$ref": f"#/definitions/{kind}"},
        }
        for kind in KINDS
    ]
    any_kind = {"anyOf": [{"$ref": f"#/definitions/{kind}"} for kind in KINDS]}
    unnamed = {
        "if": {"not": {"required": ["kind"]}},
        "then": {
            "if": {"required": ["extends"]},
            "then": any_kind,
            "else": {"$ref": "#/definitions/training"},
        },
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Experiment of Layer Atlas",
        "type": "object",
        "properties": {"kind": {"enum": list(KINDS)}},
        "allOf": [*of_kind, unnamed],
        "definitions": {
            **{name: _of_kind(kind) for name, kind in KINDS.items()},
            "spaced": _spaced(),
        },
    }


def _of_kind(kind: Kind) -> Schema:
    sections = _sections(kind)
    keys = {
        "extends": {
            "type": "string",
            "pattern": f"^{NAME.pattern}$",
            "description": "another experiment whose settings are taken over",
        },
        "template": {
            "type": ["boolean", "null"],
            "description": "true: only to be extended, never run",
        },
        "kind": {"const": kind.name, "description": "what a run is"},
        "title": {"type": "string", "pattern": r"\S", "description": "one line, shown in cubes"},
        "summary": {"type": ["string", "null"], "description": "a few sentences"},
        "paper": {"type": ["string", "null"], "description": "whose figure it is"},
        **sections,
        **(_grid_keys(kind, sections) if kind.has_grid else {}),
    }
    if kind.measured:
        measure = _section(MeasureSettings)
        measure["properties"]["metrics"]["items"] = {"enum": list(METRICS)}
        measure["properties"]["views"] = {
            "type": ["object", "null"],
            "additionalProperties": _section(ViewSettings),
            "description": MeasureSettings.model_fields["views"].description,
        }
        keys["measure"] = measure
    here = f"#/definitions/{kind.name}"
    changes = {key: {"$ref": f"{here}/properties/{key}"} for key in keys if key in PRESET_KEYS}
    presets = {
        "type": ["object", "null"],
        "properties": {key: {"$ref": f"{here}/definitions/changes"} for key in PRESETS},
        "additionalProperties": False,
        "description": "changes for a preset, laid over the file's own settings",
    }
    return {
        **_object({**keys, "presets": presets}),
        **_whole(kind),
        **_named_axes(kind),
        "definitions": {"changes": _object(changes)},
    }


def _whole(kind: Kind) -> Schema:
    """What a file that extends nothing, and is no template, must say itself or in its presets."""
    fields = kind.settings.model_fields
    needed = [section for section in kind.sections if fields[section].is_required()]
    needed += ["grid"] if kind.has_grid else []
    template = {"properties": {"template": {"const": True}}, "required": ["template"]}
    said = {"anyOf": [{"required": needed}, {"required": ["presets"]}]}
    return {
        "if": {"not": {"anyOf": [{"required": ["extends"]}, template]}},
        "then": {"required": ["title"], **said},
    }


def _named_axes(kind: Kind) -> Schema:
    """Any name may be an axis where a file gives free settings, or extends one that does."""
    groups = [group for group in free_groups(kind.settings) if group[0] in kind.sections]
    if not (kind.has_grid and groups):
        return {}
    given = [_given(group) for group in groups]
    whole = [{"pattern": f"^{'_'.join(group)}_"} for group in groups]
    names = {"propertyNames": {"anyOf": [{"enum": list(axes(kind))}, *whole]}}
    there: Schema = {"anyOf": [{"required": ["extends"]}, *given]}
    return {"allOf": [{"if": {"not": there}, "then": {"properties": {"grid": names}}}]}


def _given(group: Path) -> Schema:
    """What fits a file that has something in this mapping."""
    name, *rest = group
    inner = _given(tuple(rest)) if rest else {"type": "object", "minProperties": 1}
    return {"type": "object", "required": [name], "properties": {name: inner}}


def _grid_keys(kind: Kind, sections: Mapping[str, Schema]) -> Schema:
    whole = {"type": "integer", "minimum": 0}
    return {
        "grid": {
            **_object({name: _values(a, sections) for name, a in axes(kind).items()}),
            **({"additionalProperties": _LISTED} if free_groups(kind.settings) else {}),
            "description": "axes, in the order of the cube's dimensions; null removes one",
        },
        "along": _along(kind, sections),
        "refine": _refine(),
        "seeds": {
            "anyOf": [
                {"type": "integer", "minimum": 1},
                {"type": "array", "items": whole, "minItems": 1, "uniqueItems": True},
            ],
            "description": f"a number of them, or a list; {kind.seed}",
        },
        "checkpoints": {
            "anyOf": [
                {"type": "array", "items": {"anyOf": [whole, {"const": "final"}]}, "minItems": 1},
                {
                    **_object({"every": {"type": "integer", "minimum": 1}}),
                    "required": ["every"],
                },
            ],
            "description": f"{kind.moment}s that are kept, 0 the beginning; {{every: n}} with the "
            "last one",
        },
        **({"records": _records()} if kind.steps else {}),
        "shard_size": {
            "type": "integer",
            "minimum": 1,
            "description": "runs that one job makes together, at most",
        },
    }


def _along(kind: Kind, sections: Mapping[str, Schema]) -> Schema:
    """Settings that follow an axis: of each value of the axis, which are keys here, one."""

    def values(item: Schema) -> Schema:
        return {"type": ["object", "null"], "additionalProperties": item, "minProperties": 1}

    plain: Schema = {"not": {"type": ["array", "object"]}}
    follow = {
        **_object({name: values(_value(axis, sections)) for name, axis in axes(kind).items()}),
        **({"additionalProperties": values(plain)} if free_groups(kind.settings) else {}),
        "type": ["object", "null"],
    }
    return {
        "type": "object",
        "additionalProperties": follow,
        "description": "settings that follow an axis: axis, setting, and by value of the axis the "
        "setting's; null takes one away",
    }


def _refine() -> Schema:
    """A boundary to be found in place of a grid; parts of it may stand in what is extended."""
    told = Refine.model_json_schema()
    every = {"": told["properties"], "seeds": told["$defs"][SeedRange.__name__]["properties"]}
    properties, seeds = (
        {name: {k: v for k, v in one.items() if k != "title"} for name, one in part.items()}
        for part in every.values()
    )
    return {
        **_object({**properties, "seeds": _object(seeds)}),
        "type": ["object", "null"],
        "description": "a boundary in the plane of two axes that runs are spent on, whose first "
        "generation the grid is; null takes one away",
    }


def _records() -> Schema:
    sorts: list[type[BaseModel]] = [AtEpoch, AtStep, Mark, Series]
    return {
        "type": "array",
        "minItems": 1,
        "items": {"anyOf": [*(_record(sort) for sort in sorts), {"const": "final"}]},
        "description": "record points, for `checkpoints`: epochs, steps, series of either, first "
        "times that the running loss is below a mark",
    }


def _record(sort: type[BaseModel]) -> Schema:
    return {**_section(sort), "required": sort.model_json_schema()["required"]}


def _sections(kind: Kind) -> dict[str, Schema]:
    """Schemas of the settings that make up a run, shorthands among them."""
    found = _section(kind.settings, kind.internal)["properties"]
    sections = {name: found[name] for name in kind.sections}
    if "dataset" in sections:
        source = sections["dataset"]["properties"]["source"]
        sections["dataset"]["properties"]["source"] = {
            "type": "string",
            "enum": list(source_names()),
            "description": source["description"],
        }
    for section, name in kind.shorthands:
        axis = axes(kind)[name]
        inside = sections[section]["properties"]
        inside[name] = {**_at(sections, axis.paths[0]), "description": axis.long_name}
    return sections


def _section(model: type[BaseModel], internal: Iterable[Path] = ()) -> Schema:
    """An object with the settings of a model; of several alternatives where a field has them."""
    own = model.model_json_schema()["properties"]
    properties = {}
    for name, field in model.model_fields.items():
        inner = [path[1:] for path in internal if path[0] == name]
        if () in inner:
            continue
        models = alternatives(field.annotation)
        if not models:
            properties[name] = {k: v for k, v in own[name].items() if k != "title"}
            continue
        each = {tag: _section(m, inner)["properties"] for tag, m in models.items()}
        names = dict.fromkeys(key for inside in each.values() for key in inside)
        merged = {
            key: _either({tag: inside[key] for tag, inside in each.items() if key in inside})
            for key in names
        }
        properties[name] = _object(merged)
        if field.description:
            properties[name]["description"] = field.description
        if field.annotation is not None and type(None) in getattr(field.annotation, "__args__", ()):
            # A section may be left out, but a setting inside one may be null.
            properties[name]["type"] = ["object", "null"]
    return _object(properties)


def _either(schemas: Mapping[str, Schema]) -> Schema:
    """A value that fits one of these, each named by the alternative that has it."""
    if len({json.dumps(schema, sort_keys=True) for schema in schemas.values()}) == 1:
        return dict(next(iter(schemas.values())))
    bare = [{k: v for k, v in s.items() if k not in ("description", "default")}
            for s in schemas.values()]  # fmt: skip
    told: dict[str, list[str]] = {}
    for tag, schema in schemas.items():
        told.setdefault(schema.get("description", ""), []).append(tag)
    described = [
        text if len(told) == 1 else f"{', '.join(tags)}: {text}" for text, tags in told.items()
    ]
    words = [schema["const"] for schema in bare if "const" in schema]
    if len(words) == len(bare):
        merged: Schema = {"enum": words}
    else:
        unique = list({json.dumps(schema, sort_keys=True): schema for schema in bare}.values())
        merged = unique[0] if len(unique) == 1 else {"anyOf": unique}
    return merged | {"description": "; ".join(described)}


def _values(axis: Axis, sections: Mapping[str, Schema]) -> Schema:
    """What an axis may be given: a list, evenly spaced numbers, or null."""
    item = _value(axis, sections)
    forms: list[Schema] = [{"type": "array", "items": item, "minItems": 1, "uniqueItems": True}]
    if any(part.get("type") in _NUMBERS for part in _parts(item)):
        forms.append({"$ref": "#/definitions/spaced"})
    return {"anyOf": [*forms, {"type": "null"}], "description": axis.long_name}


def _value(axis: Axis, sections: Mapping[str, Schema]) -> Schema:
    """What one value of an axis may be."""
    setting = _at(sections, axis.paths[0])
    kept = [part for part in _parts(setting) if axis.text is None or _fits(part, axis.text)]
    return kept[0] if len(kept) == 1 else {"anyOf": kept}


def _spaced() -> Schema:
    """Evenly spaced values; what is left out may stand in the file that is extended."""
    return _object({
        "from": {"type": "number"},
        "to": {"type": "number"},
        "step": {"type": "integer", "minimum": 1},
        "points": {"type": "integer", "minimum": 2},
        "spacing": {"enum": list(SPACINGS)},
    })  # fmt: skip


def _parts(setting: Schema) -> list[Schema]:
    """The alternatives of a setting, without what is said of it."""
    inner = setting.get("anyOf")
    if inner is not None:
        return [part for alternative in inner for part in _parts(alternative)]
    return [{k: v for k, v in setting.items() if k not in ("description", "default")}]


def _fits(part: Schema, text: bool) -> bool:
    """Whether values of this type may be on an axis of text, or on one of none."""
    return (part.get("type") not in _NUMBERS) if text else (part.get("type") in _NUMBERS)


def _at(sections: Mapping[str, Schema], path: Path) -> Schema:
    found = sections[path[0]]
    for part in path[1:]:
        if "properties" not in found:  # a free mapping: its keys have no types here
            return {"type": "number"}
        found = found["properties"][part]
    return found


def _object(properties: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


if __name__ == "__main__":
    print(json.dumps(experiment_schema(), indent=1, ensure_ascii=False))
