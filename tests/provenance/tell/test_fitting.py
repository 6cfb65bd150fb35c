"""Widths of columns, and rows as blocks."""

from __future__ import annotations

from layeratlas.provenance.tell.fitting import blocks, fitted

HEADINGS = ["result", "kind", "why"]
ROWS = [["a/path/of/20/letters", "code", "the code of it has changed since"]]


def test_columns_take_what_they_need():
    assert fitted(HEADINGS, ROWS, 80) == [20, 4, 32]


def test_a_sentence_gives_way_before_a_short_column_does():
    assert fitted(HEADINGS, ROWS, 50) == [20, 4, 22]


def test_no_column_is_narrower_than_its_longest_word():
    # 20 and 4, "changed", and two gaps.
    assert fitted(HEADINGS, ROWS, 20 + 4 + 7 + 4) == [20, 4, 7]
    assert fitted(HEADINGS, ROWS, 20 + 4 + 7 + 3) is None
    # Headings count, too.
    assert fitted(["a_long_heading"], [["a"]], 13) is None


def test_a_tower_is_no_table():
    tall = [["a", "b", "of " * 40]]
    assert fitted(HEADINGS, tall, 80) is not None
    assert fitted(HEADINGS, tall, 20) is None


def test_blocks():
    assert blocks(HEADINGS, ROWS, 30) == [
        "a/path/of/20/letters",
        "  kind  code",
        "  why   the code of it has",
        "        changed since",
    ]
    # What is not known is not said; a long word stands alone.
    assert blocks(HEADINGS, [["a" * 40, "", "b" * 40]], 30) == ["a" * 40, f"  why   {'b' * 40}"]
    assert blocks(["result"], [["a"]], 30) == ["a"]


def test_wide_characters_count_twice():
    assert fitted(["a"], [["層層層"]], 5) is None
    assert fitted(["a"], [["層層層"]], 6) == [6]
