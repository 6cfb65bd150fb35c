"""Asked against used, a row a rule, and the sentence that says what to change."""

from __future__ import annotations

import json

import pytest
from made.builder import Store

from layeratlas import efficiency
from layeratlas.cli import main
from layeratlas.provenance.ask.efficiency import COLUMNS
from layeratlas.provenance.record.schema import Requested

MB = 1 << 20


@pytest.fixture
def jobs(tmp_path):
    """Adds jobs of a rule: peaks in MB of each, seconds, and what all asked for."""
    store = Store(tmp_path)

    def add(rule, peaks, seconds=120.0, asked=None, status="ok", frame=None, attempt=1):
        requested = Requested(
            **{"mem_mb": 1000, "runtime": 10, "attempt": attempt, **(asked or {})}
        )
        for peak in peaks:
            store.job(
                rule, experiment="e", status=status, requested=requested, wall_seconds=seconds,
                peak_memory_bytes=peak * MB,
                frame_memory_bytes=None if frame is None else frame * MB,
            )  # fmt: skip

    add.root, add.store = tmp_path, store
    return add


def row_of(jobs, rule):
    table = efficiency(root=jobs.root, rule=rule)
    assert list(table.columns) == list(COLUMNS)
    (row,) = table.to_dict("records")
    return row


def test_a_rule_is_summed_up(jobs):
    jobs("train", [400, 500, 600, 700, 900], seconds=300.0)
    row = row_of(jobs, "train")
    assert (row["jobs"], row["asked_mb"], row["used_mb"]) == (5, 1000, 600)
    assert (row["memory_median"], row["memory_worst"], row["memory_above"]) == (0.6, 0.9, 0)
    assert (row["asked_minutes"], row["used_minutes"]) == (10, 5)
    assert (row["minutes_median"], row["minutes_worst"], row["minutes_above"]) == (0.5, 0.5, 0)
    assert row["advice"] == "nothing to change"


def test_the_frame_of_a_job_is_memory_that_it_used(jobs):
    jobs("train", [400] * 5, frame=200)
    assert row_of(jobs, "train")["memory_median"] == 0.6


def test_failed_jobs_count_as_such_alone(jobs):
    jobs("train", [600] * 5)
    jobs("train", [5000], status="failed")
    jobs("train", [1200], asked={"mem_mb": 2000}, attempt=2)
    row = row_of(jobs, "train")
    assert (row["jobs"], row["failed"], row["retried"]) == (7, 1, 1)
    assert row["memory_worst"] == 0.6


@pytest.mark.parametrize(
    ("peaks", "seconds", "asked", "part"),
    [
        ([1100, 900, 900, 900, 900], 300, {}, "1 of 5 used more memory than they asked for"),
        ([1100, 900, 900, 900, 900], 300, {}, "sets mem_mb of train should say 1210"),
        ([900] * 5, 900, {}, "5 of 5 took longer than they asked for; the next ask for more, and a "
         "profile that sets runtime of train should say 23"),
        ([100] * 4, 300, {}, "too few ended well to say: 4, and 5 are needed"),
        ([100] * 5, 300, {}, "use less than 10% of the memory they ask for; the next ask for less, "
         "and a profile that sets mem_mb of train should say 110"),
        ([900] * 20, 5, {}, "over within 5 s, most of it their start: fewer, larger jobs"),
        ([900] * 19, 300, {"runtime": 60}, "less than 8% of their minutes; the next ask for less, "
         "and a profile that sets runtime of train should say 10"),
        ([900] * 19, 5, {}, "nothing to change"),
    ],
)  # fmt: skip
def test_the_sentence_says_what_to_change(jobs, peaks, seconds, asked, part):
    jobs("train", peaks, seconds=float(seconds), asked=asked)
    assert part in row_of(jobs, "train")["advice"]


def test_jobs_that_did_not_say_what_they_asked_for_are_left_out(jobs):
    jobs.store.job("measure")
    jobs("train", [500])
    jobs("probe", [500], asked={"mem_mb": 9000})
    assert efficiency(root=jobs.root)["rule"].tolist() == ["probe", "train"]


def test_the_command_prints_a_table_or_json(jobs, capsys):
    jobs("train", [600] * 5)
    assert main(["log", "--root", str(jobs.root), "--efficiency"]) == 0
    told = capsys.readouterr().out
    assert "train  5     0        1000      600      60% / 60%" in told
    assert told.endswith("train: nothing to change.\n")
    assert main(["log", "--root", str(jobs.root), "--efficiency", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["rule"], row["memory_worst"]) == ("train", 0.6)
    assert main(["log", "--root", str(jobs.root), "--efficiency", "--rule", "probe"]) == 0
    assert "no record says what a job asked for" in capsys.readouterr().out
