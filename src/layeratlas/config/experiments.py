"""Typed configuration: the one place where a setting is refused.

An experiment is one YAML file, `config/experiments/<name>.yaml`. Settings are typed by the room
that uses them (data set, model, training) and put together here. Loading goes: YAML → `extends`
→ preset → types → grid; whatever is wrong is refused with file, key, value and what would be
right, before the workflow plans a single job.
"""

from __future__ import annotations

import copy
import difflib
import itertools
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, Tag, ValidationError

from layeratlas.config.axes import AXES
from layeratlas.errors import ConfigError
from layeratlas.kinds import KINDS, Kind
from layeratlas.metrics.registry import get_metric

PRESETS = ("smoke", "laptop", "paper")
# Models that determine numbers: they take no value of a wrong type, not even "3" for 3.
_EXACT = tuple(kind.settings for kind in KINDS.values())
NAME = re.compile(r"[a-z][a-z0-9_]*")
_STRICT = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class MeasureSettings(BaseModel):
    """What is measured on every checkpoint."""

    model_config = _STRICT

    metrics: tuple[str, ...] = Field(("data_separation",), min_length=1)
    batch_norm_modes: tuple[Literal["running_statistics", "batch_statistics"], ...] = Field(
        ("running_statistics",), min_length=1
    )
    step_images: int | None = Field(
        None,
        ge=1,
        description="training images, the first ones, of the gradient step that feature speeds "
        "are measured on; null: all",
    )


class Experiment(BaseModel):
    """A named grid with fixed settings, resolved for one preset."""

    model_config = _STRICT

    name: str
    preset: str
    kind: str = "training"
    title: str
    summary: str = ""
    paper: str = ""
    settings: dict[str, Any]
    grid: dict[str, tuple[Any, ...]]
    seeds: tuple[int, ...]
    checkpoints: tuple[int, ...]
    measure: MeasureSettings
    shard_size: int

    @property
    def noise_kind(self) -> str:
        """Whether training noise is fresh or static; empty for experiments without training."""
        training = self.kind == "training"
        return self.settings.get("noise", {}).get("kind", "fresh") if training else ""


class WorkflowConfig(BaseModel):
    """config/config.yaml: what to run, with which data, on which device."""

    model_config = _STRICT

    preset: Literal["smoke", "laptop", "paper"] = "laptop"
    data_dir: str | None = Field(None, description="folder with official data files; null: none")
    cache_dir: str | None = Field(None, description="where downloads are kept; null: user cache")
    download: bool = Field(True, description="false: never touch the network")
    device: Literal["auto", "cpu", "cuda"] = "auto"
    save_every: float = Field(
        30.0, gt=0, strict=True, description="seconds between training checkpoints"
    )
    verbose: bool = Field(True, description="progress bars in the jobs")


# --- reading YAML -------------------------------------------------------------------------
class _Loader(yaml.SafeLoader):
    """Safe YAML that reads 1e-3 as a number (YAML 1.1 does not) and refuses a repeated key."""


_Loader.yaml_implicit_resolvers = copy.deepcopy(yaml.SafeLoader.yaml_implicit_resolvers)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9]+)[eE][-+]?[0-9]+$"),
    list("-+.0123456789"),
)


def _unique_mapping(loader: _Loader, node: yaml.MappingNode) -> dict:
    merge = "tag:yaml.org,2002:merge"
    keys = [
        key.value if key.tag == merge else loader.construct_object(key, deep=True)
        for key, _ in node.value
    ]
    for i, key in enumerate(keys):
        if key in keys[:i]:
            line = node.value[i][0].start_mark.line + 1
            raise yaml.constructor.ConstructorError(
                None, None, f"line {line}: the key {key!r} appears twice; keep one"
            )
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:map", _unique_mapping)


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML mapping; ConfigError on anything else."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{path}: not valid YAML: {reason}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: expected a mapping of settings, got {type(data).__name__}")
    return data


# --- experiments ----------------------------------------------------------------------------
_KEYS = {
    "extends", "template", "kind", "title", "summary", "paper", "seeds", "grid", "checkpoints",
    "measure", "shard_size", "presets", *(s for kind in KINDS.values() for s in kind.sections),
}  # fmt: skip
_PRESET_KEYS = _KEYS - {"extends", "template", "kind", "title", "summary", "paper", "presets"}


