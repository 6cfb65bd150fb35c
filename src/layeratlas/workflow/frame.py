"""The frame around every script: quiet threads, a log, plain errors, a record.

    with job(snakemake) as this:
        ...

A LayerAtlasError ends the job with its one sentence; anything else keeps its traceback. Both go
to the job's log and to the terminal. Either way the job leaves a record of what it did
(`layeratlas.provenance.record.recording`); a job whose record cannot be written has failed. One
that ended well leaves a receipt too (`layeratlas.workflow.receipts`): it need not run again.
One that was given a GPU works on one of its own (`layeratlas.workflow.cards`).

Where a display shows the work (`layeratlas.workflow.terminal`), what a job has to say goes to it
instead of to the terminal, and what libraries print to the job's log.

A job holds the lease on its results while it works (`layeratlas.storage.lease`). One that finds
the work done since the workflow began has nothing left to do: a killed controller's jobs work on,
and schedulers start some twice. A signal that ends the process
lets it clean up first; work that can be put down hears it (`layeratlas.workflow.stopping`).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from layeratlas.config.workflow import WorkflowConfig, load_workflow_config
from layeratlas.errors import LayerAtlasError, StoppedError, StoreError
from layeratlas.runs.threads import limit_threads
from layeratlas.storage.lease import lease
from layeratlas.workflow.cards import own_card
from layeratlas.workflow.jobs import JOBS
from layeratlas.workflow.receipts import SINCE, is_done, leave
from layeratlas.workflow.stopping import Stop, stopping
from layeratlas.workflow.terminal.channel import Voice, job_name

if TYPE_CHECKING:
    from rich.console import RenderableType


class Job:
    """What a script needs besides its own work.

    `config` holds how to run (device, folders, progress). It comes past `params` on purpose:
    Snakemake re-runs a job whose params changed, and another device is no reason to.
    """

    def __init__(self, snakemake, log: Path | None, voice: Voice | None = None):
        self._snakemake = snakemake
        self._log = log
        self._voice = voice
        self.config: WorkflowConfig = load_workflow_config(snakemake.config, "config/config.yaml")
        self._has_progress = self.config.verbose
        if voice is not None:
            # Bars of libraries would fill the log.
            self.config = self.config.model_copy(update={"verbose": False})
        self._afterwards = ExitStack()

    def note(self, text: str) -> None:
        """A line in the log."""
        _note(self._log, text)

    def warn(self, sentence: str) -> None:
        """A line on the terminal and in the log."""
        _warn(self._snakemake.rule, self._log, self._voice, sentence)

    def show(self, table: RenderableType) -> None:
        """What the user asked to see, on standard output."""
        from rich.console import Console

        console = Console()
        if self._voice is None or not (self._voice.is_live and console.is_terminal):
            console.print(table)
            sys.stdout.flush()
            return
        # One process writes to a terminal.
        with console.capture() as captured:
            console.print(table)
        self._voice.say(shown=captured.get())

    def afterwards(self, call: Callable[[], object]) -> None:
        """Call this once the job is finished for good: who dies before may need what it removes."""
        self._afterwards.callback(call)

    @contextmanager
    def stopping(self) -> Iterator[Stop]:
        """For work that puts itself down when it is asked to, or the allocation ends; its
        StoppedError then says which."""
        with stopping() as stop:
            try:
                yield stop
            except StoppedError as error:
                raise StoppedError(f"{error} ({stop.reason})") from None

    @contextmanager
    def progress(self, total: int, unit: str, what: str) -> Iterator[Callable[[int], None]]:
        """A progress bar on the terminal; yields the function that advances it."""
        if self._voice is not None:
            if not self._has_progress:
                yield lambda units: None
                return
            self._voice.begin(total, unit)
            yield self._voice.advance
            self._voice.end()
            return
        from tqdm import tqdm

        terminal = sys.stderr.isatty()
        with tqdm(
            total=total,
            unit=f" {unit}",
            desc=what,
            disable=not self._has_progress,
            # Without a terminal each refresh is a line of a log: now and then is enough.
            mininterval=0.5 if terminal else 15,
            maxinterval=5 if terminal else 60,
            dynamic_ncols=terminal,
        ) as bar:
            yield bar.update


@contextmanager
def job(snakemake) -> Iterator[Job]:
    """Run a script's body; see the module docstring."""
    limit_threads()
    log = Path(snakemake.log[0]) if len(snakemake.log) else None
    if log is not None:
        # Where not even a log can be written, the recorder says so in words.
        with suppress(OSError):
            log.parent.mkdir(parents=True, exist_ok=True)
    output = str(snakemake.output[0]) if len(snakemake.output) else None
    voice = Voice.here(job_name(snakemake.rule, None if log is None else str(log), output))
    recorder = None
    try:
        with ExitStack() as held:
            held.enter_context(_ending())
            if snakemake.rule in JOBS:
                try:
                    held.enter_context(
                        lease(snakemake.output[0], partial(_warn, snakemake.rule, log, voice))
                    )
                except StoreError as error:
                    raise StoreError(f"{error}. Nothing was computed.") from error
                since = float(os.environ.get(SINCE, "inf"))
                if is_done(snakemake, str(snakemake.config.get("preset")), since):
                    _note(log, "Another job has done it.")
                    sys.exit(0)
            if log is not None:
                # Not before: while this job waited, it was the other's.
                with suppress(OSError):
                    log.write_text("", encoding="utf-8")
            if voice is not None and log is not None:
                held.enter_context(_printing_to(log))
            if snakemake.resources.get("gpu", 0):
                # Before anything loads CUDA, and not while another job is waited for.
                held.enter_context(own_card())
            # Not before the threads are limited: it loads numpy.
            from layeratlas.provenance.record.recording import Recorder

            recorder = Recorder(snakemake)
            for sentence in recorder.unread:
                _note(log, sentence)
            # A setting that is refused is on record, too.
            this = Job(snakemake, log, voice)
            yield this
            recorder.finish()
            # Last: a job without a receipt runs again, one with a receipt does not.
            if snakemake.rule in JOBS:
                leave(snakemake, this.config.preset)
            this._afterwards.close()
    except LayerAtlasError as error:
        _note(log, f"{type(error).__name__}: {error}")
        _record_failure(recorder, log, str(error))
        if voice is not None:
            voice.say(failed=str(error))
            sys.exit(1)
        sys.exit(f"{snakemake.rule}: {error}")
    except SystemExit as error:
        if error.code:
            _note(log, str(error.code))
            _record_failure(recorder, log, str(error.code))
            if voice is not None:
                voice.say(failed=str(error.code))
                sys.exit(1)
        raise
    except BaseException as error:
        _note(log, traceback.format_exc())
        reason = traceback.format_exception_only(error)[-1].strip()
        _record_failure(recorder, log, reason)
        if voice is not None:
            voice.say(failed=reason)
            sys.exit(1)
        raise


