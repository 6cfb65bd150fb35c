"""The table of losses. A new loss is one module and one entry, here or of a user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from layeratlas.tables import Table, resolve

if TYPE_CHECKING:
    from layeratlas.losses.base import Loss

TargetKind = Literal["classes", "vectors", "tokens"]

#: What losses of numbers take class c of C for: e_c, or e_c − 1/C (`losses.encoding`).
Encoding = Literal["one_hot", "centred_one_hot"]


@dataclass(frozen=True)
class LossEntry:
    """One loss: `code`, "module:name", is called with its settings and gives a `losses.base.Loss`.

    `targets` are the kinds of target that it fits: `classes`, integers `(sample,)`; `vectors`,
    numbers `(sample, output)`; `tokens`, integers `(sample, position)`. `encodes` says that
    it compares outputs with classes as numbers, so that it is called with `training.encoding` too.
    `settings` are those of its own, by their defaults (`runs.settings.declared`), given under
    `training.loss_settings`.
    """

    name: str
    code: str
    targets: tuple[TargetKind, ...] = ("classes",)
    encodes: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)


LOSSES: Table[LossEntry] = Table("loss")
for _entry in (
    LossEntry(
        "cross_entropy", "layeratlas.losses.cross_entropy:CrossEntropy", ("classes", "tokens")
    ),
    LossEntry(
        "mean_squared_error",
        "layeratlas.losses.mean_squared_error:MeanSquaredError",
        ("classes", "vectors"),
        encodes=True,
    ),
    LossEntry(
        "half_squared_error",
        "layeratlas.losses.half_squared_error:HalfSquaredError",
        ("classes", "vectors"),
        encodes=True,
    ),
    LossEntry("logistic", "layeratlas.losses.logistic:Logistic", ("classes", "vectors")),
    LossEntry("hinge", "layeratlas.losses.hinge:Hinge", ("classes", "vectors")),
):
    LOSSES.add(_entry)


def loss_of(training: Mapping[str, Any]) -> Loss:
    """The loss of resolved training settings (`layeratlas.engine.settings.TrainingSettings`)."""
    entry = LOSSES[training["loss"]]
    settings = dict(training.get("loss_settings", {}))
    if entry.encodes:
        settings["encoding"] = training.get("encoding", "one_hot")
    return resolve(entry.code)(**settings)
