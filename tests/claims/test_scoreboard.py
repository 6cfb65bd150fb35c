"""The scoreboard shows every claim as it is, markup and all, within the width it is given."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from layeratlas.claims.claim import FAILS, HOLDS, TIE, not_applicable, with_spread
from layeratlas.claims.scoreboard import scoreboard

LONG = "a statement of the paper that goes on and on about layers, noise and separation " * 40
#: Lines of a row, and what stands above and between the rows of a table.
MOST_LINES = 6


def shown(claims, older=(), width=80) -> str:
    console = Console(width=width, file=io.StringIO())
    console.print(scoreboard(claims, older, width, "figures/claims.html"))
    return console.file.getvalue()


def test_every_claim_has_a_row_and_every_verdict_a_count(claimed):
    apart = not_applicable(
        id="3", figure="g", subject="s", statement="t", source="u", comparison="<",
        threshold=0.0, reason="2 columns",
    )  # fmt: skip
    text = shown([claimed(0.25), claimed(0.75, id="2", note="[bold]far[/bold]"), apart])
    assert f"1 {HOLDS}, 1 {FAILS}, 1 not applicable" in text
    for word in ("0.25", "0.75", "<= 0.5", "n = 3 runs", "2 columns", "[bold]far[/bold]"):
        assert word in text
    # A figure is named once, where it begins; nothing was left out.
    assert [line.split()[0] for line in text.splitlines() if "1 of 2" in line] == ["f"]
    assert text.count("claims not applicable at this size") == 1 and "…" not in text


def test_a_tie_is_shown_and_counted_apart(claimed):
    text = shown([claimed(0.25, orders=(0.1, 0.9), told="a and b"), claimed(0.25, id="2")])
    assert f"1 {HOLDS}, 1 {TIE}, 0 {FAILS}, 0 not applicable" in text
    assert "a and b" in text


def test_a_number_has_its_standard_error_where_that_is_known(claimed):
    assert "± 0.062" in shown([with_spread(claimed(0.25), 0.0623)])
    assert "±" not in shown([claimed(0.25)])


def test_no_claims_are_a_table_too():
    assert "0 holds" in shown([])


def test_claims_of_older_cubes_count_apart(claimed):
    text = shown([claimed(0.25), claimed(0.75, figure="g")], older={"g"})
    assert f"1 {HOLDS}, 0 {FAILS}, 0 not applicable, 1 of cubes that are others now" in text
    assert "fails," in text and "once" in text


def test_a_verdict_that_is_new_here_is_shown_and_counted(claimed):
    text = shown([claimed(0.25), replace(claimed(0.5), verdict="tie")])
    assert "1 holds, 1 tie, 0 fails" in text and "1 of 2 claims hold, 1 tie" in text


@pytest.mark.parametrize("width", [80, 60, 100, 200])
@pytest.mark.parametrize(
    "words", [LONG, "x" * 5000, "幅の広い文字" * 300, "e\u0301" * 2000, "short"], ids=len
)
def test_no_line_is_wider_than_the_terminal_and_no_row_longer_than_six(claimed, words, width):
    names = ("id", "subject", "statement", "note")
    text = shown([with_spread(claimed(0.25, **dict.fromkeys(names, words)), 0.1)], width=width)
    lines = text.splitlines()
    assert max(map(cell_len, lines)) <= width
    start = next(n for n, line in enumerate(lines) if "───" in line) + 1
    row = lines[start : next(n for n, line in enumerate(lines) if line.startswith("Claims: "))]
    assert 0 < len([line for line in row if line.strip()]) <= MOST_LINES
    assert ("… is whole in figures/claims.html" in text) == (words != "short")


def test_a_wide_terminal_cuts_less(claimed):
    claim = claimed(0.25, statement=" ".join(f"word{n}" for n in range(30)))
    assert "word29" not in shown([claim], width=80)
    assert "word29" in shown([claim], width=160)


def test_a_file_does_not_speak_to_the_terminal(claimed):
    odd = "\x1b[2J\x07\u202eno"
    words = dict.fromkeys(("id", "figure", "subject", "statement", "note"), odd)
    claim = replace(claimed(0.25, **words), verdict=odd)
    assert not {"\x1b", "\x07", "\u202e"} & set(shown([claim]))
