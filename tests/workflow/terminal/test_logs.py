"""The last word of a log is what its job would have told."""

from __future__ import annotations

import pytest

from layeratlas.workflow.terminal import logs
from layeratlas.workflow.terminal.logs import content, last_word


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a note\nDatasetError: No such file: it is gone.\n", "No such file: it is gone."),
        ("Traceback …\n  x\nValueError: planted\n\n", "ValueError: planted"),
        ("ended by SIGTERM\n", "ended by SIGTERM"),
        ("", ""), ("\n\n", ""),
    ],
)  # fmt: skip
def test_its_sentence_is_at_the_end(tmp_path, text, sentence):
    path = tmp_path / "a.log"
    path.write_text(text, encoding="utf-8")
    assert last_word(str(path)) == sentence


def test_of_a_long_log_the_end_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "_MOST", 50)
    path = tmp_path / "a.log"
    path.write_bytes(b"\xff" * 500 + b"\nOSError: no space left\n")
    assert last_word(str(path)) == "OSError: no space left"


def test_what_is_not_there_says_nothing(tmp_path):
    assert last_word("") == last_word(str(tmp_path)) == last_word(str(tmp_path / "gone")) == ""
    assert content("") == content(str(tmp_path / "gone")) == []


def test_a_log_is_shown_whole_and_may_say_nothing_to_the_terminal(tmp_path):
    path = tmp_path / "a.log"
    path.write_text("one\n\x1b[2Jtwo\n", encoding="utf-8")
    assert content(str(path)) == [f"{path}:", "  one", "  \\x1b[2Jtwo"]