def experiment_names(folder: Path) -> tuple[str, ...]:
    """Experiments of a folder, templates left out; refuses names that are no identifiers."""
    names = []
    for path in sorted(folder.glob("*.y*ml")):
        if path.suffix != ".yaml":
            raise ConfigError(f"{path}: name it {path.stem}.yaml")
        if not NAME.fullmatch(path.stem):
            raise ConfigError(
                f"{path}: an experiment's name has lower-case letters, digits and underscores "
                f"and starts with a letter; got {path.stem!r}"
            )
        if not read_yaml(path).get("template", False):
            names.append(path.stem)
    return tuple(names)


def load_experiment(name: str, preset: str, folder: Path) -> Experiment:
    """Read, merge, type and check one experiment for a preset.

    Raises ConfigError naming file, key, value and what would be right.
    """
    if preset not in PRESETS:
        raise ConfigError(f"preset: unknown {preset!r}; known: {', '.join(PRESETS)}")
    if not NAME.fullmatch(name):
        raise ConfigError(
            f"experiment: {name!r} is no experiment's name; one has lower-case letters, digits and "
            "underscores and starts with a letter"
        )
    path = folder / f"{name}.yaml"
    raw = _merged(path, folder, ())
    for chosen in PRESETS:
        # A preset the user is not running today is checked too: it may be tomorrow's job.
        _resolve(name, chosen, path, copy.deepcopy(raw))
    return _resolve(name, preset, path, raw)


def _merged(path: Path, folder: Path, seen: tuple[str, ...]) -> dict[str, Any]:
    data = read_yaml(path)
    _refuse_unknown(path, "", data, _KEYS)
    for key, kind, what in (("template", bool, "true or false"), ("presets", dict, "a mapping"),
                            ("summary", str, "text"), ("paper", str, "text")):  # fmt: skip
        if data.get(key) is not None and not isinstance(data[key], kind):
            raise ConfigError(f"{path}: {key}: expected {what}, got {data[key]!r}")
    presets = data.get("presets") or {}
    _refuse_unknown(path, "presets", presets, PRESETS)
    for preset, changes in presets.items():
        if not isinstance(changes, dict):
            raise ConfigError(f"{path}: presets.{preset}: expected a mapping, got {changes!r}")
        _refuse_unknown(path, f"presets.{preset}", changes, _PRESET_KEYS)
    parent = data.pop("extends", None)
    if parent is None:
        return data
    if not isinstance(parent, str) or not NAME.fullmatch(parent):
        raise ConfigError(f"{path}: extends: expected an experiment's name, got {parent!r}")
    if parent in (*seen, path.stem):
        raise ConfigError(f"{path}: extends: {parent!r} extends itself in a circle")
    if not (folder / f"{parent}.yaml").exists():
        raise ConfigError(f"{path}: extends: there is no experiment {parent!r} in {folder}")
    base = _merged(folder / f"{parent}.yaml", folder, (*seen, path.stem))
    base.pop("template", None)
    return _overlay(base, data)


def _overlay(base: Mapping, changes: Mapping) -> dict:
    """Deep merge: mappings merge, everything else is replaced, null removes an axis of a grid."""
    merged = dict(base)
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = _overlay(merged[key], value)
        else:
            merged[key] = value
    return merged


