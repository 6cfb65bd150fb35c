"""Claims on ranks hold where theories follow one number, and fail where one does not."""

from __future__ import annotations

import numpy as np
from made.beyond import theories_cube

from layeratlas import papers


def verdicts(**changes):
    found = papers.check("four_theories", {"four_theories": theories_cube(**changes)})
    return {(c.id, c.subject): c.verdict for c in found}


def test_one_number_behind_all_holds():
    found = verdicts()
    assert len(found) == 24
    assert {v for (id, _), v in found.items() if id.endswith("tilts")} == {"holds"}


def test_a_theory_of_its_own_fails():
    noise = np.random.default_rng(4)
    draws = {}

    def random(u, k, s):
        return draws.setdefault((round(u, 6), k), noise.normal())

    found = verdicts(c_nfc=random)
    assert found["related_tilts", "load and nfc"] == "fails"
    assert found["above_shuffled_tilts", "alignment and nfc"] == "fails"
    assert found["related_tilts", "load and angle"] == "holds"


def test_few_cells_decide_nothing():
    assert set(verdicts(noises=(0.0, 0.3)).values()) == {"not applicable"}
