"""Figure of kernels and Jacobians, read back from its artists and cube."""

from __future__ import annotations

import numpy as np

from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed.figures import looks


def test_each_rule_is_three_panels_of_points_and_lines(draw, probed):
    cube = probed.cube("bfa_conditioning")
    a, b, c = draw("bfa_conditioning").axes
    cos = fs.quantity(cube, "cos_backward_feature_angle")
    depth, rules = int(fs.depths(cube).max()), looks.rules(fs.axis(cube, "branch_rule"))
    dots = [line for line in a.lines if line.get_marker() == "."]
    assert len(dots) == len(rules)
    for line, rule in zip(dots, rules, strict=True):
        want = cos.sel(branch_rule=rule, layer=slice(2, depth - 1)).values.ravel()
        np.testing.assert_array_equal(line.get_ydata(), want)
        # On the diagonal the spectrum of the kernel explains the angle.
        assert np.median(abs(line.get_xdata() - want)) < 0.1
    seeds = cos.sizes["seed"]
    assert len(b.lines) == len(rules) * (seeds + 1)  # draws and the closed form
    assert len(c.lines) == len(rules) * seeds
    assert b.get_yscale() == "log"
