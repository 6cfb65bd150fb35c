"""How many claims hold is said in words, whatever verdicts there are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from layeratlas.claims.claim import not_applicable, with_spread
from layeratlas.claims.counting import counted, departures, needs, number, runs, spread, summary


@pytest.fixture
def several(claimed):
    """`several(holds, fails, undecided, others)`: so many claims."""

    def make(holds=0, fails=0, undecided=0, **others):
        apart = not_applicable(
            id="1", figure="f", subject="s", statement="t", source="u", comparison="<",
            threshold=0.0, reason="2 columns",
        )  # fmt: skip
        kinds = {"holds": claimed(0.25), "fails": claimed(0.75), "undecided": apart}
        many = {"holds": holds, "fails": fails, "undecided": undecided}
        found = [kinds[name] for name, n in many.items() for _ in range(n)]
        for verdict, n in others.items():
            found += [replace(claimed(0.5), verdict=verdict)] * n
        return found

    return make


@pytest.mark.parametrize(
    ("of", "words"),
    [
        ({}, ""),
        ({"holds": 1}, "1 of 1 claim holds"),
        ({"holds": 3}, "3 of 3 claims hold"),
        (
            {"holds": 27, "fails": 1, "tie": 2},
            "27 of 30 claims hold, 2 ties, 1 departs from the paper",
        ),
        ({"fails": 2, "tie": 1}, "0 of 3 claims hold, 1 tie, 2 depart from the paper"),
        ({"holds": 1, "undecided": 2}, "1 of 1 claim holds, 2 not applicable at this size"),
        ({"undecided": 2}, "2 claims not applicable at this size"),
        ({"holds": 1, "odd\x1b[2J": 1}, "1 of 2 claims hold, 1 odd\\x1b[2J"),
    ],
)
def test_a_sentence_counts_every_verdict(several, of, words):
    assert summary(several(**of)) == words


def test_verdicts_that_nobody_gave_are_counted_and_new_ones_too(several):
    assert counted([]) == {"holds": 0, "fails": 0, "not applicable": 0}
    assert list(counted(several(tie=2, holds=1)).items()) == [
        ("holds", 1), ("tie", 2), ("fails", 0), ("not applicable", 0),
    ]  # fmt: skip


def test_a_departure_names_the_claim_its_number_and_what_it_needs(several, claimed):
    claims = [*several(holds=2, tie=1, undecided=1), claimed(0.123456, comparison=">", id="rank")]
    assert departures(claims) == ["f, rank (s): it is small: 0.1235, needs > 0.5"]
    assert (number(claims[2]), needs(claims[2])) == ("–", "< 0")


def test_a_standard_error_stands_beside_its_number_and_none_of_one_seed(claimed):
    alone, several = claimed(0.75), with_spread(claimed(0.75), 0.0312)
    assert (spread(alone), spread(several)) == ("", "± 0.031")
    assert departures([alone]) == ["f, 1 (s): it is small: 0.75, needs <= 0.5"]
    assert departures([several]) == ["f, 1 (s): it is small: 0.75 ± 0.031, needs <= 0.5"]


def test_what_n_counts_is_told(claimed):
    assert [runs(claimed(0.1, n=n)) for n in (0, 1, 30)] == ["0 runs", "1 run", "30 runs"]
