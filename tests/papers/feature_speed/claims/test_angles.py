"""Claims on angles fail on numbers against them."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from made.turned import changed, mislabelled

from layeratlas.claims.claim import FAILS, HOLDS

GRID = {"branch_rule": ("1/sqrt(L)",), "depth": (50, 60, 70, 160, 170, 180)}


def test_angles_in_another_order_fail(check, probed):
    cube = changed(
        probed.cube("bfa_layer"),
        "/velocities",
        "backward_feature_angle",
        mislabelled("branch_rule"),
    )
    verdicts = {c.id: c.verdict for c in check("bfa_layer", bfa_layer=cube)}
    assert verdicts["ordered"] == FAILS
    assert verdicts["aligned"] == HOLDS


def test_cosines_of_other_networks_miss_the_closed_forms(check, probed):
    cube = changed(
        probed.cube("bfa_layer"), "/velocities", "cos_backward_feature_angle", lambda v: 0.9 * v**2
    )
    closed = [c for c in check("bfa_layer", bfa_layer=cube) if c.id == "closed-form"]
    assert len(closed) == 5
    assert sum(c.verdict == FAILS for c in closed) >= 4


def test_the_unstable_networks_of_other_widths_are_told(check, probed):
    """At depths beyond the width the MLP's angle leaves the closed form of large width."""
    cube = probed.cube("bfa_layer", model=frozenset({"width": 6, "depth": 60}.items()), seeds=20)
    closed = {
        c.subject: c.verdict for c in check("bfa_layer", bfa_layer=cube) if c.id == "closed-form"
    }
    assert closed["β = 1/sqrt(L)"] == FAILS


def test_an_angle_that_grows_with_depth_is_not_flat(probed, check):
    cube = probed.cube("bfa_depth", grid=frozenset(GRID.items()), seeds=2)
    flat = [claim for claim in check("bfa_depth", bfa_depth=cube) if claim.id == "flat"]
    assert [claim.verdict for claim in flat] == [HOLDS]
    slope = xr.DataArray(np.asarray(GRID["depth"]) / 400, dims="depth")
    tilted = changed(cube, "/velocities", "backward_feature_angle", lambda v: v + slope)
    flat = [claim for claim in check("bfa_depth", bfa_depth=tilted) if claim.id == "flat"]
    assert [claim.verdict for claim in flat] == [FAILS]


def test_a_decay_of_the_root_of_c_fails(probed, check):
    grid = {"branch_scale": (0.1, 0.2, 0.4, 0.8), "depth": (400,)}
    cube = probed.cube(
        "bfa_branch_scale", grid=frozenset(grid.items()), seeds=2,
        model=frozenset({"width": 60}.items()),
    )  # fmt: skip
    root = changed(
        cube, "/velocities", "cos_backward_feature_angle",
        lambda v: (v * 0 + 1) * (v["branch_scale"] * 20) ** -0.5,
    )  # fmt: skip
    found = {claim.id: claim for claim in check("bfa_large_c", bfa_branch_scale=root)}
    assert found["decay"].verdict == FAILS
    assert found["decay"].value == pytest.approx(-0.5)
