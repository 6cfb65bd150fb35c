"""The display: reads Snakemake's records and what jobs tell, and is alone at the terminal.

On a terminal a line a running job and one overall, redrawn twice a second below what is told for
good; elsewhere (CI, a batch job) plain lines. Errors stand last.
"""

from __future__ import annotations

import atexit
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from logging import ERROR, WARNING, LogRecord
from typing import IO, TYPE_CHECKING, Any

from layeratlas.words import named, printable, shortened
from layeratlas.workflow.terminal.channel import Ears, job_name
from layeratlas.workflow.terminal.logs import content, last_word
from layeratlas.workflow.terminal.plan import Plan, Planned
from layeratlas.workflow.terminal.wording import about, clock, counts, jobs, rate, some, took

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

EVERY = 0.5
"""Seconds between two looks at what jobs tell."""
#: Without a terminal: of few jobs each is told, of many no more often than this, in seconds; and
#: that something is at work when so long nothing was told.
FEW, SELDOM, SIGN_OF_LIFE = 60, 20.0, 60.0
#: Failed jobs that are told one by one.
FAILURES = 10
#: What Snakemake says when it has been interrupted, and of what failed when jobs have told why.
_INTERRUPTED = "Terminating processes on user request"
_ENDING = "Will exit after finishing currently running jobs"
_FAILED = "At least one job did not complete successfully."
_ECHO = 3
#: Columns; below there is no room for bars and words.
_NARROW = 60
#: A matter of course: results appear whole or not at all.
_RESTORED = "Restored previous version of"
_LONGEST = 2000
_NOTHING = "Nothing to be done: all is there, made as it would be made today."
GO_ON = "What is finished stays; the same command goes on from there."


@dataclass
class Would:
    """A job of a dry run."""

    rule: str
    reason: str


