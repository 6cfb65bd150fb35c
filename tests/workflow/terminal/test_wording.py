"""Times in words, at the edges between units."""

from __future__ import annotations

import pytest

from layeratlas.workflow.terminal.wording import about, clock, counts, jobs, rate, some, took


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "about 5 seconds"), (7, "about 5 seconds"), (42, "about 40 seconds"),
        (50, "about 1 minute"), (89, "about 1 minute"), (91, "about 2 minutes"),
        (2940, "about 49 minutes"), (3000, "about 1 hour"), (5400, "about 1.5 hours"),
        (36_000, "about 10 hours"), (3.6e6, "about 1,000 hours"),
    ],
)  # fmt: skip
def test_what_is_not_known_well_is_told_roughly(seconds, words):
    assert about(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "shown", "words"),
    [
        (0.4, "0:00", "0 s"), (59.2, "0:59", "59 s"), (61, "1:01", "1 min 1 s"),
        (3599, "59:59", "59 min 59 s"), (11_109, "3:05:09", "3 h 5 min"),
    ],
)  # fmt: skip
def test_what_has_passed_is_told_as_it_was(seconds, shown, words):
    assert (clock(seconds), took(seconds)) == (shown, words)


def test_rates_have_few_digits():
    assert rate(0, 1, "runs") == rate(5, 0, "runs") == ""
    assert rate(310, 1, "runs") == "310 runs/s"
    assert rate(7.7, 10, "runs") == "0.77 runs/s"
    assert rate(22_400, 1, "steps") == "22.4k steps/s"
    assert rate(3.21e6, 1, "steps") == "3.21M steps/s"
    assert rate(4e9, 1, "steps") == "4G steps/s"


def test_counts_and_lists():
    assert jobs(1) == "1 job" and jobs(1200) == "1,200 jobs"
    assert counts({"train": 2, "measure": 1000}) == "train 2 · measure 1,000"
    assert some("abc", 3, "x") == ["a", "b", "c"]
    assert some("abcd", 3, "there") == ["a", "b", "and 2 more: there"]
