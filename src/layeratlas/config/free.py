"""Free settings: what an entry of a table, or a user's own code, takes and no type here names.

`model.settings`, `training.optimizer_settings` and their like are mappings whose keys are whatever
the optimiser, loss, module or source asks for. Their plain values may be axes of a grid.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from layeratlas.config.leaves import Path, free_groups
from layeratlas.errors import ConfigError
from layeratlas.kinds.base import Kind
from layeratlas.metrics.registry import METRICS
from layeratlas.words import quoted

# Variables of a cube, which a coordinate cannot be called; its dimensions are `taken` besides.
_IN_CUBES = frozenset(
    {
        "epochs_run", "n_layers", "run_id", "status", "test_accuracy", "test_explained_variance",
        "test_loss", "train_accuracy", "train_explained_variance", "train_loss",
    }
)  # fmt: skip


def free_settings(
    kind: Kind, settings: Mapping[str, Any], names: Iterable[Any], taken: Collection[str]
) -> dict[str, Path]:
    """Free settings that may be axes, by name: the key itself, or the whole path, joined.

    Those that `settings` gives have both names, where the key is no other's and not in `taken`;
    any other is an axis where `names` holds its whole path (`model_settings_width`).
    """
    groups = [path for path in free_groups(kind.settings) if path[0] in kind.sections]
    given = [(*group, key) for group in groups for key in _given(settings, group)]
    keys = [path[-1] for path in given]
    others = {*taken, *_IN_CUBES, *METRICS} if given else taken
    found = {p[-1]: p for p in given if p[-1] not in others and keys.count(p[-1]) == 1}
    found |= {"_".join(path): path for path in given}
    for group in groups:
        start = f"{'_'.join(group)}_"
        for name in names:
            key = name.removeprefix(start) if isinstance(name, str) else ""
            if key != name and key.isidentifier():
                found[name] = (*group, key)
    return found


def is_free(kind: Kind, path: Path) -> bool:
    """Whether a setting lies in a free mapping."""
    return any(path[: len(group)] == group for group in free_groups(kind.settings))


def plain_values(values: Sequence[Any], where: str, key: str) -> Sequence[Any]:
    """Values of a free axis as its coordinate has them: whole numbers among others are such.

    ConfigError for a list or mapping, and for a text that reads as a number or null: a coordinate
    could not tell them apart.
    """
    for i, value in enumerate(values):
        if not _is_plain(value):
            raise ConfigError(f"{where}: {key}[{i}]: expected a plain value, got {quoted(value)}")
        if isinstance(value, str) and _reads_as_other(value):
            raise ConfigError(
                f"{where}: {key}[{i}]: {quoted(value)} is a text that reads as a number, true, "
                "false or null; leave out the quotes, or vary another setting"
            )
    numbers = [value for value in values if type(value) in (int, float)]
    if len(numbers) < len(values) or not any(isinstance(value, float) for value in numbers):
        return values
    return [float(value) for value in values]


def _given(settings: Mapping[str, Any], group: Path) -> tuple[str, ...]:
    """Keys of a free group whose values are plain."""
    inner: Any = settings
    for part in group:
        inner = inner.get(part) if isinstance(inner, Mapping) else None
    if not isinstance(inner, Mapping):
        return ()
    return tuple(
        key
        for key, value in inner.items()
        if isinstance(key, str) and key.isidentifier() and _is_plain(value)
    )


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, int | float | str)


def _reads_as_other(text: str) -> bool:
    try:
        return not isinstance(json.loads(text), str | list | dict)
    except (ValueError, RecursionError):
        return False