def _resolve(name: str, preset: str, path: Path, raw: dict[str, Any]) -> Experiment:
    presets = raw.pop("presets", None) or {}
    raw = _overlay(raw, presets.get(preset) or {})
    where = f"{path} (preset {preset})"
    kind = KINDS.get(raw.get("kind", "training"))
    if kind is None:
        raise ConfigError(
            f"{where}: kind: unknown {raw['kind']!r}; known: {', '.join(sorted(KINDS))}"
        )
    title = raw.get("title")
    if not isinstance(title, str) or not title.strip():
        raise ConfigError(f"{where}: title: give the experiment a title (text), got {title!r}")
    _refuse_foreign_sections(raw, kind, where)
    settings = {key: raw[key] for key in kind.sections if key in raw}
    for key, section in settings.items():
        if key != "dtype" and not isinstance(section, dict):
            raise ConfigError(f"{where}: {key}: expected a mapping, got {section!r}")
    settings = kind.prepare(settings, where)
    _refuse_infinite(settings, where)
    base = _validated(kind.settings, settings, where)
    if kind.has_grid:
        grid = _grid(raw.get("grid"), kind, settings, where)
    else:
        grid = {}
        for key in ("grid", "seeds", "checkpoints", "shard_size"):
            if key in raw:
                raise ConfigError(
                    f"{where}: {key}: an experiment of kind {kind.name!r} has none of its own"
                )
    seeds = _seeds(raw.get("seeds", 1), where)
    measure = _validated(MeasureSettings, raw.get("measure", {}), where, "measure")
    _measurable(measure, where)
    kind.check(base, measure, where)
    shard_size = raw.get("shard_size", kind.shard_size)
    if not isinstance(shard_size, int) or isinstance(shard_size, bool) or shard_size < 1:
        raise ConfigError(f"{where}: shard_size: expected an integer of at least 1, got "
                          f"{shard_size!r}")  # fmt: skip
    return Experiment(
        name=name,
        preset=preset,
        kind=kind.name,
        title=title,
        summary=(raw.get("summary") or "").strip(),
        paper=raw.get("paper") or "",
        settings=settings,
        grid=grid,
        seeds=seeds,
        checkpoints=_checkpoints(raw.get("checkpoints", ["final"]), kind, base, where),
        measure=measure,
        shard_size=shard_size,
    )


