"""Claims of Fig. 5 hold of what the paper shows, and fail of what it does not."""

from __future__ import annotations

import numpy as np
import pytest
from made.correlated import chain_cube, chain_cubes, share

from layeratlas import papers
from layeratlas.papers.nfa import chain


def verdicts(**changes):
    cube = chain_cube(**changes)
    return papers.check("nfa_fig05", chain_cubes(**{chain.GD: cube}))


def test_all_hold_of_a_ratio_that_goes_from_0_to_1():
    assert {c.verdict for c in verdicts()} == {"holds"}


@pytest.mark.parametrize(
    ("ratio", "failing"),
    [
        (lambda record, **at: np.array([1.0, 1, 0]), {"first_steps"}),
        (
            lambda record, **at: np.array([1, 1, 0]) * (-0.5 if "step" in record else 1.0),
            {"first_steps"},
        ),
        (lambda record, **at: np.array([0.8, 0.8, 0]) * share(record), {"end"}),
        (lambda record, **at: np.ones(3) * share(record), {"read_out"}),
    ],
)
def test_each_fails_of_another_ratio(ratio, failing):
    found = verdicts(ratio_dc_c=ratio)
    assert {c.id for c in found if c.verdict == "fails"} == failing


def test_a_small_preset_decides_the_beginning_alone():
    found = {c.id: c.verdict for c in verdicts(n_train=512)}
    assert found == {
        "first_steps": "holds", "end": "not applicable", "read_out": "holds"
    }  # fmt: skip
