"""Claims of Fig. 1 hold of what the paper shows, and fail of what it does not."""

from __future__ import annotations

import numpy as np
from made.correlated import chain_cubes, matrices_cube
from made.turned import changed

from layeratlas import papers
from layeratlas.papers.nfa import chain


def verdicts(**changes):
    return {c.id: c for c in papers.check("nfa_fig01", chain_cubes(**changes))}


def test_all_hold_of_the_paper_s_matrices():
    found = verdicts()
    assert {c.verdict for c in found.values()} == {"holds"}
    assert np.isclose(found["nfm_agop"].value, 0.01, atol=1e-6)
    assert np.isclose(found["drop"].value, 0.40, atol=1e-6)
    assert "seeds: 0.510, 0.520, 0.530" in found["turned_low"].note


def test_each_fails_of_another_number():
    cube = chain_cubes()[chain.GD_MATRICES]

    def of(name, change):
        found = verdicts(**{chain.GD_MATRICES: changed(cube, "/affine", name, change)})
        return {id for id, claim in found.items() if claim.verdict == "fails"}

    assert of("uc_nfc", lambda v: v - 0.3) == {"nfm_agop", "drop"}
    assert of("rotated_nfc", lambda v: v - 0.2) == {"turned_low"}
    assert of("rotated_nfc", lambda v: v + 0.2) == {"turned_high", "drop"}
    assert of("nfm", lambda v: v[..., ::-1, :]) == {"nfm_target"}
    assert "agop_target" in of("agop", lambda v: v * np.nan)
    trained = lambda v: v.where(v["record"] == 1, v.isel(record=1))  # noqa: E731
    assert of("agop", trained) == {"agop_target_untrained"}


def test_a_small_preset_decides_what_is_there_before_training_alone():
    found = verdicts(**{chain.GD_MATRICES: matrices_cube(n_train=512)})
    decided = {id for id, claim in found.items() if claim.verdict != "not applicable"}
    assert decided == {"nfm_target_untrained", "agop_target_untrained"}
