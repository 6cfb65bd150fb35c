"""The jobs of one run as the display knows them, and how far they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from layeratlas.workflow.terminal.schedule import Task, makespan
from layeratlas.workflow.terminal.wording import about

#: What jobs of a rule took, beside what was expected of them, counts for the rest of these.
_LEAST, _MOST = 0.1, 10.0
#: Before so much of it is done, or it has run for so many seconds, progress does not say when a job
#: will end.
_TELLING, _LONG = 0.1, 10.0
#: Seconds within which a job tells what it had done before.
_AT_ONCE = 2.0


@dataclass
class Planned:
    """A job: its number in Snakemake, rule, words for it, expected seconds, the jobs before it."""

    number: int
    rule: str
    words: str
    seconds: float
    after: frozenset[int] = frozenset()
    gpu: bool = False
    #: By what it is known to its own process (`channel.job_name`).
    name: str = ""
    log: str = ""
    on_record: bool = False

    # While it runs, and after.
    started: float | None = None
    took: float | None = None
    done: float = 0.0
    total: float = 0.0
    unit: str = ""
    #: Since when its speed counts, and how many units were done then.
    first: tuple[float, float] | None = None
    #: Whether it has said of how many, and nothing since.
    beginning: bool = False
    said: str = ""
    failed: bool = False

    def begins(self, now: float) -> None:
        """Once more, where it was tried before."""
        self.started, self.took, self.failed = now, None, False
        self.done = self.total = 0.0
        self.first, self.beginning, self.said = None, False, ""

    def tells(self, done: float, now: float, total: float | None = None, unit: str = "") -> None:
        """It has done so many units, of so many where it says so."""
        if total is not None:
            self.total, self.unit, self.first, self.beginning = total, unit, (now, done), True
        elif self.beginning:
            self.beginning = False
            # What an earlier try has done it tells of at once: that is no speed.
            if self.first is None or now - self.first[0] < _AT_ONCE:
                self.first = (now, done)
        self.done = done

    def elapsed(self, now: float) -> float:
        """Seconds since it began; 0 of one that has not."""
        return 0.0 if self.started is None else now - self.started

    def speed(self, now: float) -> tuple[float, float]:
        """Units that this try has done, and seconds in which it did them."""
        then, before = self.first or (now, self.done)
        return self.done - before, now - then

    def whole(self, now: float) -> float | None:
        """Seconds that it will have taken, by its own progress; None where that says too little."""
        units, seconds = self.speed(now)
        left = self.total - self.done
        if self.started is None or units <= 0:
            return None
        if units < _TELLING * (units + left) and seconds < _LONG:
            return None
        return now - self.started + left * seconds / units

    @property
    def fraction(self) -> float | None:
        """How much of it is done, where it tells."""
        return min(self.done / self.total, 1.0) if self.total > 0 else None


@dataclass
class Plan:
    """All jobs of a run; `places` run at once, of which `gpus` on a GPU."""

    places: int = 1
    gpus: int = 1
    jobs: dict[int, Planned] = field(default_factory=dict)

    @classmethod
    def of(cls, jobs: Iterable[Planned], places: int, gpus: int = 1) -> Plan:
        return cls(places, gpus, {job.number: job for job in jobs})

    def expected(self) -> float:
        """Seconds of the whole, before anything has run."""
        tasks = {n: Task(job.seconds, job.after, job.gpu) for n, job in self.jobs.items()}
        return makespan(tasks, self.places, self.gpus)

    @property
    def on_record(self) -> bool:
        """Whether most of the time expected is known from records."""
        known = sum(job.seconds for job in self.jobs.values() if job.on_record)
        return known > 0.5 * sum(job.seconds for job in self.jobs.values())

    def told(self) -> str:
        """How long it takes, where, and how that is known."""
        known = "as such jobs took here before" if self.on_record else "by their sizes alone"
        return f"{about(self.expected())}, {self.places:,} at a time, {known}"

    def rules(self) -> dict[str, int]:
        """Rule → number of jobs, in the order of the first of each."""
        found: dict[str, int] = {}
        for job in self.jobs.values():
            found[job.rule] = found.get(job.rule, 0) + 1
        return found

    def running(self) -> list[Planned]:
        return [job for job in self.jobs.values() if job.started is not None and job.took is None]

    def finished(self) -> int:
        return sum(job.took is not None and not job.failed for job in self.jobs.values())

    def left(self, now: float) -> float:
        """Seconds until all are done, by what has run so far."""
        factors = self._factors(now)
        tasks = {}
        for number, job in self.jobs.items():
            if job.took is not None:
                continue
            expected = job.seconds * factors.get(job.rule, 1.0)
            if job.started is None:
                tasks[number] = Task(expected, job.after, job.gpu)
                continue
            elapsed = now - job.started
            whole = job.whole(now) or expected
            # A job that is late may be over at any moment, or not.
            tasks[number] = Task(max(whole - elapsed, 0.05 * elapsed), (), job.gpu, True)
        return makespan(tasks, self.places, self.gpus)

    def part(self, now: float) -> float:
        """How much of the expected work is done, in [0, 1]."""
        total = sum(job.seconds for job in self.jobs.values())
        done = 0.0
        for job in self.jobs.values():
            if job.took is not None:
                done += job.seconds
            elif job.started is not None:
                guess = (now - job.started) / job.seconds if job.seconds else 0.0
                told = job.fraction
                done += job.seconds * (min(guess, 0.9) if told is None else told)
        return min(done / total, 1.0) if total else 1.0

    def _factors(self, now: float) -> dict[str, float]:
        """Rule → what its jobs took of what was expected."""
        shares: dict[str, list[float]] = {}
        for job in self.jobs.values():
            if not job.seconds or job.started is None or job.failed:
                continue
            took = job.took if job.took is not None else job.whole(now)
            if took is not None:
                shares.setdefault(job.rule, []).append(took / job.seconds)
        return {rule: min(max(median(some), _LEAST), _MOST) for rule, some in shares.items()}
