"""The scoreboard shows every claim as it is, markup and all."""

from __future__ import annotations

import io

from rich.console import Console

from layeratlas.claims.claim import FAILS, HOLDS, not_applicable
from layeratlas.claims.scoreboard import scoreboard


def shown(claims, older=()) -> str:
    console = Console(width=160, file=io.StringIO())
    console.print(scoreboard(claims, older))
    return console.file.getvalue()


def test_every_claim_has_a_row_and_every_verdict_a_count(claimed):
    apart = not_applicable(
        id="3", figure="g", subject="s", statement="t", source="u", comparison="<",
        threshold=0.0, reason="2 columns",
    )  # fmt: skip
    text = shown([claimed(0.25), claimed(0.75, id="2", note="[bold]far[/bold]"), apart])
    assert f"1 {HOLDS}, 1 {FAILS}, 1 not applicable" in text
    for word in ("0.25", "0.75", "<= 0.5", "2 columns", "[bold]far[/bold]"):
        assert word in text
    # A figure is named once, where it begins.
    figures = [line.split("│")[1].strip() for line in text.splitlines() if line.startswith("│")]
    assert [name for name in figures if name] == ["f", "g"]


def test_no_claims_are_a_table_too():
    assert "0 holds" in shown([])


def test_claims_of_older_cubes_count_apart(claimed):
    text = shown([claimed(0.25), claimed(0.75, figure="g")], older={"g"})
    assert f"1 {HOLDS}, 0 {FAILS}, 0 not applicable, 1 of cubes that are others now" in text
    assert "fails, once" in text


def test_a_file_does_not_speak_to_the_terminal(claimed):
    odd = "\x1b[2J\x07\u202eno"
    words = dict.fromkeys(("id", "figure", "subject", "statement", "note"), odd)
    assert not {"\x1b", "\x07", "\u202e"} & set(shown([claimed(0.25, **words)]))
