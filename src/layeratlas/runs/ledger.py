"""The ledger: plans that jobs leave beside their shards."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.sharding import shard_key


def read_ledger(folder: Path, wanted: Iterable[str]) -> list[ShardPlan]:
    """Plans in a folder whose shard is finished, or that hold wanted runs only."""
    wanted = set(wanted)
    plans = []
    for path in sorted(folder.glob("*.plan.json")):
        try:
            plan = ShardPlan.from_json(json.loads(path.read_text(encoding="utf-8")))
            key = shard_key(plan.run_ids, plan.checkpoints)
            whole = plan.key == key and path.name == f"{key}.plan.json" and plan.shared
        except (ValueError, KeyError, TypeError, AttributeError, OSError):
            # A damaged plan costs training its runs again, nothing more.
            continue
        if not whole:
            continue
        finished = path.with_name(f"{plan.key}.zarr.zip").exists()
        if finished or set(plan.run_ids) <= wanted:
            plans.append(plan)
    return plans