def _grid(grid: Any, kind: Kind, settings: dict[str, Any], where: str) -> dict[str, tuple]:
    if not isinstance(grid, dict):
        raise ConfigError(f"{where}: grid: expected a mapping from axis to values, got {grid!r}")
    grid = {axis: values for axis, values in grid.items() if values is not None}
    if not grid:
        raise ConfigError(f"{where}: grid: empty; give at least one axis with values")
    known = [name for name, axis in AXES.items() if axis.paths[0][0] in kind.sections]
    taken: dict[tuple[str, ...], str] = {}
    result = {}
    for axis, values in grid.items():
        if axis == "seed":
            raise ConfigError(f"{where}: grid.seed: seeds have a key of their own, `seeds`")
        if axis not in known:
            near = difflib.get_close_matches(str(axis), known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ConfigError(
                f"{where}: grid.{axis}: unknown axis; {hint}known: {', '.join(known)}"
            )
        if isinstance(values, dict):
            values = _spaced(values, f"{where}: grid.{axis}")
        if not isinstance(values, list) or not values:
            raise ConfigError(
                f"{where}: grid.{axis}: expected a list of at least one value, got {values!r}"
            )
        typed = []
        for i, value in enumerate(values):
            if isinstance(value, str) != AXES[axis].text:
                expected = "text" if AXES[axis].text else "a number"
                raise ConfigError(
                    f"{where}: grid.{axis}[{i}]: expected {expected}, got {value!r}"
                    + ("; write the number of images" if value == "full" else "")
                )
            spot = {"key": f"grid.{axis}[{i}]", "value": value}
            try:
                run = _validated(kind.settings, with_value(settings, axis, value), where, **spot)
            except ConfigError:
                # Wrong beside the fixed settings may be right beside the other axes' values.
                others = {
                    other: given[0]
                    for other, given in grid.items()
                    if other != axis and other in AXES and isinstance(given, list) and given
                }
                run = _run_at(kind, settings, {**others, axis: value})
                if run is None:
                    raise
            typed.append(_value_at(run.model_dump(mode="json"), AXES[axis].paths[0]))
        for i, value in enumerate(typed):
            if value in typed[:i]:
                raise ConfigError(
                    f"{where}: grid.{axis}[{i}]: the value {value!r} appears twice; keep one"
                )
        for target in AXES[axis].paths:
            if target in taken:
                raise ConfigError(
                    f"{where}: grid: axes {taken[target]!r} and {axis!r} both set "
                    f"{'.'.join(target)}; keep one"
                )
            taken[target] = axis
        result[axis] = tuple(typed)
    # Values that are right alone can be wrong together (a batch larger than a small set).
    for point in itertools.product(*result.values()):
        changed = settings
        for axis, value in zip(result, point, strict=True):
            changed = with_value(changed, axis, value)
        named = ", ".join(f"{a}={v}" for a, v in zip(result, point, strict=True))
        _validated(kind.settings, changed, where, key=f"grid at {named}", value=None)
    return result


def _spaced(asked: dict[str, Any], where: str) -> list[Any]:
    """Values of `{from, to, step}`, whole numbers, or of `{from, to, points, spacing}`.

    Points are rounded to six significant digits, so that what a file says is what a cube shows.
    """
    _refuse_unknown(where, "", asked, ("from", "to", "step", "points", "spacing"))
    first, last = asked.get("from"), asked.get("to")
    for key, value in (("from", first), ("to", last)):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(f"{where}.{key}: expected a number, got {value!r}")
    if not first < last:
        raise ConfigError(f"{where}: expected from < to, got {first} and {last}")
    if "points" not in asked:
        step = asked.get("step", 1)
        if "spacing" in asked or not all(type(v) is int for v in (first, last, step)) or step < 1:
            raise ConfigError(
                f"{where}: expected whole numbers {{from, to, step}}, or {{from, to, points, "
                f"spacing}} with spacing linear or log; got {asked!r}"
            )
        return list(range(first, last + 1, step))
    points, spacing = asked["points"], asked.get("spacing", "linear")
    if type(points) is not int or points < 2:
        raise ConfigError(f"{where}.points: expected an integer of at least 2, got {points!r}")
    if "step" in asked or spacing not in ("linear", "log"):
        raise ConfigError(f"{where}.spacing: expected linear or log (without step), got {asked!r}")
    if spacing == "log" and first <= 0:
        raise ConfigError(f"{where}.from: logarithmic spacing needs a positive number, got {first}")
    parts = [i / (points - 1) for i in range(points)]
    if spacing == "log":
        values = [first * (last / first) ** part for part in parts]
    else:
        values = [first + (last - first) * part for part in parts]
    return [float(f"{value:.6g}") for value in values]


def _run_at(kind: Kind, settings: Mapping[str, Any], point: Mapping[str, Any]) -> BaseModel | None:
    """The run at a point of the grid; None where it is not possible."""
    for axis, value in point.items():
        settings = with_value(settings, axis, value)
    try:
        return kind.settings.model_validate(settings, strict=True)
    except ValidationError:
        return None


def with_value(settings: Mapping[str, Any], axis: str, value: Any) -> dict[str, Any]:
    """A copy of the settings with one axis set."""
    changed = copy.deepcopy(dict(settings))
    for target in AXES[axis].paths:
        node = changed
        for part in target[:-1]:
            node = node.setdefault(part, {})
        node[target[-1]] = value
    return changed


def _value_at(settings: Mapping[str, Any], target: Iterable[str]) -> Any:
    for part in target:
        settings = settings[part]
    return settings


def _seeds(seeds: Any, where: str) -> tuple[int, ...]:
    if isinstance(seeds, bool) or not isinstance(seeds, int | list):
        raise ConfigError(
            f"{where}: seeds: expected a number of seeds or a list of them, got {seeds!r}"
        )
    if isinstance(seeds, int):
        if seeds < 1:
            raise ConfigError(f"{where}: seeds: expected at least 1, got {seeds}")
        return tuple(range(1, seeds + 1))
    if not seeds:
        raise ConfigError(f"{where}: seeds: the list is empty; give at least one seed")
    for i, seed in enumerate(seeds):
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
            raise ConfigError(f"{where}: seeds[{i}]: expected an integer ≥ 0, got {seed!r}")
        if seed in seeds[:i]:
            raise ConfigError(f"{where}: seeds[{i}]: the seed {seed} appears twice; keep one")
    return tuple(seeds)


def _checkpoints(asked: Any, kind: Kind, base: BaseModel, where: str) -> tuple[int, ...]:
    setting, last = kind.horizon(base)
    if isinstance(asked, dict) and set(asked) == {"every"}:
        every = asked["every"]
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise ConfigError(
                f"{where}: checkpoints.every: expected an integer of at least 1, got {every!r}"
            )
        return tuple(sorted({*range(0, last + 1, every), last}))
    if not isinstance(asked, list) or not asked:
        raise ConfigError(
            f"{where}: checkpoints: expected a list of {kind.moment}s or 'final', or "
            f"{{every: n}}, got {asked!r}"
        )
    resolved = []
    article = "an" if kind.moment[0] in "aeiou" else "a"
    for i, moment in enumerate(asked):
        value = last if moment == "final" else moment
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= last:
            raise ConfigError(
                f"{where}: checkpoints[{i}]: expected {article} {kind.moment} from 0 to {setting} "
                f"({last}) or 'final', got {moment!r}"
            )
        resolved.append(value)
    return tuple(sorted(set(resolved)))


def _measurable(measure: MeasureSettings, where: str) -> None:
    for i, metric in enumerate(measure.metrics):
        try:
            get_metric(metric)
        except KeyError as error:
            raise ConfigError(f"{where}: measure.metrics[{i}]: {error.args[0]}") from None
        if metric in measure.metrics[:i]:
            raise ConfigError(f"{where}: measure.metrics[{i}]: {metric!r} appears twice")
        if get_metric(metric).kind == "step" and "running_statistics" not in (
            measure.batch_norm_modes
        ):
            raise ConfigError(
                f"{where}: measure.metrics[{i}]: {metric!r} is of a network in evaluation mode; "
                "add 'running_statistics' to measure.batch_norm_modes"
            )
    modes = measure.batch_norm_modes
    if len(set(modes)) != len(modes):
        raise ConfigError(f"{where}: measure.batch_norm_modes: a mode appears twice in {modes}")


def _refuse_foreign_sections(raw: Mapping[str, Any], kind: Kind, where: str) -> None:
    """Sections that belong to another kind of experiment."""
    own = {*kind.sections, *(("measure",) if kind.measured else ())}
    foreign = {"measure", *(s for other in KINDS.values() for s in other.sections)} - own
    for key in raw:
        if key in foreign:
            raise ConfigError(
                f"{where}: {key}: not a setting of an experiment of kind {kind.name!r}, which "
                f"takes {', '.join(sorted(own))}"
            )


# --- errors ----------------------------------------------------------------------------------
def _refuse_unknown(path: Path | str, prefix: str, data: Mapping, known: Iterable[str]) -> None:
    for key in data:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            full = f"{prefix}.{key}" if prefix else str(key)
            raise ConfigError(
                f"{path}: {full}: unknown key; {hint}known: {', '.join(sorted(known))}"
            )


def _refuse_infinite(settings: Mapping[str, Any], where: str, prefix: str = "") -> None:
    for key, value in settings.items():
        if isinstance(value, Mapping):
            _refuse_infinite(value, where, f"{prefix}{key}.")
        elif isinstance(value, float) and not math.isfinite(value):
            raise ConfigError(f"{where}: {prefix}{key}: expected a finite number, got {value!r}")


def _validated(model: type[BaseModel], data: Any, where: str, key: str = "", value: Any = ...):
    """`model` of the data, or a ConfigError naming every refused key.

    `key` and `value` name the place in the file where the refused value comes from elsewhere.
    """
    if not isinstance(data, Mapping):
        raise ConfigError(f"{where}: {key}: expected a mapping of settings, got {data!r}")
    try:
        # Strict for what determines numbers: "3", 3.0 and true are no 3. The rest may come from
        # a command line, which gives text, and has tuples, which YAML gives as lists.
        return model.model_validate(data, strict=True if model in _EXACT else None)
    except ValidationError as error:
        found: dict[str, dict[str, str]] = {}
        for problem in error.errors():
            if problem["type"] == "too_short" and problem["input"]:
                continue  # pydantic counts right items only; what is wrong with them is told
            place = _path(model, problem["loc"])
            if problem["type"] == "union_tag_invalid":
                place.append("family")
            inner = ".".join(place)
            spot = key if value is not ... else ".".join(part for part in (key, inner) if part)
            sentence, given = _sentence(problem, model)
            if value is not ... and problem["loc"]:
                given = "" if value is None or repr(value) in sentence else repr(value)
            found.setdefault(spot, {})[sentence] = given
        lines = []
        for spot, sentences in found.items():
            # The alternatives of one setting, as in "a valid integer or 'full'".
            first, *others = sentences
            text = " or ".join([first, *(o.removeprefix("input should be ") for o in others)])
            given = next(iter(sentences.values()))
            lines.append(f"{spot}: {text}".lstrip(": ") + (f"; got {given}" if given else ""))
        raise ConfigError(f"{where}: " + "; ".join(lines)) from None


def _sentence(problem: Mapping[str, Any], model: type[BaseModel]) -> tuple[str, str]:
    """What would be right, and the value given where the sentence does not name it."""
    message = problem["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if problem["type"] == "missing":
        return "missing; it has no default", ""
    if problem["type"] == "extra_forbidden":
        known = _fields_at(model, problem["loc"][:-1])
        near = difflib.get_close_matches(str(problem["loc"][-1]), known, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return f"unknown key; {hint}known: {', '.join(sorted(known))}", ""
    if problem["type"] == "union_tag_invalid":
        known = _tags(model, problem["loc"])
        given = problem["input"]["family"]
        near = difflib.get_close_matches(str(given), known, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return f"unknown {given!r}; {hint}known: {', '.join(known)}", ""
    if problem["type"] == "union_tag_not_found":
        return "expected a mapping of settings", repr(problem["input"])
    if problem["type"] == "value_error" and not problem["loc"]:
        return message, ""
    message = message.replace("valid tuple", "list").replace("valid dictionary", "mapping")
    message = re.sub(r"a mapping or instance of \w+", "a mapping", message)
    given = problem["input"]
    message = f"{message[0].lower()}{message[1:]}"
    if problem["type"] == "value_error":
        message = message.rstrip(".")
        if not isinstance(given, Mapping):
            return message, "" if repr(given) in message else repr(given)
        # A rule between settings: of all that the mapping holds, what the rule speaks of.
        named = {k: repr(v) for k, v in given.items() if re.search(rf"\b{k}\b", message)}
        told = [f"{key} {text}" for key, text in named.items() if text not in message]
        return message, ", ".join(told)
    return message, repr(given)


def _path(model: type[BaseModel], location: Iterable[Any]) -> list[str]:
    """A location without the names that pydantic gives to the alternatives of a value."""
    parts: list[str] = []
    here: list[str] = []
    for part in location:
        settings, tags = _fields_at(model, here), _tags(model, here)
        here.append(str(part))
        if isinstance(part, int) or (settings and part not in tags):
            parts.append(str(part))
    return parts


def _fields_at(model: type[BaseModel], location: Iterable[Any]) -> list[str]:
    """Settings at a location; none where it holds a plain value."""
    found = _models_at(model, location)
    return list(dict.fromkeys(name for m in found.values() for name in m.model_fields))


def _tags(model: type[BaseModel], location: Iterable[Any]) -> list[str]:
    """What the alternatives at a location are called, e.g. the families of a network."""
    return [tag for tag in _models_at(model, location) if tag]


def _models_at(model: type[BaseModel], location: Iterable[Any]) -> dict[str, type[BaseModel]]:
    """The models that a location may hold, by their tag; a single one has the tag ''."""
    models = {"": model}
    for part in location:
        if part in models:
            models = {"": models[part]}
            continue
        fields = [m.model_fields[part] for m in models.values() if part in m.model_fields]
        annotation = fields[0].annotation if fields else None
        models = {}
        for alternative in (annotation, *getattr(annotation, "__args__", ())):
            kind = getattr(alternative, "__origin__", alternative)
            marks = getattr(alternative, "__metadata__", ())
            tag = next((mark.tag for mark in marks if isinstance(mark, Tag)), "")
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                models[tag] = kind
    return models


def load_workflow_config(config: Mapping[str, Any], where: str) -> WorkflowConfig:
    """The workflow's own settings, from config/config.yaml and `--config` together."""
    return _validated(WorkflowConfig, dict(config), where)


__all__ = [
    "PRESETS",
    "Experiment",
    "MeasureSettings",
    "WorkflowConfig",
    "experiment_names",
    "load_experiment",
    "load_workflow_config",
    "read_yaml",
    "with_value",
]
