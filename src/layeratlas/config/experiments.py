"""All experiments of a folder: each known by name and kind, read and checked when asked for.

Planning one figure needs a handful of them. The others must be right too, so whoever starts the
work checks all (`Experiments.check`), or knows that these very files have been
(`config.remembering`).
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from layeratlas.config.experiment import Experiment, load_experiment
from layeratlas.config.folder import experiment_names
from layeratlas.config.presets import layers_of, merged
from layeratlas.config.reading import read_yaml
from layeratlas.config.refusing import named
from layeratlas.kinds import KINDS


class Outline(NamedTuple):
    """What is known of a folder's experiments before any is checked.

    `kinds`: name → kind, in the order of names. `refining`: those whose files ask for a boundary,
    be it for one preset.
    """

    kinds: dict[str, str]
    refining: Collection[str]


class Experiments(Mapping[str, Experiment]):
    """Experiments of a folder by name, resolved for a preset; each file is read once.

    What is asked for is checked first, alone and among the others; ConfigError where it is wrong.
    `outline` is from an earlier look at the same files; without it every file is read.
    """

    def __init__(self, preset: str, folder: Path, outline: Outline | None = None):
        self._preset, self._folder = preset, folder
        self._read = functools.cache(read_yaml)
        self.outline = self._looked_up() if outline is None else outline
        self._alone = _Alone(self)
        self._checked: dict[str, Experiment] = {}

    @property
    def kinds(self) -> Mapping[str, str]:
        """Name → kind of every experiment, in the order of names; none is checked for it."""
        return MappingProxyType(self.outline.kinds)

    def is_refined(self, name: str) -> bool:
        """Whether one asks for a boundary, for this preset; only those that might are checked."""
        return name in self.outline.refining and self[name].refine is not None

    def __getitem__(self, name: str) -> Experiment:
        if name not in self._checked:
            experiment = self._alone[name]
            where = named(self._folder / f"{name}.yaml")
            KINDS[experiment.kind].check_among(experiment, self._alone, where)
            self._checked[name] = experiment
        return self._checked[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.outline.kinds)

    def __len__(self) -> int:
        return len(self.outline.kinds)

    def __contains__(self, name: object) -> bool:
        return name in self.outline.kinds

    def check(self) -> None:
        """Check all: each alone, then among the others. ConfigError for the first that is wrong."""
        for name in self:
            self._alone[name]
        for name in self:
            self[name]

    def load(self, name: str) -> Experiment:
        """One of them, checked alone."""
        return load_experiment(name, self._preset, self._folder, self._read)

    def as_written(self, name: str) -> dict[str, object]:
        """What its file says, with what that extends, for all presets."""
        return merged(layers_of(self._folder / f"{name}.yaml", self._read))

    def _looked_up(self) -> Outline:
        written = {
            name: self.as_written(name) for name in experiment_names(self._folder, self._read)
        }
        # A kind that there is not is refused with the rest of the file.
        kinds = {name: str(said.get("kind", "training")) for name, said in written.items()}
        return Outline(kinds, [name for name, said in written.items() if _asks_for_boundary(said)])


class _Alone(Mapping[str, Experiment]):
    """The same, not yet checked among the others: those that are told of one another's settings
    may be wrong themselves, and are told so in their turn."""

    def __init__(self, every: Experiments):
        self._every = every
        self._loaded: dict[str, Experiment] = {}

    def __getitem__(self, name: str) -> Experiment:
        if name not in self._every:
            raise KeyError(name)
        if name not in self._loaded:
            self._loaded[name] = self._every.load(name)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._every)

    def __len__(self) -> int:
        return len(self._every)

    def __contains__(self, name: object) -> bool:
        return name in self._every


def _asks_for_boundary(written: Mapping[str, Any]) -> bool:
    parts = [written, *(written.get("presets") or {}).values()]
    return any(isinstance(part, Mapping) and part.get("refine") for part in parts)


def load_experiments(preset: str, folder: Path) -> dict[str, Experiment]:
    """Every experiment of a folder, checked alone and among the others."""
    found = Experiments(preset, folder)
    found.check()
    return dict(found)
