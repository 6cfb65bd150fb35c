"""When work is put down: signals, and the end of an allocation as schedulers tell it."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest

from layeratlas.workflow.stopping import ENDING, MARGIN, WARNING, Stop, deadline, stopping


@pytest.mark.parametrize("number", [*ENDING, *WARNING], ids=lambda number: number.name)
def test_a_signal_asks_and_does_not_end(number):
    before = signal.getsignal(number)
    with stopping({}) as stop:
        assert not stop.asked() and stop.deadline == math.inf
        os.kill(os.getpid(), number)
        assert stop.asked() and number.name in stop.reason
    assert signal.getsignal(number) is before


def test_shells_and_snakemake_let_the_warning_pass():
    """SLURM sends it to everybody in the step: who does not know it must not die of it."""
    child = os.fork()
    if not child:
        signal.signal(signal.SIGURG, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGURG)
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_the_clock_asks_where_no_signal_comes():
    stop = Stop(time.time() + 0.05)
    assert not stop.asked()
    time.sleep(0.06)
    assert stop.asked() and stop.reason == "the allocation ends"


def test_outside_the_main_thread_the_clock_alone_counts():
    heard = []

    def work():
        with stopping({"LAYERATLAS_DEADLINE": "1"}) as stop:
            heard.append(stop.asked())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert heard == [True]


@pytest.mark.parametrize(
    ("environment", "left", "expected"),
    [
        ({}, 0, math.inf),
        ({"LAYERATLAS_DEADLINE": "{end}"}, 7200, 7200 - MARGIN),
        ({"LAYERATLAS_DEADLINE": "{end}"}, 60, 54),
        ({"SLURM_JOB_END_TIME": "{end}"}, 7200, 7200 - MARGIN),
        ({"LAYERATLAS_DEADLINE": "{end}", "SLURM_JOB_END_TIME": "9e9"}, 60, 54),
        ({"LAYERATLAS_DEADLINE": "soon"}, 60, math.inf),
        ({"LAYERATLAS_DEADLINE": "0", "SLURM_JOB_END_TIME": "{end}"}, 60, 54),
        ({"LAYERATLAS_DEADLINE": "{end}"}, -10, -10),
    ],
)
def test_work_is_put_down_before_the_end(environment, left, expected):
    now = 2e9
    told = {name: value.format(end=now + left) for name, value in environment.items()}
    assert deadline(told, now) - now == expected


@pytest.mark.parametrize(
    ("printed", "known"),
    [
        ("JobId=7 StartTime=2031-05-17T08:00:00 EndTime=2031-05-17T09:00:00 Deadline=N/A", True),
        ("JobId=7 EndTime=Unknown", False),
        ("slurm_load_jobs error: Invalid job id specified", False),
    ],
)
def test_slurm_is_asked_once(tmp_path, monkeypatch, printed, known):
    asked = tmp_path / "scontrol"
    asked.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\necho "{printed}"\n')
    asked.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    end = datetime(2031, 5, 17, 9).timestamp()
    with stopping({"SLURM_JOB_ID": "7"}) as stop:
        assert stop.deadline == (pytest.approx(end - MARGIN) if known else math.inf)
        for _ in range(100):
            stop.asked()
    assert Path(tmp_path / "asked").read_text() == "show job -o 7\n"


def test_a_silent_or_missing_scontrol_is_no_end(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert deadline({"SLURM_JOB_ID": "7"}) == math.inf
    assert deadline({"SLURM_JOB_ID": "7; reboot"}) == math.inf
