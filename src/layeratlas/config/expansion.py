"""From an experiment to its runs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from layeratlas.config.axes import axis_of, labels
from layeratlas.config.experiments import Experiment, with_value
from layeratlas.kinds import KINDS
from layeratlas.runs.run import Run, short_hash


def expand(experiment: Experiment) -> list[Run]:
    """Every run of an experiment: grid axes in YAML order, then seeds (last varies fastest)."""
    kind = KINDS[experiment.kind]
    runs = []
    for point in itertools.product(*experiment.grid.values()):
        settings: Mapping[str, Any] = experiment.settings
        coordinates = dict(zip(experiment.grid, point, strict=True))
        for axis, value in coordinates.items():
            settings = with_value(settings, axis, value)
        for seed in experiment.seeds:
            plain = kind.settings.model_validate({**settings, "seed": seed}).canonical()
            runs.append(Run(short_hash(plain), {**coordinates, "seed": seed}, plain))
    return runs


def describe(experiment: Experiment, runs: Sequence[Run], references: str = "") -> dict[str, Any]:
    """What `cubes.assembling.assemble` needs to know of an experiment: `description`, `runs`.

    `description["grid"]` maps an axis to its coordinates, `["axes"]` to what is to be said of it
    (`Axis.describe`), and `["seed"]` says what a run's seed fixes.
    """
    kind = KINDS[experiment.kind]
    grid = {axis: labels(values) for axis, values in experiment.grid.items()}
    return {
        "description": {
            "name": experiment.name,
            "preset": experiment.preset,
            "title": experiment.title,
            "summary": experiment.summary,
            "references": references,
            "noise_kind": experiment.noise_kind,
            "dataset": runs[0].settings.get("dataset"),
            "settings": experiment.settings,
            "grid": {axis: list(values) for axis, values in grid.items()},
            "axes": {axis: axis_of(kind, axis).describe(grid[axis]) for axis in grid},
            "seed": {"long_name": kind.seed},
            "seeds": list(experiment.seeds),
        },
        "runs": [{"id": run.id, "coordinates": dict(run.coordinates)} for run in runs],
    }