@dataclass
class Display:
    """Of one run of Snakemake. `handle` is called by its logger, `begin` by the workflow when the
    jobs are known, `close` at the end; `ending` gives what stands last where all went well."""

    stream: IO[str]
    live: bool
    dryrun: bool = False
    ending: Callable[[], Iterable[str]] = lambda: ()
    now: Callable[[], float] = time.monotonic
    show_logs: bool = False
    _plan: Plan | None = None
    _started: bool = False
    _closed: bool = False
    _interrupted: bool = False
    _nothing: bool = False
    _would: list[Would] = field(default_factory=list)
    _failed: dict[int, Planned] = field(default_factory=dict)
    _errors: list[str] = field(default_factory=list)
    _shown: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._began = self._told = self.now()
        self._stopped = threading.Event()
        self._console: Console | None = None
        self._live: Any = None
        self._ears: Ears | None = None
        self._thread: threading.Thread | None = None

    # --- from Snakemake -------------------------------------------------------------------------
    def handle(self, record: LogRecord) -> bool:
        """Take a record; False where it is for Snakemake's own handler, before the work begins."""
        event = str(getattr(record, "event", None) or "")
        if event == "workflow_started":
            self._started = True
        if not self._started or self._closed:
            return False
        reader = _READERS.get(event)
        if reader is not None:
            reader(self, record)
        elif event in ("", "error"):
            self._plain(record)
        return True

    def _plain(self, record: LogRecord) -> None:
        text = str(record.msg or "")
        if record.levelno >= ERROR:
            with self._lock:
                self._errors.append(text.strip())
        elif record.levelno >= WARNING:
            if not text.startswith(_RESTORED):
                self._say(text.rstrip())
        elif text.startswith(_INTERRUPTED):
            self._interrupted = True
            self._say("Stopping: jobs put down what they are at.")
        elif text.startswith(_ENDING):
            self._say("Stopping: no more jobs start; those at work go on to their end.")
        elif text.startswith("Nothing to be done"):
            self._nothing = True

    def _job_begins(self, record: LogRecord) -> None:
        told = record.__dict__
        if self.dryrun:
            self._would.append(Would(told["rule_name"], str(told["reason"])))
            return
        with self._lock:
            job = self._job(told["jobid"], told["rule_name"], told.get("log") or ())
            job.begins(self.now())

    def _job_ends(self, record: LogRecord) -> None:
        self._listen()
        with self._lock:
            job = self._job(record.__dict__["job_id"], "", ())
            now = self.now()
            job.took, job.failed = job.elapsed(now), False
            self._failed.pop(job.number, None)
            line = self._line_of(job)
        if not self.live:
            self._tell(line)

    def _job_fails(self, record: LogRecord) -> None:
        self._listen()
        told = record.__dict__
        with self._lock:
            job = self._job(told["jobid"], told["rule_name"], told.get("log") or ())
            job.took, job.failed = job.elapsed(self.now()), True
            # One that ran elsewhere could not be heard.
            job.said = job.said or shortened(printable(last_word(job.log)), _LONGEST)
            if not self._interrupted:
                self._failed[job.number] = job
                words = f"{job.words} failed"
        if not self._interrupted:
            self._say(words)

    def _job(self, number: int, rule: str, logs: Iterable[Any]) -> Planned:
        plan = self._plan = self._plan or Plan()
        if number not in plan.jobs:
            log = next(map(str, logs), "")
            plan.jobs[number] = Planned(
                number, rule, rule, 0.0, name=job_name(rule, log, None), log=log
            )
        return plan.jobs[number]

    # --- from the workflow ----------------------------------------------------------------------
    def begin(self, plan: Plan, what: str) -> None:
        """All is known, nothing has run: say what will, and watch; `what` names the run."""
        self._plan, self._began = plan, self.now()
        self._ears = Ears(self.live)
        self._say(what)
        self._say(f"  {jobs(len(plan.jobs))}: {counts(plan.rules())}")
        self._say(f"  {plan.told()}")
        if self.live:
            self._go_live()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="layeratlas-display")
        self._thread.start()
        atexit.register(self.close)

    def close(self) -> None:
        """The last words, once; the terminal is as it was."""
        with self._lock:
            if self._closed or not self._started:
                return
            self._closed = True
        self._stopped.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(5)
        self._listen()
        if self._live is not None:
            self._live.stop()
            self._live = None
        if self._ears is not None:
            self._ears.close()
        for text in self._shown:
            sys.stdout.write(text)
            sys.stdout.flush()
        for line in self._last_words():
            self._say(line)

    # --- what is told ---------------------------------------------------------------------------
    def _last_words(self) -> list[str]:
        if self.dryrun:
            return self._would_run()
        plan = self._plan or Plan()
        failed = list(self._failed.values())
        time_taken = took(self.now() - self._began)
        of = f"{plan.finished():,} of {jobs(len(plan.jobs))} done in {time_taken}"
        # Without a failed job it is that Snakemake was told to end.
        said = [text for text in self._errors if _FAILED not in text]
        if self._interrupted or (self._errors and not failed and not said):
            return [*(self._why(failed) if failed else ()), f"Stopped: {of}. {GO_ON}"]
        if failed:
            return [f"{jobs(len(failed))} failed; {of}. {GO_ON}", *self._why(failed)]
        if self._errors:
            return self._errors
        if self._plan is None and not self._nothing:
            # The rules, as they were read, said why.
            return []
        lines = list(self.ending())
        if self._nothing:
            return [_NOTHING, *lines]
        return [*lines, f"{jobs(plan.finished())} in {time_taken}."]

    def _why(self, failed: list[Planned]) -> list[str]:
        """One sentence a failed job, with its log, and what Snakemake said where a job did not."""
        lines = []
        if not all(job.said for job in failed) or not failed:
            lines = [text for text in self._errors if _FAILED not in text]
        told = []
        for job in failed:
            if self.show_logs:
                told += content(job.log)
            sentence = job.said or "it ended without a word; its log may say more"
            log = f"\n  log: {named(job.log)}" if job.log else ""
            told.append(f"{job.words}: {sentence}{log}")
        return [*lines, *some(told, FAILURES, "their logs say why")]

    def _would_run(self) -> list[str]:
        if self._errors:
            return self._errors
        if not self._would:
            return [_NOTHING] if self._nothing else []
        groups: dict[tuple[str, str], int] = {}
        for job in self._would:
            key = (job.rule, why(job.reason))
            groups[key] = groups.get(key, 0) + 1
        width = max(len(rule) for rule, _ in groups)
        lines = [
            f"  {rule:<{width}}  {number:>6,}  {reason}"
            for (rule, reason), number in groups.items()
        ]
        head = [f"{jobs(len(self._would))} would run:", f"  {'rule':<{width}}  {'jobs':>6}  why"]
        return [*head, *lines, *self.ending(), "This was a dry run: nothing was made."]

    def _line_of(self, job: Planned) -> str:
        """Of a job that has ended, where lines stay."""
        plan = self._plan or Plan()
        done = f"[{plan.finished():,}/{len(plan.jobs):,}]"
        left = plan.left(self.now())
        rest = f"; {about(left)} left" if plan.finished() < len(plan.jobs) else ""
        return f"{done} {job.words}: {took(job.took or 0)}{rest}"

    def _tell(self, line: str) -> None:
        """A line about progress, if it is time for one."""
        plan = self._plan or Plan()
        now = self.now()
        if len(plan.jobs) <= FEW or now - self._told >= SELDOM:
            self._told = now
            self._say(line)

    def _say(self, text: str) -> None:
        """For good; above the lines that are redrawn."""
        text = printable(text, keep="\n")
        if self._console is not None:
            from rich.text import Text

            self._console.print(Text(text), overflow="fold")
            return
        # A terminal that is gone takes nothing down with it.
        try:
            self.stream.write(f"{text}\n")
            self.stream.flush()
        except (OSError, ValueError):
            pass

    # --- from jobs ------------------------------------------------------------------------------
    def _listen(self) -> None:
        """Take what jobs have told since the last time."""
        if self._ears is None:
            return
        says: list[str] = []
        with self._lock:
            known = {job.name: job for job in (self._plan or Plan()).jobs.values()}
            for name, told in self._ears.heard():
                if (job := known.get(name)) is not None:
                    says += self._told_by(job, told)
        for text in says:
            self._say(text)

    def _told_by(self, job: Planned, told: dict[str, Any]) -> list[str]:
        try:
            if "total" in told:
                total, unit = float(told["total"]), printable(str(told["unit"]))
                job.tells(float(told["done"]), self.now(), total, unit)
            elif "done" in told:
                job.tells(float(told["done"]), self.now())
        except (ValueError, TypeError, KeyError):
            return []
        if "failed" in told:
            job.said = shortened(printable(str(told["failed"])), _LONGEST)
        if "shown" in told:
            self._shown.append(str(told["shown"]))
        return [f"{job.words}: {told['warn']}"] if "warn" in told else []

    # --- lines that are redrawn -----------------------------------------------------------------
    def _go_live(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(file=self.stream, highlight=False, force_terminal=True)
        self._live = Live(
            console=self._console, auto_refresh=False, transient=True, get_renderable=self.drawn,
            vertical_overflow="crop",
        )  # fmt: skip
        self._live.start(refresh=True)

    def _watch(self) -> None:
        while not self._stopped.wait(EVERY):
            self._listen()
            live = self._live
            if live is not None:
                live.refresh()
            elif self.now() - self._told >= SIGN_OF_LIFE:
                self._told = self.now()
                self._say(self._sign_of_life())

    def _sign_of_life(self) -> str:
        with self._lock:
            plan = self._plan or Plan()
            running = []
            for job in plan.running():
                part = job.fraction
                running.append(f"{job.words} {part:.0%}" if part is not None else job.words)
            left = plan.left(self.now())
        at_work = ", ".join(some(running, 4, "more")) or "nothing"
        done = f"{plan.finished():,} of {jobs(len(plan.jobs))} done"
        return f"at work: {at_work}; {done}, {about(left)} left"

    def drawn(self) -> RenderableType:
        """The lines of this moment: a running job each, as many as fit, and one overall."""
        from rich.table import Table

        console = self._console
        width, height = (80, 24) if console is None else console.size
        with self._lock:
            plan, now = self._plan or Plan(), self.now()
            running = plan.running()
            rows = [self._row(job, now) for job in running[: max(1, height - 4)]]
            if len(running) > len(rows):
                rows.append((f"and {len(running) - len(rows)} more", "", "", ""))
            left = plan.left(now)
            rest = about(left) if width >= _NARROW else clock(left)
            whole = (
                f"{plan.finished():,} of {jobs(len(plan.jobs))}",
                _bar(plan.part(now), width),
                f"{plan.part(now):.0%}",
                f"{clock(now - self._began)}, {rest} left",
            )
        # The terminal echoes ^C behind the last line, which must not become two by it.
        table = Table.grid(padding=(0, 1), pad_edge=False)
        table.width = width - _ECHO
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, justify="right")
        table.add_column(no_wrap=True, justify="right", overflow="ellipsis")
        for row in rows:
            table.add_row(*row)
        table.add_row(*whole, style="bold")
        return table

    def _row(self, job: Planned, now: float) -> tuple[str, str, str, str]:
        elapsed = job.elapsed(now)
        width = 80 if self._console is None else self._console.width
        part = job.fraction
        if part is None:
            return printable(job.words), "", "", clock(elapsed)
        speed = rate(*job.speed(now), job.unit) if width >= 72 else ""
        time_gone = f"{speed}  {clock(elapsed)}" if speed else clock(elapsed)
        return printable(job.words), _bar(part, width), f"{part:.0%}", time_gone


