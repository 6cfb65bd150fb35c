"""Experiments: one YAML file each, resolved for a preset.

Loading goes: YAML → `extends` → preset → types → grid; whatever is wrong is refused with file,
key, value and what would be right, before the workflow plans a single job. Settings are typed by
the room that uses them (data set, model, training) and put together by the experiment's kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from layeratlas.config.along import (
    given_along,
    plain_along,
    refuse_missing_along,
    refuse_wrong_along,
    refuse_wrong_values,
)
from layeratlas.config.axes import POINT
from layeratlas.config.checkpoints import Checkpoints, checkpoints
from layeratlas.config.demands import Demands
from layeratlas.config.grid import (
    asked_values,
    refuse_too_many,
    runs_of,
    typed_along,
    typed_values,
    varied_by,
)
from layeratlas.config.measuring import MeasureSettings, measuring
from layeratlas.config.placing import Placement
from layeratlas.config.presets import NAME, layers_of, merged, preset_of
from layeratlas.config.reading import Reader, read_yaml
from layeratlas.config.records import Records, records
from layeratlas.config.refine import Refine, refine_of
from layeratlas.config.refusing import named, refuse_fixed, validated
from layeratlas.config.shapes import PRESETS, refuse_foreign, seeds_of
from layeratlas.config.unseen import refuse_unseen
from layeratlas.errors import ConfigError
from layeratlas.kinds import KINDS, Kind
from layeratlas.runs.records import union
from layeratlas.words import quoted


class Asked(NamedTuple):
    """A point of a plane that is refined: values of its two axes, the seeds of its runs, and in
    which generation each was asked for."""

    values: tuple[Any, Any]
    seeds: tuple[int, ...]
    generations: tuple[int, ...]


class Experiment(BaseModel):
    """A named grid with fixed settings, resolved for one preset.

    `along` maps an axis to the settings that follow it, by their value for each of its values.
    `refine` asks for the boundary in the `plane` of two axes, each from its least to its largest
    value; once its `points` are known (`at_points`), its grid is the axis `point`.
    `keeps` says which moments a run keeps, `checkpoints` which ones any of the runs does: epochs or
    steps, or the points of `runs.records`.
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
    along: dict[str, dict[str, dict[Any, Any]]] = {}
    seeds: tuple[int, ...]
    keeps: Checkpoints | Records
    checkpoints: tuple[Any, ...]
    measure: MeasureSettings
    shard_size: int
    refine: Refine | None = None
    plane: dict[str, tuple[Any, Any]] = {}
    points: tuple[Asked, ...] = ()

    def measured(self) -> dict[str, Any]:
        """What a measuring job is asked, plain JSON."""
        asked = self.measure.asked()
        if self.measure.needs_initial and 0 not in self.checkpoints:
            # Kept by `expand` for metrics that compare with the start; no moment of the cube.
            asked["start_only"] = True
        return asked

    def at_points(self, points: Sequence[Asked]) -> Experiment:
        """The same experiment at points of its plane: its grid is `point`, 0, 1, …, and its axes
        follow that."""
        assert self.refine is not None
        numbers = tuple(range(len(points)))
        along = {
            axis: {i: point.values[k] for i, point in enumerate(points)}
            for k, axis in enumerate(self.refine.axes)
        }
        given = {"grid": {POINT: numbers}, "along": {POINT: along}, "points": tuple(points)}
        return self.model_copy(update=given)

    @property
    def noise_kind(self) -> str:
        """Whether training noise is fresh or static; empty where there is none, or either."""
        if self.kind != "training" or "noise_kind" in self.grid:
            return ""
        return self.settings.get("noise", {}).get("kind", "fresh")


def load_experiment(name: str, preset: str, folder: Path, read: Reader = read_yaml) -> Experiment:
    """Read, merge, type and check one experiment for a preset.

    Raises ConfigError naming file, key, value and what would be right.
    """
    if preset not in PRESETS:
        raise ConfigError(f"preset: unknown {quoted(preset)}; known: {', '.join(PRESETS)}")
    if not NAME.fullmatch(name):
        raise ConfigError(
            f"experiment: {quoted(name)} is no experiment's name; one has lower-case letters, "
            "digits and underscores and starts with a letter"
        )
    path = folder / f"{name}.yaml"
    layers = layers_of(path, read)
    raw = merged(layers)
    resolved: list[tuple[dict[str, Any], Experiment]] = []
    for each in PRESETS:
        # A preset the user is not running today is checked too: it may be tomorrow's job.
        asked = preset_of(raw, each)
        same = next((found for known, found in resolved if known == asked), None)
        resolved.append((asked, same or _resolve(name, each, path, asked)))
    refuse_unseen(layers, [asked for asked, _ in resolved], KINDS[raw.get("kind", "training")])
    chosen = resolved[PRESETS.index(preset)][1]
    return chosen.model_copy(update={"preset": preset})


