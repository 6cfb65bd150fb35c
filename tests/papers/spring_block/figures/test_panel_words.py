"""Notes under four panels tell what is of which panel."""

from __future__ import annotations

from made.readable import plain

from layeratlas.papers.spring_block.figures.panel_words import told_by_letter


def test_values_by_letter():
    assert plain(told_by_letter({"a": "0.012", "c": "0.009"})) == "a 0.012, c 0.009"
    assert told_by_letter({}) == ""
