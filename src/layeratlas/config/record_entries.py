"""The entries of `records` in a file, each by its type.

    records:
      - {epoch: 0}
      - {step: 100, label: early}
      - {every: 1.15, unit: step, start: 5}     5, 5 · 1.15, 5 · 1.15², … rounded down
      - {every: 10, unit: epoch}                0, 10, 20, …
      - {loss_below: 0.1, times: 2, label: mark_0.1}
      - final

Where all are epochs without a label, they mean what `checkpoints` would.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from layeratlas.config.refusing import known_names, plain
from layeratlas.errors import ConfigError
from layeratlas.runs.records import Moment, Otherwise, Point, label_of
from layeratlas.words import quoted, suggestion

LATEST = 10**9
_CONFIG = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,59}")
_Moment = Annotated[int, Field(ge=0, le=LATEST)]


class _Labelled(BaseModel):
    model_config = _CONFIG

    label: str = ""


class AtEpoch(_Labelled):
    """After so many epochs."""

    epoch: _Moment


class AtStep(_Labelled):
    """After so many minibatches."""

    step: _Moment


class Mark(_Labelled):
    """When the running loss is below a bound at the end of `times` successive epochs."""

    loss_below: float = Field(gt=0, le=1e6)
    times: int = Field(2, ge=1, le=10**6)
    otherwise: Otherwise = "missing"


class Series(BaseModel):
    """Every so many, or, with a `start`, each by a factor after the one before it."""

    model_config = _CONFIG

    every: float = Field(gt=0, le=LATEST)
    unit: Literal["epoch", "step"]
    start: int | None = Field(None, ge=1, le=LATEST)

    def until(self, last: int) -> Iterator[int]:
        """Its moments up to the last of a run."""
        if self.start is None:
            yield from range(0, last + 1, int(self.every))
            return
        power, before = 0, -1
        while (moment := math.floor(self.start * self.every**power)) <= last:
            if moment > before:
                yield moment
            power, before = power + 1, moment


Entry: TypeAlias = AtEpoch | AtStep | Mark | Series | Literal["final"]
_SORTS: dict[str, type[BaseModel]] = {
    "epoch": AtEpoch, "step": AtStep, "loss_below": Mark, "every": Series
}  # fmt: skip


def entries(asked: Any, where: str, key: str) -> Iterator[Entry]:
    """Record points of a list; ConfigError for what is none, and for two of one label."""
    if not isinstance(asked, list) or not asked:
        raise ConfigError(
            f"{where}: {key}: expected a list of record points, such as {{epoch: 0}}, {{step: 100}}"
            f" or final, got {quoted(asked)}"
        )
    labels: set[str] = set()
    for i, told in enumerate(asked):
        entry = _entry(told, where, f"{key}[{i}]")
        yield entry
        if isinstance(entry, Series):
            continue
        label = "final" if entry == "final" else label_of(_as_point(entry))
        if label in labels:
            raise ConfigError(
                f"{where}: {key}[{i}]: {plain(label)} appears twice; keep one, or give it "
                "another label"
            )
        labels.add(label)


def _as_point(entry: AtEpoch | AtStep | Mark) -> Moment:
    if isinstance(entry, AtEpoch) and not entry.label:
        return entry.epoch
    return Point(**dict(entry))


def _entry(told: Any, where: str, key: str) -> Entry:
    if told == "final":
        return "final"
    sorts = [sort for sort in _SORTS if isinstance(told, Mapping) and sort in told]
    if len(sorts) != 1:
        raise ConfigError(
            f"{where}: {key}: expected one of {{epoch: n}}, {{step: n}}, {{loss_below: x}}, "
            f"{{every: n, unit: step}} or 'final', got {quoted(told)}"
        )
    model = _SORTS[sorts[0]]
    try:
        entry = model.model_validate(dict(told))
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join([key, *(plain(part) for part in problem["loc"])])
        if problem["type"] == "extra_forbidden":
            known = model.model_fields
            near = suggestion(str(problem["loc"][0]), known)
            raise ConfigError(
                f"{where}: {place}: unknown key; {near}{known_names(known)}"
            ) from None
        message = problem["msg"].replace("Input should be", "expected")
        got = "" if problem["type"] == "missing" else f", got {quoted(problem['input'])}"
        raise ConfigError(f"{where}: {place}: {message[0].lower()}{message[1:]}{got}") from None
    if isinstance(entry, Series):
        _refuse_standing_series(entry, where, key)
        return entry
    label = getattr(entry, "label", "")
    if label and (not _LABEL.fullmatch(label) or label == "final"):
        raise ConfigError(
            f"{where}: {key}.label: expected a word of letters, digits, '_', '.' and '-' other "
            f"than 'final', got {quoted(label)}"
        )
    return entry  # type: ignore[return-value]


def _refuse_standing_series(series: Series, where: str, key: str) -> None:
    if series.start is None and series.every != int(series.every):
        raise ConfigError(
            f"{where}: {key}.every: expected a whole number, or a factor beside a `start`, got "
            f"{series.every:g}"
        )
    if series.start is not None and series.every < 1.001:
        raise ConfigError(
            f"{where}: {key}.every: expected a factor of at least 1.001 beside a `start`, got "
            f"{series.every:g}"
        )
    if series.every < 1:
        raise ConfigError(f"{where}: {key}.every: expected at least 1, got {series.every:g}")