_READERS: dict[str, Callable[[Display, LogRecord], None]] = {
    "job_info": Display._job_begins,
    "job_finished": Display._job_ends,
    "job_error": Display._job_fails,
}


def why(reason: str) -> str:
    """Snakemake's reason for a job, in few words and without the names of files."""
    # A receipt says more exactly what Snakemake finds newer.
    for sign, words in _CHANGED:
        if sign in reason:
            return words
    found = [words for sign, words in _REASONS if sign in reason]
    return ", ".join(found[:2]) or "asked for"


_CHANGED = (
    ("changed/code", "its code has changed"),
    ("changed/settings", "its settings have changed"),
    ("changed/inputs", "what it reads has changed"),
    ("changed/results", "its results are not what it made"),
    ("changed/no_receipt", "nothing says how it was made"),
)
_REASONS = (
    ("Missing output files", "not there yet"),
    ("Forced execution", "forced"),
    ("Input files updated by another job", "what it reads is made first"),
    ("Updated input files", "what it reads is newer"),
    ("run or shell but no output", "asked for"),
)


def _bar(part: float, width: int) -> str:
    if width < _NARROW:
        return ""
    size = 10 if width < 100 else 20
    full = round(size * min(max(part, 0.0), 1.0))
    return "━" * full + "╌" * (size - full)
