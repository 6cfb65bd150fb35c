"""Experiments: one YAML file each, resolved for a preset.

Loading goes: YAML → `extends` → preset → types → grid; whatever is wrong is refused with file,
key, value and what would be right, before the workflow plans a single job. Settings are typed by
the room that uses them (data set, model, training) and put together by the experiment's kind.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from layeratlas.config.checkpoints import Checkpoints, checkpoints
from layeratlas.config.grid import asked_values, runs_of, typed_values, varied_by
from layeratlas.config.measuring import MeasureSettings, measuring
from layeratlas.config.placing import Placement
from layeratlas.config.presets import NAME, PRESETS, extended, preset_of
from layeratlas.config.reading import Reader, read_yaml
from layeratlas.config.refusing import refuse_fixed, refuse_infinite, validated
from layeratlas.errors import ConfigError
from layeratlas.kinds import KINDS, Kind


class Experiment(BaseModel):
    """A named grid with fixed settings, resolved for one preset.

    `keeps` says which moments a run keeps, `checkpoints` which ones any of the runs does.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str
    preset: str
    kind: str = "training"
    title: str
    summary: str = ""
    paper: str = ""
    settings: dict[str, Any]
    grid: dict[str, tuple[Any, ...]]
    seeds: tuple[int, ...]
    keeps: Checkpoints
    checkpoints: tuple[int, ...]
    measure: MeasureSettings
    shard_size: int

    @property
    def noise_kind(self) -> str:
        """Whether training noise is fresh or static; empty where there is none, or either."""
        if self.kind != "training" or "noise_kind" in self.grid:
            return ""
        return self.settings.get("noise", {}).get("kind", "fresh")


def experiment_names(folder: Path, read: Reader = read_yaml) -> tuple[str, ...]:
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
        if not read(path).get("template", False):
            names.append(path.stem)
    return tuple(names)


def load_experiments(preset: str, folder: Path) -> dict[str, Experiment]:
    """Every experiment of a folder, checked alone and among the others; each file is read once."""
    read = functools.cache(read_yaml)
    found = {
        name: load_experiment(name, preset, folder, read) for name in experiment_names(folder, read)
    }
    for name, experiment in found.items():
        KINDS[experiment.kind].check_among(experiment, found, str(folder / f"{name}.yaml"))
    return found


def load_experiment(name: str, preset: str, folder: Path, read: Reader = read_yaml) -> Experiment:
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
    raw = extended(path, read)
    resolved: list[tuple[dict[str, Any], Experiment]] = []
    for each in PRESETS:
        # A preset the user is not running today is checked too: it may be tomorrow's job.
        asked = preset_of(raw, each)
        same = next((found for known, found in resolved if known == asked), None)
        resolved.append((asked, same or _resolve(name, each, path, asked)))
    chosen = resolved[PRESETS.index(preset)][1]
    return chosen.model_copy(update={"preset": preset})


def _resolve(name: str, preset: str, path: Path, raw: Mapping[str, Any]) -> Experiment:
    where = f"{path} (preset {preset})"
    kind = KINDS.get(raw.get("kind", "training"))
    if kind is None:
        raise ConfigError(
            f"{where}: kind: unknown {raw['kind']!r}; known: {', '.join(sorted(KINDS))}"
        )
    title = raw.get("title")
    if not isinstance(title, str) or not title.strip():
        raise ConfigError(f"{where}: title: give the experiment a title (text), got {title!r}")
    settings = _settings(raw, kind, where)
    if kind.has_grid:
        asked = asked_values(raw.get("grid"), kind, where)
        fixed, varied = Placement(kind, settings, asked).fixed(), varied_by(asked, kind)
        refuse_fixed(kind.settings, fixed, varied, where)
        grid = typed_values(asked, kind, settings, where)
        runs = list(runs_of(grid, kind, settings, where))
    else:
        grid = {}
        runs = [validated(kind.settings, settings, where, exact=True)]
        for key in ("grid", "seeds", "checkpoints", "shard_size"):
            if key in raw:
                raise ConfigError(
                    f"{where}: {key}: an experiment of kind {kind.name!r} has none of its own"
                )
    seeds = _seeds(raw.get("seeds", 1), where)
    measure = measuring(raw.get("measure", {}), where)
    for run in runs:
        kind.check(run, measure, where)
    lengths = {kind.horizon(run)[1] for run in runs}
    setting = kind.horizon(runs[0])[0]
    keeps = checkpoints(raw.get("checkpoints", ["final"]), kind.moment, setting, lengths, where)
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
        keeps=keeps,
        checkpoints=keeps.of_all(lengths),
        measure=measure,
        shard_size=shard_size,
    )


def _settings(raw: Mapping[str, Any], kind: Kind, where: str) -> dict[str, Any]:
    """The sections that make up a run, shorthands resolved; those of another kind are refused."""
    own = {*kind.sections, *(("measure",) if kind.measured else ())}
    foreign = {"measure", *(s for other in KINDS.values() for s in other.sections)} - own
    for key in raw:
        if key in foreign:
            raise ConfigError(
                f"{where}: {key}: not a setting of an experiment of kind {kind.name!r}, which "
                f"takes {', '.join(sorted(own))}"
            )
    settings = {key: raw[key] for key in kind.sections if key in raw}
    for key, section in settings.items():
        if key != "dtype" and not isinstance(section, dict):
            raise ConfigError(f"{where}: {key}: expected a mapping, got {section!r}")
    settings = kind.prepare(settings, where)
    refuse_infinite(settings, where)
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