def _resolve(name: str, preset: str, path: Path, raw: Mapping[str, Any]) -> Experiment:
    where = f"{named(path)} (preset {preset})"
    kind = KINDS[raw.get("kind", "training")]
    if "title" not in raw:
        raise ConfigError(f"{where}: title: give the experiment a title (text), got None")
    settings = _settings(raw, kind, where)
    seeds = seeds_of(raw.get("seeds", 1), where)
    shard_size = raw.get("shard_size", kind.shard_size)
    measure = measuring(raw.get("measure", {}), where)
    demands = Demands(kind)
    grid: dict[str, tuple[Any, ...]] = {}
    refine: Refine | None = None
    along: dict[str, dict[str, dict[Any, Any]]] = {}
    if kind.has_grid:
        asked = asked_values(raw.get("grid"), kind, settings, where)
        refuse_too_many(asked, len(seeds), where)
        follow = given_along(raw.get("along"))
        refuse_wrong_along(follow, kind, settings, asked, where)
        follow = plain_along(follow, kind, settings, where)
        refuse_wrong_values(follow, kind, settings, where)
        fixed = Placement(kind, settings, asked, follow).fixed()
        varied = varied_by(asked, kind, settings, follow)
        refuse_fixed(kind.settings, fixed, varied, where)
        grid = typed_values(asked, kind, settings, where, follow)
        refuse_missing_along(follow, grid, where)
        for run in runs_of(grid, kind, settings, where, follow):
            kind.check(run, measure, where)
            demands.add(run)
        along = typed_along(follow, kind, settings, grid)
        refine = refine_of(raw, kind, grid, measure.metrics, where)
        if refine is not None:
            seeds = _seeds_to(raw, refine, where)
            if along or measure.networks:
                key = "along" if along else "measure.networks"
                raise ConfigError(
                    f"{where}: {key}: not beside refine, whose points nobody knows beforehand"
                )
    else:
        for key in ("grid", "along", "refine", "seeds", "checkpoints", "records", "shard_size"):
            if key in raw:
                raise ConfigError(
                    f"{where}: {key}: an experiment of kind {kind.name!r} has none of its own"
                )
        demands.add(validated(kind.settings, settings, where, exact=True))
    keeps = _kept(raw, kind, demands, where)
    demands.refuse(keeps, shard_size, len(seeds), where)
    return Experiment(
        name=name,
        preset=preset,
        kind=kind.name,
        title=raw["title"],
        summary=(raw.get("summary") or "").strip(),
        paper=raw.get("paper") or "",
        settings=settings,
        grid=grid,
        along=along,
        seeds=seeds,
        keeps=keeps,
        checkpoints=union(keeps.of(*pace) for pace in demands.paces),
        measure=measure,
        shard_size=shard_size,
        refine=refine,
        plane={axis: (min(grid[axis]), max(grid[axis])) for axis in refine.axes} if refine else {},
    )


def _seeds_to(raw: Mapping[str, Any], refine: Refine, where: str) -> tuple[int, ...]:
    """Seeds that points may have: 1, 2, … `refine.seeds.to`, or the first of a list."""
    asked = raw.get("seeds")
    if not isinstance(asked, list):
        return tuple(range(1, refine.seeds.to + 1))
    if len(asked) < refine.seeds.to:
        raise ConfigError(
            f"{where}: refine.seeds.to: {refine.seeds.to}, and `seeds` lists {len(asked)}; list "
            "more, or give a number of them"
        )
    return tuple(asked[: refine.seeds.to])


def _kept(
    raw: Mapping[str, Any], kind: Kind, demands: Demands, where: str
) -> Checkpoints | Records:
    """The moments that runs keep, of either way to ask for them."""
    if "records" not in raw:
        asked = raw.get("checkpoints", ["final"])
        return checkpoints(asked, kind.moment, demands.setting, demands.lengths, where)
    if kind.steps is None:
        raise ConfigError(
            f"{where}: records: an experiment of kind {kind.name!r} has no record points; list its "
            f"{kind.moment}s as `checkpoints`"
        )
    return records(raw["records"], demands.setting, demands.paces, where)


def _settings(raw: Mapping[str, Any], kind: Kind, where: str) -> dict[str, Any]:
    """The sections that make up a run, shorthands resolved; those of another kind are refused."""
    refuse_foreign(raw, kind, where)
    return kind.prepare({key: raw[key] for key in kind.sections if key in raw}, where)
