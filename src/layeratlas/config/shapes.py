"""The shape of what one file says, before anything is merged: texts, counts, sections.

Each part of a file, its own and each preset's, is looked at here, so that what another part
replaces is not passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from layeratlas.config.along import refuse_misshapen_along
from layeratlas.config.grid import MOST_RUNS
from layeratlas.config.record_entries import entries
from layeratlas.config.refine import refuse_misshapen_refine
from layeratlas.config.refusing import plain, refuse_infinite, refuse_unknown
from layeratlas.errors import ConfigError
from layeratlas.kinds import KINDS, Kind
from layeratlas.words import quoted

PRESETS = ("smoke", "laptop", "paper")
#: Top-level keys of an experiment file, and those that a preset may change.
KEYS = frozenset({
    "extends", "template", "kind", "title", "summary", "paper", "seeds", "grid", "checkpoints",
    "records", "measure", "shard_size", "presets", "along", "refine",
    *(s for kind in KINDS.values() for s in kind.sections),
})  # fmt: skip
PRESET_KEYS = KEYS - {"extends", "template", "kind", "title", "summary", "paper", "presets"}

LONGEST_TITLE = 200
_LARGEST_MOMENT = 10**9


def refuse_misshapen(data: Mapping[str, Any], where: str) -> None:
    """ConfigError for a key that no file has, and for a value of the wrong sort."""
    refuse_unknown(where, "", data, KEYS)
    for key, sort, what in (("template", bool, "true or false"), ("presets", dict, "a mapping"),
                            ("summary", str, "text"), ("paper", str, "text")):  # fmt: skip
        if data.get(key) is not None and not isinstance(data[key], sort):
            raise ConfigError(f"{where}: {key}: expected {what}, got {quoted(data[key])}")
    kind = data.get("kind", "training")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ConfigError(
            f"{where}: kind: unknown {quoted(kind)}; known: {', '.join(sorted(KINDS))}"
        )
    title = data.get("title", "none yet")
    if not isinstance(title, str) or not title.strip():
        raise ConfigError(
            f"{where}: title: give the experiment a title (text), got {quoted(title)}"
        )
    for key in ("title", "paper"):
        text = data.get(key)
        if isinstance(text, str) and ("\n" in text.strip() or len(text) > LONGEST_TITLE):
            raise ConfigError(
                f"{where}: {key}: expected one line of at most {LONGEST_TITLE} characters, got "
                f"{quoted(text)}"
            )
    presets = data.get("presets") or {}
    refuse_unknown(where, "presets", presets, PRESETS)
    for preset, changes in presets.items():
        if not isinstance(changes, dict):
            raise ConfigError(
                f"{where}: presets.{preset}: expected a mapping, got {quoted(changes)}"
            )
        refuse_unknown(where, f"presets.{preset}", changes, PRESET_KEYS)
    for prefix, part in parts_of(data):
        _refuse_part(part, where, prefix)


def parts_of(data: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a file says itself, and for each preset, with the prefix of the latter's keys."""
    yield "", {key: value for key, value in data.items() if key in PRESET_KEYS}
    for preset, changes in (data.get("presets") or {}).items():
        yield f"presets.{preset}.", changes


def _refuse_part(part: Mapping[str, Any], where: str, prefix: str) -> None:
    for key, value in part.items():
        spot = f"{prefix}{key}"
        if key == "seeds":
            seeds_of(value, where, spot)
        elif key == "shard_size":
            refuse_no_count(value, MOST_RUNS, where, spot)
        elif key == "checkpoints":
            refuse_no_moments(value, where, spot)
        elif key == "records":
            if "checkpoints" in part:
                raise ConfigError(
                    f"{where}: {spot}: runs have records or checkpoints, not both; keep one, "
                    "for {epoch: n} and 'final' are records too"
                )
            list(entries(value, where, spot))
        elif key == "grid":
            if not isinstance(value, dict):
                raise ConfigError(
                    f"{where}: {spot}: expected a mapping from axis to values, got {quoted(value)}"
                )
        elif key == "along":
            refuse_misshapen_along(value, where, spot)
        elif key == "refine":
            refuse_misshapen_refine(value, where, spot)
        elif key != "dtype" and not isinstance(value, dict):
            raise ConfigError(f"{where}: {spot}: expected a mapping, got {quoted(value)}")
        refuse_infinite(value, where, spot)


def refuse_foreign(data: Mapping[str, Any], kind: Kind, where: str) -> None:
    """ConfigError for a section that runs of this kind do not have."""
    own = {*kind.sections, *(("measure",) if kind.measured else ())}
    foreign = {"measure", *(s for other in KINDS.values() for s in other.sections)} - own
    for key in data:
        if key in foreign:
            raise ConfigError(
                f"{where}: {key}: not a setting of an experiment of kind {kind.name!r}, which "
                f"takes {', '.join(sorted(own))}"
            )


def seeds_of(seeds: Any, where: str, key: str = "seeds") -> tuple[int, ...]:
    """The seeds of a number of them, 1, 2, …, or of a list; ConfigError else."""
    if isinstance(seeds, bool) or not isinstance(seeds, int | list):
        raise ConfigError(
            f"{where}: {key}: expected a number of seeds or a list of them, got {quoted(seeds)}"
        )
    number = seeds if isinstance(seeds, int) else len(seeds)
    if number > MOST_RUNS:
        raise ConfigError(f"{where}: {key}: expected at most {MOST_RUNS} seeds, got {number}")
    if isinstance(seeds, int):
        if seeds < 1:
            raise ConfigError(f"{where}: {key}: expected at least 1, got {seeds}")
        return tuple(range(1, seeds + 1))
    if not seeds:
        raise ConfigError(f"{where}: {key}: the list is empty; give at least one seed")
    seen = set()
    for i, seed in enumerate(seeds):
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
            raise ConfigError(f"{where}: {key}[{i}]: expected an integer ≥ 0, got {quoted(seed)}")
        if seed in seen:
            raise ConfigError(f"{where}: {key}[{i}]: the seed {seed} appears twice; keep one")
        seen.add(seed)
    return tuple(seeds)


def refuse_no_count(value: Any, most: int, where: str, key: str) -> None:
    """ConfigError for what is no integer from 1 to `most`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(f"{where}: {key}: expected an integer of at least 1, got {quoted(value)}")
    if value > most:
        raise ConfigError(f"{where}: {key}: expected an integer of at most {most}, got {value}")


def refuse_no_moments(asked: Any, where: str, key: str) -> None:
    """ConfigError for what is no list of moments and no `{every: n}`."""
    if isinstance(asked, dict) and set(asked) == {"every"}:
        refuse_no_count(asked["every"], _LARGEST_MOMENT, where, f"{key}.every")
        return
    if not isinstance(asked, list) or not asked:
        raise ConfigError(
            f"{where}: {key}: expected a list of moments or 'final', or {{every: n}}, got "
            f"{quoted(asked)}"
        )
    seen = set()
    for i, value in enumerate(asked):
        whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        if value != "final" and not whole:
            raise ConfigError(
                f"{where}: {key}[{i}]: expected an integer ≥ 0 or 'final', got {quoted(value)}"
            )
        if value in seen:
            raise ConfigError(f"{where}: {key}[{i}]: {plain(value)} appears twice; keep one")
        seen.add(value)
