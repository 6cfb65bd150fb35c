"""Evenly spaced values of an axis, by their ends: `{from, to, step}` or `{from, to, points}`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from layeratlas.config.refusing import refuse_unknown
from layeratlas.errors import ConfigError
from layeratlas.words import quoted

KEYS = ("from", "to", "step", "points", "spacing")
SPACINGS = ("linear", "log")
MOST_VALUES = 100_000


def spaced(asked: Mapping[str, Any], where: str) -> list[Any]:
    """Values of `{from, to, step}`, whole numbers, or of `{from, to, points, spacing}`.

    Points are rounded to six significant digits, so that what a file says is what a cube shows.
    ConfigError for more than `MOST_VALUES` of them, before any is made.
    """
    refuse_unknown(where, "", asked, KEYS)
    first, last = _number(asked, "from", where), _number(asked, "to", where)
    if not first < last:
        raise ConfigError(f"{where}: expected from < to, got {quoted(first)} and {quoted(last)}")
    if "points" not in asked:
        step = asked.get("step", 1)
        if "spacing" in asked or not all(type(v) is int for v in (first, last, step)) or step < 1:
            raise ConfigError(
                f"{where}: expected whole numbers {{from, to, step}}, or {{from, to, points, "
                f"spacing}} with spacing linear or log; got {quoted(dict(asked))}"
            )
        _refuse_many(len(range(first, last + 1, step)), where)
        return list(range(first, last + 1, step))
    points, spacing = asked["points"], asked.get("spacing", "linear")
    if type(points) is not int or points < 2:
        raise ConfigError(
            f"{where}.points: expected an integer of at least 2, got {quoted(points)}"
        )
    _refuse_many(points, where)
    if "step" in asked or spacing not in SPACINGS:
        raise ConfigError(
            f"{where}.spacing: expected linear or log (without step), got {quoted(dict(asked))}"
        )
    if spacing == "log" and first <= 0:
        raise ConfigError(
            f"{where}.from: logarithmic spacing needs a positive number, got {quoted(first)}"
        )
    parts = [i / (points - 1) for i in range(points)]
    if not math.isfinite(last / first if spacing == "log" else last - first):
        raise ConfigError(f"{where}: {first} and {last} are too far apart for evenly spaced values")
    if spacing == "log":
        values = [first * (last / first) ** part for part in parts]
    else:
        values = [first + (last - first) * part for part in parts]
    return [float(f"{value:.6g}") for value in values]


def _refuse_many(number: int, where: str) -> None:
    if number > MOST_VALUES:
        raise ConfigError(f"{where}: {number} values; an axis takes at most {MOST_VALUES}")


def _number(asked: Mapping[str, Any], key: str, where: str) -> Any:
    value = asked.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{where}.{key}: expected a number, got {quoted(value)}")
    return value
