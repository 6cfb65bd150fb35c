"""The settings at a point of a grid: an experiment's own, with the values of its axes in place."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from layeratlas.config.along import Along, followers
from layeratlas.config.axes import axes
from layeratlas.config.leaves import Path, tag_of, with_setting
from layeratlas.kinds.base import Kind


class Placement:
    """Puts the points of a grid into the settings of an experiment.

    Where an axis varies what sort of thing a section describes (`family`, `order`), its fixed
    settings may be those of several sorts; each point takes those that its own sort knows. What is
    set `along` an axis follows its value, where there is one for it.
    """

    def __init__(
        self,
        kind: Kind,
        settings: Mapping[str, Any],
        grid: Mapping[str, Sequence[Any]],
        along: Along | None = None,
    ) -> None:
        self._settings = settings
        self._along: dict[str, list[tuple[tuple[Path, ...], Mapping[Any, Any]]]] = {}
        known = axes(kind, settings, grid)
        self._paths = {axis: known[axis].paths for axis in grid}
        self._sorts: dict[str, _Sorts] = {}
        varied = {path for paths in self._paths.values() for path in paths}
        for axis, setting in followers(along or {}, kind, settings, grid):
            following = (along or {})[axis][setting.name]
            self._along.setdefault(axis, []).append((setting.paths, following))
            varied.update(setting.paths)
        for axis, values in grid.items():
            if not self._paths[axis]:
                continue
            path = self._paths[axis][0]
            models = tag_of(kind.settings, path)
            words = [value for value in values if isinstance(value, str) and value in models]
            if words:
                chosen = {word: models[word] for word in words}
                self._sorts[axis] = _Sorts(path, chosen, varied)

    def at(self, point: Mapping[str, Any]) -> dict[str, Any]:
        """The settings at a point, axis → value; axes that it leaves out keep what is fixed."""
        settings = dict(self._settings)
        for axis, value in point.items():
            for path in self._paths[axis]:
                settings = with_setting(settings, path, value)
            for paths, values in self._along.get(axis, ()):
                for path in paths if value in values else ():
                    settings = with_setting(settings, path, values[value])
        for axis, sorts in self._sorts.items():
            if isinstance(point.get(axis), str):
                settings = sorts.own(settings, point[axis])
        return settings

    def fixed(self) -> dict[str, Any]:
        """The settings that no axis varies, of the first sort where one varies the sort."""
        return self.at({axis: sorts.first for axis, sorts in self._sorts.items()})


class _Sorts:
    """The sorts of one section that an axis goes through, and the settings that each knows."""

    def __init__(
        self, path: Path, models: Mapping[str, type[BaseModel]], varied: Collection[Path]
    ) -> None:
        self._section = path[:-1]
        self.first = next(iter(models))
        known = {sort: set(model.model_fields) for sort, model in models.items()}
        of_some = {name for names in known.values() for name in names}
        free = {name for name in of_some if (*self._section, name) not in varied}
        self._foreign = {sort: free - names for sort, names in known.items()}

    def own(self, settings: dict[str, Any], sort: str) -> dict[str, Any]:
        """The settings without those that other sorts know and this one does not."""
        foreign = self._foreign.get(sort, set())
        section: Any = settings
        for part in self._section:
            section = section[part]
        kept = {name: value for name, value in section.items() if name not in foreign}
        return with_setting(settings, self._section, kept)
