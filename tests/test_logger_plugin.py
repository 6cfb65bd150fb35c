"""Snakemake's door to the display: what it finds, and whose talk is shown when."""

from __future__ import annotations

import logging
import subprocess
import sys
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry

from snakemake_logger_plugin_layeratlas import LogHandler


@pytest.fixture
def handler(monkeypatch):
    """`handler(**settings)`: the handler as Snakemake makes it."""
    monkeypatch.delenv("LAYERATLAS_TERMINAL", raising=False)

    def make(**given) -> LogHandler:
        usual = {
            "printshellcmds": False,
            "nocolor": True,
            "quiet": set(),
            "debug_dag": False,
            "verbose": False,
            "show_failed_logs": False,
            "stdout": False,
            "dryrun": False,
        }
        return LogHandler(SimpleNamespace(**{**usual, **given}), None)  # fmt: skip

    return make


class Shown:
    """A display that takes records of `takes` and remembers them."""

    def __init__(self, takes=("workflow_started", None), broken=False):
        self.takes, self.broken, self.records, self.closed = takes, broken, [], 0

    def handle(self, record) -> bool:
        if self.broken:
            raise RuntimeError("planted")
        self.records.append(record.msg)
        return record.event in self.takes

    def close(self) -> None:
        self.closed += 1


def record(text: str, event: str | None = None, level: int = logging.INFO):
    made = logging.LogRecord("snakemake", level, "", 0, text, (), None)
    made.event = event
    return made


def test_snakemake_finds_it_and_it_loads_nothing_of_the_project():
    assert LoggerPluginRegistry().get_plugin("layeratlas").log_handler is LogHandler
    code = (
        "import sys, snakemake_logger_plugin_layeratlas; "
        "sys.exit(any(name.partition('.')[0] in ('layeratlas', 'rich') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_display_takes_what_it_takes(handler, capsys):
    made, shown = handler(), Shown()
    made.layeratlas(shown)
    made.emit(record("hello"))
    made.close()
    assert shown.records == ["hello"] and shown.closed == 1
    assert capsys.readouterr().err == ""


def test_what_snakemake_says_instead_of_working_is_shown(handler, capsys):
    """`--list`, `--unlock`: no work begins, and its answer comes as talk."""
    made = handler()
    made.layeratlas(Shown(takes=()))
    made.emit(record("rule_a"))
    assert capsys.readouterr().err == ""
    made.emit(record("an error", level=logging.ERROR))
    assert capsys.readouterr().err == "an error\n"
    made.close()
    assert capsys.readouterr().err == "rule_a\n"


@pytest.mark.parametrize(
    "given",
    [{"verbose": True}, {"quiet": {"rules"}}, {"printshellcmds": True}, {"debug_dag": True}],
)
def test_whoever_asks_for_snakemakes_talk_gets_it(handler, capsys, given):
    made, shown = handler(**given), Shown()
    made.layeratlas(shown)
    made.emit(record("Select jobs to execute..."))
    made.close()
    assert shown.records == [] and "Select jobs" in capsys.readouterr().err


def test_a_variable_asks_for_it_too(handler, capsys, monkeypatch):
    monkeypatch.setenv("LAYERATLAS_TERMINAL", "snakemake")
    made = handler()
    made.emit(record("Select jobs to execute..."))
    assert "Select jobs" in capsys.readouterr().err


def test_the_rules_of_another_workflow_are_shown_as_ever(handler, capsys):
    made = handler()
    made.emit(record("Building DAG of jobs..."))
    made.emit(record("Select jobs to execute...", event="workflow_started"))
    made.emit(record("more"))
    told = capsys.readouterr().err
    assert told.index("Building DAG") < told.index("more")


def test_a_display_that_breaks_costs_a_warning(handler, capsys):
    made, shown = handler(), Shown(broken=True)
    made.layeratlas(shown)
    made.emit(record("first"))
    made.emit(record("second"))
    made.close()
    told = capsys.readouterr().err
    assert told.count("the display broke (RuntimeError: planted)") == 1
    assert "first" in told and "second" in told and shown.closed == 1
