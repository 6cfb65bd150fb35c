"""What jobs tell reaches the display, and nothing that goes wrong there reaches the job."""

from __future__ import annotations

import stat

import pytest

from layeratlas.workflow.terminal import channel
from layeratlas.workflow.terminal.channel import VARIABLE, Ears, Voice, job_name


@pytest.fixture
def environment() -> dict[str, str]:
    return {}


@pytest.fixture
def ears(environment):
    made = Ears(True, environment)
    yield made
    made.close()


def test_what_is_said_is_heard_once_and_in_order(ears, environment):
    one, two = Voice.here("train a", environment), Voice.here("train b", environment)
    assert one.is_live
    one.say(warn="first")
    two.say(warn="of the other")
    assert ears.heard() == [
        ("train a", {}), ("train a", {"warn": "first"}),
        ("train b", {}), ("train b", {"warn": "of the other"}),
    ]  # fmt: skip
    assert ears.heard() == []
    one.say(failed="no\nsuch thing \x1b[2J")
    assert ears.heard() == [("train a", {"failed": "no\nsuch thing \x1b[2J"})]


def test_progress_is_told_now_and_then_and_at_the_end(ears, environment, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(channel.time, "monotonic", lambda: now[0])
    voice = Voice.here("train a", environment)
    voice.begin(1000, "runs")
    for _ in range(1000):
        now[0] += 0.001
        voice.advance(1)
    voice.end()
    said = [told for _, told in ears.heard() if told]
    assert said[0] == {"done": 0, "total": 1000, "unit": "runs"}
    assert 1 <= len(said) - 2 <= 3 and said[-1] == {"done": 1000}


def test_what_an_earlier_try_has_done_is_told_at_once(ears, environment, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(channel.time, "monotonic", lambda: now[0])
    voice = Voice.here("train a", environment)
    for _ in range(2):
        ears.heard()
        voice.begin(1000, "runs")
        voice.advance(400)
        now[0] += 0.1
        voice.advance(5)
        done = [told["done"] for _, told in ears.heard() if "done" in told]
        assert done == [0, 400]


def test_half_a_line_waits_for_its_rest_and_what_is_no_message_is_passed_over(ears):
    path = ears.folder / "1.jsonl"
    path.write_bytes(b'{"job": "a"}\n{"do')
    assert ears.heard() == [("a", {})]
    with path.open("ab") as file:
        file.write(b'ne": 3}\nnonsense\n[1]\n\xff\xfe\n' + b"[" * 100_000 + b'\n{"done": 4}\n')
    assert ears.heard() == [("a", {"done": 3}), ("a", {"done": 4})]


def test_nobody_else_can_read_it_and_it_goes_with_the_display(environment):
    made = Ears(False, environment)
    assert environment[VARIABLE] == str(made.folder)
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    voice = Voice.here("a", environment)
    assert not voice.is_live
    made.close()
    assert not made.folder.exists() and VARIABLE not in environment
    # The job goes on.
    voice.say(warn="to nobody")
    voice.begin(3, "runs")
    voice.advance(3)
    voice.end()
    assert made.heard() == []


@pytest.mark.parametrize("given", [None, "", "/nowhere/at/all", __file__])
def test_a_job_that_nobody_listens_to_has_no_voice(given):
    assert Voice.here("a", {} if given is None else {VARIABLE: given}) is None


def test_no_two_jobs_have_one_name():
    assert job_name("train", "a.log", "b") != job_name("train", "b.log", "b")
    assert job_name("train", None, "b") == "train b"
