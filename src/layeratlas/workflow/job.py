"""The frame around every script: quiet threads, a log, plain errors.

    with job(snakemake) as this:
        ...

A LayerAtlasError ends the job with its one sentence; anything else keeps its traceback. Both go
to the job's log and to the terminal.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from layeratlas.config import WorkflowConfig, load_workflow_config
from layeratlas.errors import LayerAtlasError
from layeratlas.training.threads import limit_threads


class Job:
    """What a script needs besides its own work.

    `config` holds how to run (device, folders, progress). It comes past `params` on purpose:
    Snakemake re-runs a job whose params changed, and another device is no reason to.
    """

    def __init__(self, snakemake, log: Path | None):
        self._snakemake = snakemake
        self._log = log
        self.config: WorkflowConfig = load_workflow_config(snakemake.config, "config/config.yaml")

    def note(self, text: str) -> None:
        """A line in the log."""
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as file:
                file.write(text.rstrip() + "\n")

    @contextmanager
    def progress(self, total: int, unit: str, what: str) -> Iterator[Callable[[int], None]]:
        """A progress bar on the terminal; yields the function that advances it."""
        from tqdm import tqdm

        terminal = sys.stderr.isatty()
        with tqdm(
            total=total,
            unit=f" {unit}",
            desc=what,
            disable=not self.config.verbose,
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
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("", encoding="utf-8")
    this = Job(snakemake, log)
    try:
        yield this
    except LayerAtlasError as error:
        this.note(f"{type(error).__name__}: {error}")
        sys.exit(f"{snakemake.rule}: {error}")
    except Exception:
        this.note(traceback.format_exc())
        raise
