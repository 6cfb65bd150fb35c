"""From runs to shards: what one job computes together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from layeratlas.runs.members import Members, at, has, shared_settings
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.records import Moment, plain_point
from layeratlas.runs.run import Run, canonical_json, short_hash


def plan_shards(
    runs: Sequence[Run],
    shard_size: int | Callable[[Sequence[Run]], int],
    members: Members,
    known: Iterable[ShardPlan] = (),
    together: Sequence[str] = (),
) -> list[ShardPlan]:
    """Pack runs into shards: in each they agree in all settings but `members`, and in moments.

    `known` are shards planned earlier (see `read_ledger`). One is kept when it holds a wanted
    run and keeps the moments that the run is to keep, so that a grown grid trains its new runs
    only; the rest is cut into pieces of `shard_size` in grid order, a number or a function of all
    wanted runs that agree so. Pieces are alike, so planning again while a workflow runs, when some
    of them are known, gives the same shards. `members` are the settings that may differ inside a
    shard, name → path; runs that agree in those named in `together` are cut apart last (see
    `layeratlas.kinds`).
    """
    wanted = {run.id: run for run in runs}
    covered: set[str] = set()
    shards = []
    for plan in sorted(known, key=lambda p: p.key):
        fresh = [i for i in plan.run_ids if i in wanted and i not in covered]
        if not fresh or tuple(plan.checkpoints) != wanted[fresh[0]].checkpoints:
            continue
        settings = wanted[fresh[0]].settings
        # A plan of a version that kept other settings apart is of no use to this one.
        if set(plan.members) == {name for name, path in members.items() if has(settings, path)}:
            shards.append(plan)
            covered.update(plan.run_ids)
    groups: dict[tuple[str, tuple[Moment, ...]], list[Run]] = {}
    # Seeds of one point hold the very same sections: what they share is worked out once.
    texts: dict[tuple, str] = {}
    alone = {path[0] for path in members.values() if len(path) == 1}
    for run in wanted.values():
        parts = tuple((n, id(part)) for n, part in run.settings.items() if n not in alone)
        if parts not in texts:
            texts[parts] = canonical_json(shared_settings(run.settings, members))
        groups.setdefault((texts[parts], run.checkpoints), []).append(run)
    for every in groups.values():
        group = [run for run in every if run.id not in covered]
        group.sort(key=lambda run: [at(run.settings, members[name]) for name in together])
        if group:
            size = shard_size(every) if callable(shard_size) else shard_size
            pieces = range(0, len(group), size)
            shards += [_shard(group[start : start + size], members) for start in pieces]
    return shards


def _shard(runs: Sequence[Run], members: Members) -> ShardPlan:
    ids = tuple(run.id for run in runs)
    return ShardPlan(
        key=shard_key(ids, runs[0].checkpoints),
        run_ids=ids,
        shared=shared_settings(runs[0].settings, members),
        members={
            name: tuple(at(run.settings, path) for run in runs)
            for name, path in members.items()
            if has(runs[0].settings, path)
        },
        checkpoints=runs[0].checkpoints,
    )


def shard_key(run_ids: Iterable[str], checkpoints: Iterable[Moment]) -> str:
    """Name of a shard: a hash of its runs, in any order, and of the moments they keep."""
    kept = [plain_point(point) for point in checkpoints]
    return short_hash({"runs": sorted(run_ids), "checkpoints": kept})
