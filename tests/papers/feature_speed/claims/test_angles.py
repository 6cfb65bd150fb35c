"""Claims on angles fail on numbers against them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import xarray as xr
from made.turned import changed, mislabelled

from layeratlas.claims.claim import FAILS, HOLDS
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed import theory

GRID = {"branch_rule": ("1/sqrt(L)",), "depth": (50, 60, 70, 160, 170, 180)}


def test_numbers_are_those_of_a_loop_over_layers_and_rules(check, probed):
    cube = probed.cube("bfa_layer")
    found = {(claim.id, claim.subject): claim for claim in check("bfa_layer")}
    # (branch_rule, seed, layer), rules by their β.
    theta = fs.quantity(cube, "backward_feature_angle")
    betas = fs.branch_scales(cube)
    rules = sorted(betas["branch_rule"].values, key=lambda rule: float(betas.sel(branch_rule=rule)))
    depth = int(fs.depths(cube).max())
    angles = {rule: theta.sel(branch_rule=rule).transpose("layer", "seed").values for rule in rules}
    falls = []
    for rule in rules:
        by_layer = [float(np.mean(angles[rule][v])) for v in range(2, depth)]
        falls += [max(by_layer[: i + 1]) - value for i, value in enumerate(by_layer)]
    assert found["grows", "all branch rules"].value == pytest.approx(max(falls), abs=1e-12)
    last = {rule: angles[rule][depth - 1] for rule in rules}
    gaps = [min(last[upper]) - max(last[lower]) for lower, upper in pairwise(rules)]
    assert found["ordered", f"v = {depth - 1}"].value == pytest.approx(min(gaps))
    cos = fs.quantity(cube, "cos_backward_feature_angle").mean("seed")
    closed = [subject for id, subject in found if id == "closed-form"]
    assert "β = 1" in closed and len(closed) == 5
    for subject in closed:
        rule = subject.removeprefix("β = ")
        beta, first = float(betas.sel(branch_rule=rule)), 5 if rule == "1" else 2
        # Feature v has v − 1 trained layers up to it, the first being frozen.
        off = [
            abs(float(cos.sel(branch_rule=rule, layer=v))
                / theory.cos_relu_resnet(v - 1, beta)[-1] - 1)
            for v in range(first, min(depth, 51) if rule == "1" else depth)
        ]  # fmt: skip
        assert found["closed-form", subject].value == pytest.approx(max(off), rel=1e-9)


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
