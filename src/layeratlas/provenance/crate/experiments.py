"""Which experiments a crate holds: those that its result is made of, and what they extend.

A project's other experiments are not the reader's business, and may name files that the crate does
not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from layeratlas.config.experiments import Experiments
from layeratlas.config.presets import layers_of
from layeratlas.config.reading import read_yaml
from layeratlas.config.remembering import open_experiments
from layeratlas.datasets.registry import OWN
from layeratlas.errors import LayerAtlasError
from layeratlas.kinds import KINDS
from layeratlas.papers import FIGURES
from layeratlas.provenance.crate.history import History
from layeratlas.provenance.record.settings import plain_settings


def experiment_files(history: History, folder: Path) -> list[Path]:
    """Files of a folder of experiments, in order, with what those extend, read or measure."""
    activity = history.maker.activity
    names = {job.activity.experiment for job in history.jobs if job.activity.experiment}
    if (entry := FIGURES.get(activity.figure or "")) is not None:
        names |= {*entry.every_experiment}
    read = cache(read_yaml)
    try:
        experiments = _experiments(history, folder)
    except LayerAtlasError:
        return sorted(folder.glob("*.yaml"))
    found: set[Path] = set()
    known: set[str] = set()
    todo = sorted(names)
    while todo:
        name = todo.pop()
        if name in known or not (folder / f"{name}.yaml").is_file():
            continue
        known.add(name)
        with suppress(LayerAtlasError):
            found |= {path for path, _ in layers_of(folder / f"{name}.yaml", read)}
        todo += _others(experiments, name)
    return sorted(found)


def own_data(history: History) -> tuple[str, ...]:
    """Paths of data of the user's own, as experiments write them: no crate holds them."""
    found = set()
    for job in history.jobs:
        recipe = plain_settings(job.configuration.value).get("recipe")
        if isinstance(recipe, dict) and recipe.get("source") in OWN:
            found |= {str(recipe[key]) for key in ("path", "test_path") if recipe.get(key)}
    return tuple(sorted(found))


def _experiments(history: History, folder: Path) -> Experiments:
    """Those of a folder; as they have been read, where they are the project's own."""
    preset = history.maker.activity.preset or "laptop"
    today = history.present.workflow(preset)
    if today is not None and today.folder == folder:
        return today.experiments
    return open_experiments(preset, folder, "asked")


def _others(experiments: Experiments, name: str) -> Iterator[str]:
    """The experiments that one reads cubes of, or measures the networks of."""
    try:
        experiment = experiments[name]
        yield from KINDS[experiment.kind].reads(experiment.settings).values()
        yield from _named(getattr(getattr(experiment, "measure", None), "networks", None))
    except (LayerAtlasError, KeyError):
        return


def _named(name: str | None) -> Iterable[str]:
    return [name] if name else []
