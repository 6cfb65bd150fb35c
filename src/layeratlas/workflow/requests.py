"""What a job asks of a scheduler: memory, minutes, a GPU, processors.

    mem_mb  = (memory of the script · correction + the frame's) · 2^(attempt − 1)
    runtime = max(10 minutes, seconds · correction) · 2^(attempt − 1)

The script's memory and seconds follow from the job's sizes (`workflow.sizes`). The correction is
what earlier jobs of the rule and experiment (or figure) used of what their sizes told: the 95th
percentile, and some headroom. Where too few are on record it is that of the rule, with more of it,
else a factor of safety. What is asked for is no parameter of a job: another answer re-runs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from layeratlas.workflow.earlier import Used, used_before
from layeratlas.workflow.sizes import MiB, Size, is_planned, size_of

if TYPE_CHECKING:
    from layeratlas.workflow.planning import Workflow

#: Resources of a job, in the order in which they are told; records keep all (`Requested`).
NAMES = (
    "mem_mb", "runtime", "gpu", "cpus_per_task", "attempt", "sized_mem_mb", "sized_seconds",
)  # fmt: skip
#: Rules whose jobs may use the GPU.
_ON_GPU = {"train", "measure", "simulate"}
#: Snakemake's own processes around a script in a job of SLURM, two with what they import.
FRAME = 340 * MiB
SHORTEST = 10.0
"""Minutes that every job asks for: a start on a busy file system takes some."""
#: Fewer records than these are believed only where they say that sizes told too little.
LEAST = 5
#: Asked for beyond what earlier jobs used, of memory and of time.
HEADROOM, TIME_HEADROOM = 1.1, 1.5
#: Where it was jobs of other experiments that used it.
OTHERS, TIME_OTHERS = 1.25, 2.0
#: Of sizes alone.
SAFETY, TIME_SAFETY = 1.0, 3.0
_STEP = 10  # MB: nobody's job is known better than that


class Requests:
    """Of the jobs of one workflow.

    `alone`: whether scripts run without a frame, in the controller's own allocation or on its
    machine. `used` is asked once. Neither is before it must be.
    """

    def __init__(
        self,
        workflow: Workflow,
        *,
        alone: Callable[[], bool] = lambda: True,
        used: Callable[[], Iterable[Used]] = used_before,
    ) -> None:
        self._workflow, self._alone, self._ask = workflow, alone, used
        self._sizes: dict[tuple[str, tuple[tuple[str, str], ...]], Size] = {}
        self._groups: dict[tuple[str, str | None], list[Used]] | None = None
        self._corrections: dict[tuple[str, str | None], tuple[float, float, float]] = {}
        self._last: tuple[Any, dict[str, int]] = (None, {})

    def of(self, rule: str, at: Mapping[str, str], attempt: int) -> dict[str, int]:
        """All that a job asks for, by `NAMES`; `at` are its wildcards."""
        # Snakemake asks for one name after the other.
        alone = self._alone()
        key = (rule, tuple(at.items()), attempt, alone)
        if key == self._last[0] and is_planned(rule):
            return self._last[1]
        size = self.size(rule, at)
        memory, time, frame = self._correction(rule, at.get("experiment") or at.get("figure"))
        times = 2 ** (max(attempt, 1) - 1)
        asked = (size.memory * memory + (0.0 if alone else frame)) * times / MiB
        minutes = max(SHORTEST, size.seconds * time / 60) * times
        answer = {
            "mem_mb": rounded_up(asked),
            "runtime": math.ceil(minutes),
            **self.fixed(rule),
            "attempt": attempt,
            "sized_mem_mb": math.ceil(size.memory / MiB),
            "sized_seconds": size.rounded_seconds,
        }
        self._last = key, answer
        return answer

    def fixed(self, rule: str) -> dict[str, int]:
        """What all jobs of a rule ask for, whatever their sizes and attempts."""
        return {"gpu": self._gpus(rule), "cpus_per_task": 1}

    def _gpus(self, rule: str) -> int:
        if rule == "simulate":
            return 1 if self._workflow.config.device == "cuda" else 0
        return 1 if rule in _ON_GPU and self._workflow.uses_gpu else 0

    def size(self, rule: str, at: Mapping[str, str]) -> Size:
        """Of one job, worked out once."""
        if not is_planned(rule):
            # Cubes may be there by the time that the job starts.
            return size_of(self._workflow, rule, at)
        key = (rule, tuple(sorted(at.items())))
        if key not in self._sizes:
            self._sizes[key] = size_of(self._workflow, rule, at)
        return self._sizes[key]

    def _correction(self, rule: str, what: str | None) -> tuple[float, float, float]:
        """Factors of memory and of time, and bytes of the frame."""
        key = (rule, what)
        if key not in self._corrections:
            own, all_of_rule = self._used(rule, what), self._used(rule, None)
            known = len(own) >= LEAST
            used = own if known else all_of_rule
            memory = percentile([one.memory for one in used]) * (HEADROOM if known else OTHERS)
            time = percentile([one.seconds for one in used])
            time *= TIME_HEADROOM if known else TIME_OTHERS
            if len(used) < LEAST:
                memory, time = max(SAFETY, memory), max(TIME_SAFETY, time)
            frames = [one.frame for one in all_of_rule if one.frame is not None]
            frame = percentile(frames) * HEADROOM
            frame = frame if len(frames) >= LEAST else max(FRAME, frame)
            self._corrections[key] = memory, time, frame
        return self._corrections[key]

    def _used(self, rule: str, what: str | None) -> list[Used]:
        if self._groups is None:
            self._groups = {}
            for one in self._ask():
                self._groups.setdefault((one.rule, one.what), []).append(one)
                if one.what is not None and one.recent:
                    self._groups.setdefault((one.rule, None), []).append(one)
        return self._groups.get((rule, what), [])


def rounded_up(megabytes: float) -> int:
    """To the next ten MB; what is only a rounding error beyond them is not."""
    return _STEP * math.ceil(round(megabytes / _STEP, 6))


def percentile(values: list[float], share: float = 0.95) -> float:
    """The smallest value that so large a share of all does not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else 0.0
