"""Errors are one line that a terminal can show."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.errors import LONGEST, ConfigError, LayerAtlasError, UnreadableError


@given(st.text())
def test_whatever_is_quoted_is_one_printable_line(text):
    shown = str(LayerAtlasError(text * 40))
    assert shown.isprintable() or shown == ""
    assert len(shown) <= LONGEST


def test_a_plain_sentence_stays():
    sentence = "config/a.yaml: seeds: expected at least 1, got 0 – α ≥ 0"
    assert str(ConfigError(sentence)) == sentence


@pytest.mark.parametrize("code", ["\x1b[31m", "\x9b2J", "\r", "\u202e", "\u2028", "\x07", "\n"])
def test_codes_for_the_terminal_are_shown_and_not_obeyed(code):
    assert code not in str(ConfigError(f"got {code}!"))


def test_a_long_message_keeps_its_beginning_and_its_end():
    shown = str(ConfigError("config/a.yaml: " + "x" * 100_000 + ": use at most 3"))
    assert shown.startswith("config/a.yaml: ")
    assert shown.endswith(": use at most 3")


def test_an_unreadable_file_is_named_and_travels_between_processes():
    error = UnreadableError("a.json", "is not whole")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "a.json: is not whole"
    assert (again.path, again.reason) == ("a.json", "is not whole")
    assert len(str(UnreadableError("x" * 5000, "is not whole"))) <= LONGEST
