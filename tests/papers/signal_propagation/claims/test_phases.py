"""Claims on the three phases, on cubes made up."""

from __future__ import annotations

import pytest
from made.initial_cubes import phase_cube

from layeratlas.papers.signal_propagation.claims.phases import phase_comparison

EDGE = 1.32701


def verdicts(crossings):
    found = phase_comparison({"phase_comparison": phase_cube(crossings)}, {})
    return {c.id: c.verdict for c in found}


def test_crossings_where_theory_has_them():
    found = verdicts({0.9: 1.5, EDGE: 11.0, 1.7320508: 28.0})
    assert set(found) == {"ordered-high", "edge_of_chaos-low", "edge_of_chaos-high", "chaotic-low"}
    assert set(found.values()) == {"holds"}


@pytest.mark.parametrize(
    ("crossings", "failing"),
    [
        ({0.9: 5.0, EDGE: 11.0, 1.7320508: 28.0}, "ordered-high"),
        ({0.9: 1.5, EDGE: 3.0, 1.7320508: 28.0}, "edge_of_chaos-low"),
        ({0.9: 1.5, EDGE: 20.0, 1.7320508: 28.0}, "edge_of_chaos-high"),
        ({0.9: 1.5, EDGE: 11.0, 1.7320508: 15.0}, "chaotic-low"),
    ],
)
def test_crossings_elsewhere_fail(crossings, failing):
    found = verdicts(crossings)
    assert [name for name, verdict in found.items() if verdict == "fails"] == [failing]


def test_phases_that_are_not_there_decide_nothing():
    found = verdicts({0.9: 1.5})
    assert found["ordered-high"] == "holds"
    assert {found[name] for name in found if name != "ordered-high"} == {"not applicable"}
