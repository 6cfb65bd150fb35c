"""What stands last names files and verdicts, whatever verdicts there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from layeratlas.claims.claim import judge, not_applicable
from layeratlas.claims.files import to_json
from layeratlas.workflow.terminal.ending import DEPARTURES, ending

RESULTS = Path("results/smoke")


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """`shown(name, *values)`: a figure with claims that each ask for at most 1."""
    monkeypatch.chdir(tmp_path)
    (RESULTS / "claims").mkdir(parents=True)
    Path("figures").mkdir()

    def make(name: str, *values: float, undecided: int = 0) -> str:
        for suffix in ("pdf", "png", "svg"):
            Path(f"figures/{name}.{suffix}").touch()
        claims = [
            judge(
                id=f"{n}", figure=name, subject="dropout", statement="it is small", source="u",
                comparison="<=", threshold=1.0, value=value, n=3,
            )
            for n, value in enumerate(values)
        ]  # fmt: skip
        claims += [
            not_applicable(
                id=f"small {n}", figure=name, subject="dropout", statement="t", source="u",
                comparison="<", threshold=0.0, reason="2 columns",
            )
            for n in range(undecided)
        ]  # fmt: skip
        (RESULTS / "claims" / f"{name}.json").write_text(to_json(claims))
        return f"figures/{name}.pdf"

    return make


def test_a_figure_where_it_is_and_what_departs(shown):
    assert ending([shown("f", 0.5, 2.25, 0.1)], RESULTS) == [
        "figures/f.pdf (also .png, .svg)",
        "2 of 3 claims hold, 1 departs from the paper",
        "  departs: f, 1 (dropout): it is small: 2.25, needs <= 1",
    ]


def test_what_this_size_cannot_decide_is_no_departure(shown):
    lines = ending([shown("f", 0.5, undecided=2)], RESULTS)
    assert lines[1:] == ["1 of 1 claim holds, 2 not applicable at this size"]


def test_several_figures_are_counted_together_and_many_are_a_number(shown):
    paths = [shown(f"f{n}", *[2.0] * 3) for n in range(6)]
    lines = ending(paths, RESULTS)
    assert lines[:2] == ["6 files in figures", "0 of 18 claims hold, 18 depart from the paper"]
    assert len(lines) == 2 + DEPARTURES
    assert lines[-1].startswith("and 11 more: figures/claims.html")


def test_of_the_scoreboard_the_page_is_named_and_all_claims_count(shown):
    for name in "fg":
        shown(name, 0.5)
    Path("figures/claims.html").touch()
    lines = ending([*map(str, sorted(RESULTS.rglob("*.json"))), "figures/claims.html"], RESULTS)
    assert lines == ["figures/claims.html", "2 of 2 claims hold"]


def test_what_is_no_figure_is_named(shown):
    Path("figures/maps/a").mkdir(parents=True)
    Path("figures/maps/a/b.pdf").touch()
    (RESULTS / "c.json").touch()
    assert ending(["figures/maps/a/b.pdf"], RESULTS) == ["figures/maps/a/b.pdf"]
    assert ending([f"{RESULTS}/c.json"], RESULTS) == [f"{RESULTS}/c.json"]
    assert ending(["figures/gone.pdf"], RESULTS) == []


def test_claims_that_cannot_be_believed_are_named_and_hide_no_figure(shown):
    path = shown("f", 0.5)
    file = RESULTS / "claims" / "f.json"
    file.write_text(file.read_text().replace('"value": 0.5', '"value": 1.5'))
    lines = ending([path], RESULTS)
    assert lines[0].startswith("figures/f.pdf") and "f.json" in lines[1] and len(lines) == 2
