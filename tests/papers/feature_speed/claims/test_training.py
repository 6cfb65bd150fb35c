"""Claims along training, on made-up cubes for and against them."""

from __future__ import annotations

import pytest

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE


def test_the_formula_and_the_order_hold(judged, speeds):
    found = judged("feature_speed_training", speeds())
    assert found["formula"].verdict == HOLDS and found["formula"].value == pytest.approx(1e-14)
    # Layers 1 … L of every run and checkpoint.
    # Seeds × (scalings × depths × widths), of four experiments.
    assert found["formula"].n == 3 * (3 * 2 * 2 + 1 * 2 * 2 + 3 + 1)
    assert found["order"].verdict == found["order_narrow_too"].verdict == HOLDS
    assert found["order"].value == pytest.approx(0.25) and found["order"].n == 3 * 3 * 3
    assert found["order_narrow_too"].value == pytest.approx(0.5)
    assert found["order_narrow_too"].n == 3 * 3 * 4


def test_a_formula_that_fails_and_an_order_that_is_another_fail(judged, speeds):
    assert judged("feature_speed_training", speeds(residual=1e-9))["formula"].verdict == FAILS
    turned = judged("feature_speed_training", speeds(speeds={"mf_mup": 0.4}))
    assert turned["order"].verdict == HOLDS and turned["order_narrow_too"].verdict == FAILS
    assert turned["order_narrow_too"].value == pytest.approx(0.5 / 0.4)
    turned = judged("feature_speed_training", speeds(speeds={"mf_mup": 0.2}))
    assert turned["order"].verdict == FAILS and turned["order"].value == pytest.approx(0.25 / 0.2)


def test_no_order_without_ntk(judged, speeds):
    assert judged("feature_speed_training", speeds(("fsc",)))["order"].verdict == NOT_APPLICABLE
    narrow = judged("feature_speed_training", speeds(depths=(16,), widths=(64,)))
    assert narrow["order"].note == "no width of at least 8 L"
    assert narrow["order_narrow_too"].verdict == HOLDS


def test_lost_runs_are_told(judged, speeds):
    cubes = speeds()
    cubes["feature_speed_training"]["status"][0, 0, 0, 0] = 1
    note = judged("feature_speed_training", cubes)["formula"].note
    assert "; left out of means: feature_speed_training 1 of " in note
