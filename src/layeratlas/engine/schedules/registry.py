"""The table of schedules. A new one is one function and one entry.

    SCHEDULES.add(ScheduleEntry("linear", "extensions.linear:factor", settings={"end": 0.0}))

    def factor(step, epoch, totals, settings):
        return 1 - (1 - settings["end"]) * (step - 1) / totals.steps

`step` and `epoch` count from 1 and are those of the step to be taken, `totals.steps` and
`totals.epochs` what a training has that does not stop early. The learning rate of the step is
`training.learning_rate` times the factor, a number ≥ 0; several schedules multiply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from layeratlas.tables import Table


@dataclass(frozen=True)
class ScheduleEntry:
    """One schedule: its function, and the settings it declares (`layeratlas.runs.settings`)."""

    name: str
    code: str
    settings: Mapping[str, Any] = field(default_factory=dict)


SCHEDULES: Table[ScheduleEntry] = Table("schedule")

_HERE = "layeratlas.engine.schedules"
_MANY = 10**12  # steps or epochs, more than any training has

for _entry in (
    ScheduleEntry("constant", f"{_HERE}.constant:factor"),
    ScheduleEntry(
        "warm_up",
        f"{_HERE}.warm_up:factor",
        {"steps": (int, Field(ge=1, le=_MANY, description="the first steps, of a growing rate"))},
    ),
    ScheduleEntry(
        "cosine",
        f"{_HERE}.cosine:factor",
        {
            "final": (float, Field(0.0, ge=0, le=1, description="factor at the end")),
            "after": (int, Field(0, ge=0, le=_MANY, description="steps before it begins to fall")),
        },
    ),
    ScheduleEntry(
        "step",
        f"{_HERE}.step:factor",
        {
            "every": (int, Field(ge=1, le=_MANY, description="epochs between two falls")),
            "factor": (float, Field(0.1, ge=0, le=1, description="of each fall")),
        },
    ),
    ScheduleEntry(
        "milestones",
        f"{_HERE}.milestones:factor",
        {
            "epochs": (
                tuple[Annotated[int, Field(ge=0, le=_MANY)], ...],
                Field(min_length=1, description="epochs after which the rate falls"),
            ),
            "factor": (float, Field(0.1, ge=0, le=1, description="of each fall")),
        },
    ),
    ScheduleEntry(
        "warm_epoch",
        f"{_HERE}.warm_epoch:factor",
        {
            "factor": (float, Field(ge=0, le=1, description="in the first epochs; 1 after them")),
            "epochs": (int, Field(1, ge=1, le=_MANY, description="of the smaller rate")),
        },
    ),
):
    SCHEDULES.add(_entry)
