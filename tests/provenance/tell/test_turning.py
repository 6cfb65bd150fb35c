"""Why a claim has its verdict, in sentences."""

from __future__ import annotations

from dataclasses import replace

import pytest

from layeratlas.claims.claim import NOT_APPLICABLE, judge
from layeratlas.claims.turning.explaining import Change, Why
from layeratlas.provenance.tell.turning import told

CLAIM = judge(
    id="4", figure="f", subject="a", statement="it is small", source="s", value=0.2,
    comparison="<=", threshold=0.5, n=12, note="of two",
)  # fmt: skip
CELL = {"data_noise": 0.3, "negative_slope": 1.0}
CHANGE = Change("e", "layers/D", {**CELL, "layer": 7}, CELL, 2.0, -0.5, 1.25, True, "fails")
OTHER = replace(CHANGE, at={**CELL, "layer": 2}, by=0.9, units=2.5)
WHY = Why(CLAIM, CHANGE, (CHANGE, OTHER), {1: "holds", 2: "holds"}, ("layers/D",), 8)


def lines(**changes) -> str:
    return "\n".join(told(replace(WHY, **changes)))


def test_the_claim_its_number_and_what_turns_it():
    assert told(WHY) == [
        "f/4, a: holds",
        "  it is small: 0.2, needs <= 0.5; of two",
        "  Smallest change that turns it: layers/D of e at data noise 0.3, negative slope 1, layer "
        "7, 2 → 1.5 (-0.5 in every seed, 1.25 standard deviations over seeds): fails.",
        "  Carried by, turning it within 2 times as far: data noise 0.3, negative slope 1 (layer "
        "2, 7).",
        "  Without any one of its 2 seeds it stays as it is.",
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"change": None, "carriers": ()}, "No change of one number turns it: 8 places"),
        ({"change": None, "carriers": (), "n_places": 0}, "It reads no number"),
        ({"change": replace(CHANGE, is_by_seeds=False)}, "1.25 standard deviations over cells"),
        ({"seeds": {1: "holds", 2: "tie"}}, "Without seed 2: tie."),
        ({"seeds": {}}, "It has one seed"),
        ({"lacking": (CELL,)}, "No run has a number at data noise 0.3, negative slope 1."),
        ({"left_out": ("layers/E",)}, "Not changed, though it reads them: layers/E."),
        ({"is_complete": False}, "there may be a smaller change"),
        ({"claim": replace(CLAIM, verdict=NOT_APPLICABLE, value=None)}, "Nothing turns it"),
    ],
)  # fmt: skip
def test_what_else_there_is_to_say(changes, words):
    assert words not in lines()
    assert words in lines(**changes)
