"""Snakemake's door to the project's display (`layeratlas.workflow.terminal`).

Snakemake finds logger plugins by the name of a top-level package and loads them before it reads a
workflow. So nothing of the project is loaded here: the rules of a clone hand over that clone's own
display (`layeratlas.workflow.terminal.showing`). Until then, without one, where the display breaks,
and under `--verbose`, `--quiet`, `--printshellcmds` or `--debug-dag` it is Snakemake's own talk.
"""

from __future__ import annotations

import os
import sys
from logging import WARNING, LogRecord
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase

__all__ = ["LogHandler"]


class LogHandler(LogHandlerBase):
    """Snakemake's default handler, with the display of a clone before it."""

    def __post_init__(self) -> None:
        from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter

        given = self.common_settings
        self._own = ColorizingTextHandler(
            nocolor=given.nocolor, stream=sys.stdout if given.stdout else sys.stderr
        )
        self._own.setFormatter(DefaultFormatter(given.quiet, given.show_failed_logs))
        self._own.addFilter(
            DefaultFilter(
                given.quiet, given.debug_dag, given.verbose, given.dryrun, given.printshellcmds
            )
        )
        asked = given.verbose or given.quiet or given.printshellcmds or given.debug_dag
        self._is_plain = bool(asked) or os.environ.get("LAYERATLAS_TERMINAL") == "snakemake"
        self._display: Any = None
        # What Snakemake says of itself before the work begins, or instead of it.
        self._held: list[LogRecord] = []

    def layeratlas(self, display: Any) -> None:
        """Take the display of the clone whose rules are read: `handle(record)`, whether it took
        it, and `close()`."""
        if not self._is_plain:
            self._display = display

    def emit(self, record: LogRecord) -> None:
        try:
            if self._display is not None and self._display.handle(record):
                self._held.clear()
                return
        except Exception as error:
            self._broken(error)
        if str(getattr(record, "event", None)) == "workflow_started":
            # Nobody offered a display: the rules are another workflow's.
            self._is_plain = True
        if self._is_plain:
            self._release()
            self._own.handle(record)
        elif record.levelno < WARNING:
            self._held.append(record)
        else:
            self._own.handle(record)

    def _release(self) -> None:
        for record in self._held:
            self._own.handle(record)
        self._held.clear()

    def close(self) -> None:
        try:
            if self._display is not None:
                self._display.close()
        except Exception as error:
            self._broken(error)
        self._release()
        super().close()

    def _broken(self, error: Exception) -> None:
        """The work goes on, whatever becomes of what is shown of it."""
        display, self._display = self._display, None
        self._is_plain = True
        print(f"Warning: the display broke ({type(error).__name__}: {error})", file=sys.stderr)
        try:
            display.close()
        except Exception:
            return

    @property
    def writes_to_stream(self) -> bool:
        return True

    @property
    def writes_to_file(self) -> bool:
        return False

    @property
    def has_filter(self) -> bool:
        return True

    @property
    def has_formatter(self) -> bool:
        return True

    @property
    def needs_rulegraph(self) -> bool:
        return False
