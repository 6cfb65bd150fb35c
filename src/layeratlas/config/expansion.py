"""From an experiment to its runs."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from layeratlas.config.along import coordinates_along
from layeratlas.config.axes import POINT, axes, labels
from layeratlas.config.experiment import Experiment
from layeratlas.config.grid import points
from layeratlas.config.placing import Placement
from layeratlas.config.records import pace_of
from layeratlas.kinds import KINDS
from layeratlas.runs.records import all_epochs, label_of
from layeratlas.runs.run import Run, canonical_json, hash_of_text, identified

# Stands for the seed in a text; no setting holds it.
_SEED = "\0"
_QUOTED = canonical_json(_SEED)


def expand(experiment: Experiment) -> list[Run]:
    """Every run of an experiment: grid axes in YAML order, then seeds (last varies fastest)."""
    kind = KINDS[experiment.kind]
    placement = Placement(kind, experiment.settings, experiment.grid, experiment.along)
    named = {
        axis: dict(zip(values, labels(values), strict=True))
        for axis, values in experiment.grid.items()
    }
    # Runs of one length share their moments, which can be many.
    kept_until = functools.cache(experiment.keeps.of)
    # Kept, but not measured: metrics that compare with the start need it.
    start = (0,) if experiment.measure.needs_initial else ()
    runs = []
    for point in points(experiment.grid):
        settings = kind.settings.model_validate(placement.at(point))
        plain = settings.canonical()
        kept = kept_until(*pace_of(kind, settings))
        kept = tuple(dict.fromkeys((*start, *kept)))
        coordinates = {axis: named[axis][value] for axis, value in point.items()}
        # Nothing but the seed itself depends on it: what is hashed is written once a point.
        text = identified({**plain, "seed": _SEED})
        seeds = experiment.seeds
        if experiment.points:
            seeds = experiment.points[point[POINT]].seeds
        for seed in seeds:
            own = {**plain, "seed": seed}
            name = hash_of_text(text.replace(_QUOTED, str(seed)))
            runs.append(Run(name, {**coordinates, "seed": seed}, own, kept))
    return runs


def describe(experiment: Experiment, runs: Sequence[Run], references: str = "") -> dict[str, Any]:
    """What `cubes.assembling.assemble` needs to know of an experiment: `description`, `runs`.

    `description["grid"]` maps an axis to its coordinates, `["axes"]` to what is to be said of it
    (`Axis.describe`), and `["seed"]` says what a run's seed fixes. `["along"]`, where anything
    follows an axis, says the same of that, with the `axis` and `values` in its order.
    """
    kind = KINDS[experiment.kind]
    grid = {axis: labels(values) for axis, values in experiment.grid.items()}
    # Cubes that count epochs are described as they were before there were other points.
    by_epoch = all_epochs(experiment.checkpoints)
    records = {} if by_epoch else {"records": [label_of(p) for p in experiment.checkpoints]}
    known = axes(kind, experiment.settings, grid)
    along = coordinates_along(experiment.along, kind, experiment.settings, experiment.grid)
    follow = {
        name: {
            **setting.describe(labels(values)),
            "axis": axis,
            "values": list(labels(values)),
        }
        for name, (axis, setting, values) in along.items()
    }
    refined = {}
    if experiment.refine is not None:
        asked = experiment.refine.asked()
        # How long it is looked for is no part of what was found.
        asked.pop("budget")
        asked.pop("tolerance")
        refined["refine"] = {
            **asked,
            "plane": {axis: list(side) for axis, side in experiment.plane.items()},
            "points": [
                {"seeds": list(p.seeds), "generations": list(p.generations)}
                for p in experiment.points
            ],
        }
    return {
        "description": {
            **records,
            **refined,
            **({"along": follow} if follow else {}),
            "name": experiment.name,
            "preset": experiment.preset,
            "title": experiment.title,
            "summary": experiment.summary,
            "references": references,
            "noise_kind": experiment.noise_kind,
            "dataset": runs[0].settings.get("dataset"),
            "settings": experiment.settings,
            "grid": {axis: list(values) for axis, values in grid.items()},
            "axes": {axis: known[axis].describe(grid[axis]) for axis in grid},
            "seed": {"long_name": kind.seed},
            "seeds": list(experiment.seeds),
        },
        "runs": [{"id": run.id, "coordinates": dict(run.coordinates)} for run in runs],
    }
