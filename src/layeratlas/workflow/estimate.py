"""What the training that is to run will cost, in one sentence before it starts.

From the settings alone (`layeratlas.kinds.cost`), at stated rates, so it is of an order of
magnitude; measuring, drawing and what runs that end early save are not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.kinds import KINDS
from layeratlas.kinds.cost import training_flop
from layeratlas.runs.run import Run

if TYPE_CHECKING:
    from layeratlas.workflow.planning import Workflow

#: FLOP a second of one busy core, and of one GPU (signal-propagation specification, §12).
CORE, GPU = 30e9, 20e12
#: Part of a GPU's rate that small networks reach: a guess, for jobs are cut before any has run.
PART_OF_GPU = 0.1
#: No job of more runs, however fast each is.
MOST_RUNS = 10_000
#: Below so many hours of a core nothing is said, but of the preset `paper`.
LEAST_HOURS = 1.0


@dataclass(frozen=True)
class Estimate:
    """Networks to train, the shards they are in, the FLOP, and networks of unknown cost."""

    networks: int = 0
    shards: int = 0
    flop: float = 0.0
    unknown: int = 0


def estimate(workflow: Workflow, shards: Iterable[tuple[str, str]]) -> Estimate:
    """Of training these shards, `(experiment, key)`; runs that no grid asks for any more count as
    the mean of those of their shard."""
    networks, number, flop, unknown = 0, 0, 0.0, 0
    costs: dict[tuple[int, ...], float | None] = {}
    for experiment, key in shards:
        plan = workflow.shard(experiment, key)
        runs = {run.id: run for run in workflow.runs(experiment)}
        held = []
        for run in filter(None, map(runs.get, plan.run_ids)):
            # Seeds of one point hold the very same sections: each is looked at once.
            parts = tuple(id(run.settings[name]) for name in ("model", "dataset", "training"))
            if parts not in costs:
                costs[parts] = training_flop(run.settings)
            held.append(costs[parts])
        known = [cost for cost in held if cost is not None]
        networks, number = networks + plan.size, number + 1
        unknown += plan.size if not known else 0
        flop += sum(known) * plan.size / len(known) if known else 0.0
    return Estimate(networks, number, flop, unknown)


def runs_in(minutes: float, kind: str, gpu: bool, otherwise: int) -> Callable[[Sequence[Run]], int]:
    """How many runs of a group make a job of so many minutes: at least one, `otherwise` where their
    cost is unknown.

    From settings and stated rates alone: where jobs plan again, they must cut as their controller
    did, whatever the records say by then.
    """
    rate = GPU * PART_OF_GPU if gpu and kind == "training" else CORE
    costs: dict[tuple[int, ...], float | None] = {}

    def number(group: Sequence[Run]) -> int:
        total = 0.0
        for run in group:
            # Seeds of one point hold the very same sections: each is looked at once.
            parts = tuple(id(part) for part in run.settings.values() if isinstance(part, dict))
            if parts not in costs:
                costs[parts] = KINDS[kind].flop(run.settings)
            if (cost := costs[parts]) is None:
                return otherwise
            total += cost
        seconds = total / len(group) / rate
        return max(1, min(int(60 * minutes / seconds) if seconds else MOST_RUNS, MOST_RUNS))

    return number


def told_of_freed(results: Path, shards: Iterable[tuple[str, str]]) -> str:
    """How many of the shards that are to be trained were, and had their weights given up; empty
    where none had. Their manifests are left in `results`."""
    freed = 0
    for experiment, key in shards:
        stem = results / "shards" / experiment / key
        there = [stem.with_name(key + ending).exists() for ending in (".json", ".zarr.zip")]
        freed += there == [True, False]
    if not freed:
        return ""
    return (
        f"{freed:,} shards are trained again: what is asked for reads their weights, which were "
        "given up (layeratlas store gc --weights)"
    )


def told(cost: Estimate, preset: str) -> str:
    """The sentence; empty where little is to be trained."""
    hours = cost.flop / CORE / 3600
    if not cost.networks or (hours < LEAST_HOURS and preset != "paper"):
        return ""
    text = (
        f"to train: {cost.networks:,} networks in {cost.shards:,} shards, at most "
        f"{cost.flop:.1e} FLOP (6 × batch × multiply-adds × steps, if none ends early), about "
        f"{_time(hours)} of one core at {CORE / 1e9:g} GFLOP/s, {_time(cost.flop / GPU / 3600)} of "
        f"a GPU at {GPU / 1e12:g} TFLOP/s; measuring comes on top"
    )
    if cost.unknown:
        text += f"; {cost.unknown:,} networks of families of unknown size are not counted"
    return text


def _time(hours: float) -> str:
    if hours < 1:
        return f"{max(60 * hours, 1):.0f} minutes" if hours > 1.5 / 60 else "1 minute"
    return f"{hours:,.0f} hours" if hours >= 1.5 else "1 hour"
