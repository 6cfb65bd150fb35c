"""What one training job is asked to do: a shard of runs that differ only in member settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ShardPlan:
    """Runs to compute together.

    `shared` holds the settings all runs agree on (dataset, model, training, noise, dtype);
    `members[name][i]` is run i's value of a member setting; `checkpoints` lists the epochs
    whose weights are kept, 0 meaning initialisation.
    """

    key: str
    run_ids: tuple[str, ...]
    shared: Mapping[str, Any]
    members: Mapping[str, tuple[Any, ...]]
    checkpoints: tuple[int, ...]

    @property
    def size(self) -> int:
        return len(self.run_ids)

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "run_ids": list(self.run_ids),
            "shared": dict(self.shared),
            "members": {name: list(values) for name, values in self.members.items()},
            "checkpoints": list(self.checkpoints),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ShardPlan:
        return cls(
            key=data["key"],
            run_ids=tuple(data["run_ids"]),
            shared=data["shared"],
            members={name: tuple(values) for name, values in data["members"].items()},
            checkpoints=tuple(data["checkpoints"]),
        )
