"""What one training job is asked to do: a shard of runs that differ only in member settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layeratlas.bounded.seals import sealed
from layeratlas.runs.names import former, today
from layeratlas.runs.records import Moment, parsed, plain_point

SUFFIX = ".plan.json"


@dataclass(frozen=True)
class ShardPlan:
    """Runs to compute together.

    `shared` holds the settings all runs agree on (dataset, model, training, noise, dtype);
    `members[name][i]` is run i's value of a member setting; `checkpoints` lists the moments
    whose weights are kept, epochs (0 meaning initialisation) or points (`runs.records`).
    """

    key: str
    run_ids: tuple[str, ...]
    shared: Mapping[str, Any]
    members: Mapping[str, tuple[Any, ...]]
    checkpoints: tuple[Moment, ...]

    @property
    def size(self) -> int:
        return len(self.run_ids)

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "run_ids": list(self.run_ids),
            "shared": dict(former(self.shared)),
            "members": {name: list(values) for name, values in self.members.items()},
            "checkpoints": [plain_point(point) for point in self.checkpoints],
        }

    def attributes(self) -> dict[str, str]:
        """What an archive of these runs says of its plan."""
        return {"shard": self.key, "plan": json.dumps(self.to_json(), sort_keys=True)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ShardPlan:
        return cls(
            key=data["key"],
            run_ids=tuple(data["run_ids"]),
            shared=today(data["shared"]),
            members={name: tuple(values) for name, values in data["members"].items()},
            checkpoints=tuple(map(parsed, data["checkpoints"])),
        )


def write_plan(folder: Path, plan: ShardPlan) -> None:
    """Leave a plan, sealed, in the folder of its shard (see `layeratlas.runs.ledger`)."""
    # Storage loads arrays, and who plans needs none.
    from layeratlas.storage.atomic import write_json_atomic

    write_json_atomic(folder / f"{plan.key}{SUFFIX}", sealed(plan.to_json()))
