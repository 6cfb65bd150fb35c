"""Claims over the grid hold in every cell or fail."""

from __future__ import annotations

from made.beyond import theories_cube

from layeratlas import papers


def verdicts(**changes):
    found = papers.check("nfc_phase_diagram", {"four_theories": theories_cube(**changes)})
    return {c.id: c.verdict for c in found}


def test_they_hold_and_fail():
    assert verdicts() == {"gap": "holds", "above_turned": "holds"}
    one = verdicts(c_nfc=lambda u, k, s: 0.4 if u < 0.05 else 0.9)
    assert one == {"gap": "fails", "above_turned": "fails"}
    # As high with eigenvectors anywhere.
    assert verdicts(expected_rotated_c_nfc=lambda u, k, s: 0.85)["above_turned"] == "fails"
    assert set(verdicts(status=(0, 0, 1)).values()) == {"fails"}
