"""Claims over scales hold of what the paper shows, and fail of what it does not."""

from __future__ import annotations

import numpy as np
import pytest
from made.correlated import START, chain_cube, chain_cubes, matrices_cube, share

from layeratlas import papers
from layeratlas.papers.nfa import chain


def verdicts(figure, **changes):
    return {c.id: c for c in papers.check(figure, chain_cubes(**changes))}


def failing(figure, **changes):
    return {id for id, c in verdicts(figure, **changes).items() if c.verdict == "fails"}


@pytest.mark.parametrize("figure", ["nfa_fig04", "nfa_fig16", "nfa_fig17"])
def test_all_hold_of_the_paper_s_runs(figure):
    assert {c.verdict for c in verdicts(figure).values()} == {"holds"}


def test_fig04_fails_of_other_runs():
    # Scales that do not matter under GD, ones that do under SLO, and no matrices of SLO's own.
    alike = chain_cube(ratio_c_uc=lambda record, **at: 0.5 * np.ones(3) * share(record))
    assert failing("nfa_fig04", **{chain.GD: alike}) == {
        "gd_ratio_falls", "gd_ratio_at_1", "gd_ratio_at_2"
    }  # fmt: skip
    assert failing("nfa_fig04", **{chain.SLO: chain_cube("gd")}) == {
        "slo_spread", "slo_uc", "slo_ratio", "slo_above_gd", "slo_loss"
    }  # fmt: skip
    # One scale at which correlations and ratios are above those of the scale below it.
    bump = {0.25: 0.9, 0.5: 0.6, 1.0: 0.65, 2.0: 0.4}
    rising = {
        "uc_nfc": lambda init_gain, **at: np.full(3, bump[init_gain]),
        "ratio_c_uc": lambda init_gain, **at: np.full(3, 0.1 * bump[init_gain]),
    }
    found = failing("nfa_fig04", **{chain.GD: chain_cube(**rising)})
    assert {"gd_uc_falls", "gd_ratio_falls"} <= found
    own = {chain.SLO_MATRICES: matrices_cube()}
    assert failing("nfa_fig04", **own) == {"slo_top_share", "slo_target"}
    spiking = {chain.SLO: chain_cube("slo", losses=(5, 0.4, 0.8, 0.1))}
    assert failing("nfa_fig04", **spiking) == {"slo_no_spike"}
    apart = chain_cube(uc_nfc=lambda init_gain, **at: START - 0.1 * init_gain)
    assert "same_start" in failing("nfa_fig04", **{chain.GD: apart})


def test_a_lost_run_decides_nothing_in_favour():
    lost = chain_cube(status=lambda init_gain, seed, **at: int(seed == 2))
    found = failing("nfa_fig04", **{chain.GD: lost})
    assert {"gd_uc_falls", "gd_ratio_at_1", "gd_loss", "same_start"} <= found


def test_small_presets_and_grids_without_a_scale_decide_nothing():
    small = {name: chain_cube(kind, n_train=512) for name, kind in (
        (chain.GD, "gd"), (chain.SLO, "slo"))}  # fmt: skip
    found = verdicts("nfa_fig04", **small)
    decided = {"same_start", "gd_no_spike", "slo_no_spike"}
    assert {c.verdict for id, c in found.items() if id not in decided} == {"not applicable"}
    untrained = {chain.GD: chain_cube(losses=(5, 4, 3))}
    assert verdicts("nfa_fig04", **untrained)["gd_no_spike"].verdict == "not applicable"
    few = {chain.GD: chain_cube(scales=(0.25, 0.5))}
    assert verdicts("nfa_fig04", **few)["gd_ratio_at_2"].verdict == "not applicable"
    assert verdicts("nfa_fig17", **few)["slo_above_gd"].verdict == "not applicable"


def test_fig16_fails_of_another_beginning_and_of_gaps():
    other = chain_cube(derivative_nfc=lambda **at: np.array([0.5, 0.9, 1]))
    assert failing("nfa_fig16", **{chain.GD: other}) == {"first_step"}
    alike = chain_cube(derivative_nfc=lambda **at: np.full(3, 0.7))
    assert "another_layers_derivative" in failing("nfa_fig16", **{chain.GD: alike})
    wide = chain_cube(uc_nfc=lambda **at: np.full(3, 0.5))
    assert failing("nfa_fig16", **{chain.GD: wide}) == {"small_scales"}
    close = chain_cube(uc_nfc=lambda **at: np.full(3, 0.9))
    assert failing("nfa_fig16", **{chain.GD: close}) == {"large_scales"}


def test_fig17_fails_of_a_layer_that_nothing_was_done_to():
    other = {chain.MIDDLE: chain_cube("slo", scales=(1.0,), layer=0)}
    assert failing("nfa_fig17", **other) == {"slo_above_gd", "ratio"}
    assert failing("nfa_fig17", **{chain.GD: chain_cube("slo", layer=1)}) == {
        "slo_above_gd", "ratio_gd"
    }  # fmt: skip
