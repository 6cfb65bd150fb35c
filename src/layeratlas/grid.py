"""From an experiment to its runs, and from runs to shards.

A run's id is a hash of everything that determines its numbers. A shard's key is a hash of its
run ids and checkpoints, so a shard on disk says by its name what it holds.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layeratlas.config import Experiment, with_value
from layeratlas.kinds import KINDS
from layeratlas.training.plan import MEMBER_SETTINGS, ShardPlan


def canonical_json(value: Any) -> str:
    """One text a value: sorted keys, no spaces; NaN is refused."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def short_hash(value: Any) -> str:
    """16 hex digits of the SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Run:
    """One point of the grid: coordinates, resolved settings (plain JSON), id."""

    id: str
    coordinates: Mapping[str, Any]
    settings: Mapping[str, Any]


def expand(experiment: Experiment) -> list[Run]:
    """Every run of an experiment: grid axes in YAML order, then seeds (last varies fastest)."""
    kind = KINDS[experiment.kind]
    runs = []
    for point in itertools.product(*experiment.grid.values()):
        settings: Mapping[str, Any] = experiment.settings
        coordinates = dict(zip(experiment.grid, point, strict=True))
        for axis, value in coordinates.items():
            settings = with_value(settings, axis, value)
        for seed in experiment.seeds:
            plain = kind.settings.model_validate({**settings, "seed": seed}).canonical()
            runs.append(Run(short_hash(plain), {**coordinates, "seed": seed}, plain))
    return runs


def describe(experiment: Experiment, runs: Sequence[Run], references: str = "") -> dict[str, Any]:
    """What `layeratlas.cube.assemble` needs to know of an experiment: `description` and `runs`."""
    return {
        "description": {
            "name": experiment.name,
            "preset": experiment.preset,
            "title": experiment.title,
            "summary": experiment.summary,
            "references": references,
            "noise_kind": experiment.noise_kind,
            "dataset": runs[0].settings.get("dataset"),
            "settings": experiment.settings,
            "grid": {axis: list(values) for axis, values in experiment.grid.items()},
            "seeds": list(experiment.seeds),
        },
        "runs": [{"id": run.id, "coordinates": dict(run.coordinates)} for run in runs],
    }


def plan_shards(
    runs: Sequence[Run],
    checkpoints: Sequence[int],
    shard_size: int,
    known: Iterable[ShardPlan] = (),
    members: Mapping[str, tuple[str, ...]] = MEMBER_SETTINGS,
    together: Sequence[str] = (),
) -> list[ShardPlan]:
    """Pack runs into shards: same architecture, data, batch size and step count in each.

    `known` are shards planned earlier (see `read_ledger`). One is kept when it holds a wanted
    run and has the same checkpoints, so that a grown grid trains its new runs only; the rest is
    cut into pieces of `shard_size` in grid order. The cut depends on the uncovered runs alone,
    so planning again while a workflow runs gives the same shards. `members` are the settings
    that may differ inside a shard, name → path; runs that agree in those named in `together` are
    cut apart last (see `layeratlas.kinds`).
    """
    wanted = {run.id: run for run in runs}
    covered: set[str] = set()
    shards = []
    for plan in sorted(known, key=lambda p: p.key):
        fresh = [i for i in plan.run_ids if i in wanted and i not in covered]
        if not fresh or tuple(plan.checkpoints) != tuple(checkpoints):
            continue
        settings = wanted[fresh[0]].settings
        # A plan of a version that kept other settings apart is of no use to this one.
        if set(plan.members) == {name for name, path in members.items() if _has(settings, path)}:
            shards.append(plan)
            covered.update(plan.run_ids)
    groups: dict[str, list[Run]] = {}
    for run in wanted.values():
        if run.id not in covered:
            groups.setdefault(canonical_json(_shared(run.settings, members)), []).append(run)
    for group in groups.values():
        group.sort(key=lambda run: [_at(run.settings, members[name]) for name in together])
        for start in range(0, len(group), shard_size):
            shards.append(_shard(group[start : start + shard_size], checkpoints, members))
    return shards


def _shard(
    runs: Sequence[Run], checkpoints: Sequence[int], members: Mapping[str, tuple[str, ...]]
) -> ShardPlan:
    ids = tuple(run.id for run in runs)
    return ShardPlan(
        key=_key(ids, checkpoints),
        run_ids=ids,
        shared=_shared(runs[0].settings, members),
        members={
            name: tuple(_at(run.settings, path) for run in runs)
            for name, path in members.items()
            if _has(runs[0].settings, path)
        },
        checkpoints=tuple(checkpoints),
    )


def _key(run_ids: Iterable[str], checkpoints: Iterable[int]) -> str:
    return short_hash({"runs": sorted(run_ids), "checkpoints": list(checkpoints)})


def _shared(settings: Mapping[str, Any], members: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    shared = json.loads(canonical_json(settings))
    for path in members.values():
        if _has(shared, path):
            _at(shared, path[:-1]).pop(path[-1])
    # What the member settings empty out is no part of the architecture either.
    return {key: value for key, value in shared.items() if value != {}}


def _has(settings: Mapping[str, Any], path: Iterable[str]) -> bool:
    for part in path:
        if part not in settings:
            return False
        settings = settings[part]
    return True


def _at(settings: Mapping[str, Any], path: Iterable[str]) -> Any:
    for part in path:
        settings = settings[part]
    return settings


# --- the ledger -------------------------------------------------------------------------------
# A job that starts a shard leaves its plan beside the shard's file. Plans say which runs were
# packed together, so that the next planning finds finished and half-finished shards again
# whatever the grid looks like by then. They are no inputs or outputs of any rule.


def read_ledger(folder: Path, wanted: Iterable[str]) -> list[ShardPlan]:
    """Plans in a folder whose shard is finished, or that hold wanted runs only."""
    wanted = set(wanted)
    plans = []
    for path in sorted(folder.glob("*.plan.json")):
        try:
            plan = ShardPlan.from_json(json.loads(path.read_text(encoding="utf-8")))
            key = _key(plan.run_ids, plan.checkpoints)
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
