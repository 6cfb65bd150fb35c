"""Asking other programs: an answer within the limit, or a reason."""

from __future__ import annotations

import time

import pytest
from made.programs import program

from layeratlas.provenance.record.probing import SlowError, UnreadError, ask


def test_an_answer_is_what_was_said_whatever_the_status(tmp_path):
    program(tmp_path, "talk", "cat; echo no >&2; exit 3")
    answer = ask([str(tmp_path / "talk")], 10, given=b"a\0b")
    assert answer == (3, b"a\0b", b"no\n")
    assert answer.complaint == "no"


def test_the_environment_is_the_one_given(tmp_path):
    program(tmp_path, "talk", 'echo "$WORD"')
    assert ask([str(tmp_path / "talk")], 10, environment={"WORD": "x"}).output == b"x\n"


def test_what_cannot_be_asked_says_why(tmp_path):
    with pytest.raises(UnreadError, match=r"^talk is not installed$"):
        ask([str(tmp_path / "talk")], 10)
    program(tmp_path, "talk", "exit").partition(":")
    (tmp_path / "talk").chmod(0o644)
    with pytest.raises(UnreadError, match=r"^talk cannot be run \(Permission denied\)$"):
        ask([str(tmp_path / "talk")], 10)


@pytest.mark.parametrize("script", ["sleep 60", "sleep 60 & sleep 60", "sleep 60 & exit 0"])
def test_nobody_waits_longer_than_the_limit(tmp_path, script):
    program(tmp_path, "talk", script)
    start = time.monotonic()
    with pytest.raises(SlowError, match=r"^talk took longer than 0.2 s$"):
        ask([str(tmp_path / "talk")], 0.2)
    assert time.monotonic() - start < 10


def test_reasons_are_printable_and_short():
    assert str(UnreadError("\x1b[2J" + "x" * 9999)).isprintable()
    assert len(str(UnreadError("x" * 9999))) < 300
