"""Claims on scalings hold of the made-up runs, and fail of others."""

from __future__ import annotations

import numpy as np
from made.beyond import scaled_cube

from layeratlas import papers


def verdicts(**changes):
    found = papers.check("nfc_under_scalings", {"nfc_under_scalings": scaled_cube(**changes)})
    return {(c.id, c.subject): c.verdict for c in found}


def test_all_hold():
    assert set(verdicts().values()) == {"holds"}


def test_each_fails_of_other_runs():
    found = verdicts(expected_rotated_c_nfc=lambda record, **at: np.full(4, 0.8))
    assert found["above_turned", "NTK"] == "fails" and found["above_turned", "MF+µP"] == "holds"
    alike = verdicts(c_nfc=lambda record, **at: np.full(4, 0.5))
    assert alike["gap", "NTK"] == "fails"
    assert alike["rich_above_lazy", "MF+µP against NTK"] == "fails"
    apart = verdicts(uc_nfc=lambda scaling, **at: np.full(4, 0.5 if scaling == "ntk" else 0.501))
    assert apart["one_start", "all scalings"] == "fails"


def test_a_missed_mark_decides_nothing():
    found = verdicts(reached=lambda record, scaling, **at: record != "mark_0.1" or scaling != "ntk")
    assert found["gap", "NTK"] == "not applicable"
    assert found["rich_above_lazy", "MF+µP against NTK"] == "not applicable"
    assert found["gap", "MF+µP"] == "holds"