@contextmanager
def _printing_to(log: Path) -> Iterator[None]:
    """What this process and its children print as errors goes to the log, not to the terminal."""
    try:
        before, file = os.dup(2), log.open("a", encoding="utf-8")
    except OSError:
        yield
        return
    with file:
        try:
            sys.stderr.flush()
            os.dup2(file.fileno(), 2)
            yield
        finally:
            with suppress(OSError, ValueError):
                sys.stderr.flush()
            os.dup2(before, 2)
            os.close(before)


@contextmanager
def _ending() -> Iterator[None]:
    """SIGTERM ends the job as an error would: with a record, and nothing left lying."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(f"ended by {signal.Signals(number).name}")


def _warn(rule: str, log: Path | None, voice: Voice | None, sentence: str) -> None:
    if voice is not None:
        voice.say(warn=sentence)
    else:
        print(f"{rule}: {sentence}", file=sys.stderr, flush=True)
    _note(log, sentence)


def _note(log: Path | None, text: str) -> None:
    if log is not None:
        # A full disk must not hide the error that is being noted.
        with suppress(OSError), log.open("a", encoding="utf-8") as file:
            file.write(text.rstrip() + "\n")


def _record_failure(recorder, log: Path | None, reason: str) -> None:
    """The first error is the one to tell: a second, in recording it, goes to the log."""
    if recorder is not None:
        try:
            recorder.finish(error=reason)
        except Exception as error:
            _note(log, f"No record of this failure was left: {error}")
