"""Evenly spaced values of an axis, by their ends: `{from, to, step}` or `{from, to, points}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layeratlas.config.refusing import refuse_unknown
from layeratlas.errors import ConfigError

KEYS = ("from", "to", "step", "points", "spacing")
SPACINGS = ("linear", "log")


def spaced(asked: Mapping[str, Any], where: str) -> list[Any]:
    """Values of `{from, to, step}`, whole numbers, or of `{from, to, points, spacing}`.

    Points are rounded to six significant digits, so that what a file says is what a cube shows.
    """
    refuse_unknown(where, "", asked, KEYS)
    first, last = _number(asked, "from", where), _number(asked, "to", where)
    if not first < last:
        raise ConfigError(f"{where}: expected from < to, got {first} and {last}")
    if "points" not in asked:
        step = asked.get("step", 1)
        if "spacing" in asked or not all(type(v) is int for v in (first, last, step)) or step < 1:
            raise ConfigError(
                f"{where}: expected whole numbers {{from, to, step}}, or {{from, to, points, "
                f"spacing}} with spacing linear or log; got {dict(asked)!r}"
            )
        return list(range(first, last + 1, step))
    points, spacing = asked["points"], asked.get("spacing", "linear")
    if type(points) is not int or points < 2:
        raise ConfigError(f"{where}.points: expected an integer of at least 2, got {points!r}")
    if "step" in asked or spacing not in SPACINGS:
        raise ConfigError(
            f"{where}.spacing: expected linear or log (without step), got {dict(asked)!r}"
        )
    if spacing == "log" and first <= 0:
        raise ConfigError(f"{where}.from: logarithmic spacing needs a positive number, got {first}")
    parts = [i / (points - 1) for i in range(points)]
    if spacing == "log":
        values = [first * (last / first) ** part for part in parts]
    else:
        values = [first + (last - first) * part for part in parts]
    return [float(f"{value:.6g}") for value in values]


def _number(asked: Mapping[str, Any], key: str, where: str) -> Any:
    value = asked.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{where}.{key}: expected a number, got {value!r}")
    return value
