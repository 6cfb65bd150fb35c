"""Claims of Fig. 3 hold of predictions that come true, and fail of others."""

from __future__ import annotations

from made.reversing_cubes import reversing_cube

from layeratlas import papers
from layeratlas.papers.nfa import reversing


def verdicts(**changes):
    cubes = {reversing.EXPERIMENT: reversing_cube(**changes)}
    return {c.id: c.verdict for c in papers.check("nfa_fig03", cubes)}


def test_all_hold_of_predictions_that_come_true():
    assert set(verdicts(off=0.005).values()) == {"holds"}


def test_each_fails_of_others():
    assert verdicts(off=-0.05)["error"] == "fails"
    flat = verdicts(shift=lambda balance: 0.8 + 0.01 * balance)
    assert flat["reach"] == "fails"
    assert verdicts(shift=lambda balance: 1 - 0.5 * balance)["correlated"] == "fails"
    assert set(verdicts(status=1).values()) == {"fails"}


def test_small_sizes_decide_no_error():
    found = verdicts(n_train=192, off=0.08)
    assert found["error"] == "not applicable" and found["correlated"] == "holds"
