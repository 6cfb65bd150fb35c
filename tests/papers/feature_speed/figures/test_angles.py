"""Figures of angles, read back from their artists and cubes."""

from __future__ import annotations

import re

import numpy as np
import pytest

from layeratlas.figures import style
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed.theory import cos_relu_resnet_limit


def lines(axes, gid):
    found = [line for line in axes.lines if line.get_gid() == gid]
    assert found, gid
    return found


def test_every_draw_is_a_line_over_layers(draw, probed):
    axes = draw("bfa_layer").axes[0]
    cube = probed.cube("bfa_layer")
    angle = fs.quantity(cube, "backward_feature_angle", "finite_step")
    depth = int(fs.depths(cube).max())
    for rule in angle["branch_rule"].values:
        drawn = lines(axes, f"draws:{rule}")
        assert len(drawn) == angle.sizes["seed"]
        for line, seed in zip(drawn, angle["seed"].values, strict=True):
            want = angle.sel(branch_rule=rule, seed=seed, layer=slice(0, depth - 1))
            np.testing.assert_array_equal(line.get_ydata(), want.values)
    assert axes.get_ylim() == pytest.approx((0, np.pi / 2))


def test_the_legend_starts_with_the_largest_branch(draw):
    (legend,) = draw("bfa_layer").legends
    told = [text.get_text() for text in legend.get_texts()]
    assert told[0].startswith(r"$\beta=1$")
    assert told[-2] == r"$\beta=1/L$"


def test_dots_lie_over_their_depth(draw, probed):
    axes = draw("bfa_depth").axes[0]
    cube = probed.cube("bfa_depth")
    angle = fs.last_hidden(fs.quantity(cube, "backward_feature_angle", "finite_step"))
    for rule in angle["branch_rule"].values:
        (dots,) = lines(axes, f"dots:{rule}")
        want = angle.sel(branch_rule=rule).transpose("depth", "seed").values[:, 0]
        np.testing.assert_array_equal(dots.get_xdata(), angle["depth"].values)
        np.testing.assert_array_equal(dots.get_ydata(), want)


def test_several_draws_of_the_mlp_are_a_mean_with_its_spread(draw, probed):
    axes = draw("bfa_depth").axes[0]
    (several,) = axes.containers
    angle = fs.quantity(probed.cube("bfa_depth_mlp"), "backward_feature_angle", "finite_step")
    angle = fs.last_hidden(angle).isel(branch_rule=0)
    line, _, (bars,) = several.lines
    np.testing.assert_allclose(line.get_ydata(), angle.mean("seed"))
    length = [np.ptp(segment[:, 1]) for segment in bars.get_segments()]
    np.testing.assert_allclose(length, 2 * angle.std("seed", ddof=1))


def test_branch_scales_are_normalised_by_depth(draw, probed):
    axes = draw("bfa_branch_scale").axes[0]
    cube = probed.cube("bfa_branch_scale")
    angle = fs.last_hidden(fs.quantity(cube, "backward_feature_angle", "finite_step"))
    assert axes.get_xscale() == "log"
    for depth in angle["depth"].values:
        (line,) = lines(axes, f"mean:{depth}")
        c = np.sqrt(depth) * angle["branch_scale"].values
        np.testing.assert_allclose(line.get_xdata(), c[-len(line.get_xdata()) :])
        mean = angle.sel(depth=depth).mean("seed").values
        np.testing.assert_allclose(line.get_ydata(), mean[-len(line.get_ydata()) :])


def test_guides_start_at_the_closed_form_and_slopes_are_told(draw):
    figure = draw("bfa_large_c")
    (axes,) = figure.axes
    guides = {line.get_label(): line for line in axes.lines if "c" in line.get_label()}
    limit = cos_relu_resnet_limit(2.0)
    for label, power in (("$1/c$", -1), ("$c^{-1/2}$", -0.5)):
        x, y = guides[label].get_data()
        assert y[0] == pytest.approx(limit, abs=1e-3)
        np.testing.assert_allclose(np.log(y / y[0]), power * np.log(x / x[0]), atol=1e-12)
    told = style.noted(figure)
    # The shallow networks have two points in that range: no slope, and no line through them.
    assert re.search(r"fitted log–log slopes: −\d\.\d\d ± \d\.\d\d at \$L\$ = 100\.", told)
    joined = {bars.get_label(): bars.lines[0].get_linestyle() for bars in axes.containers}
    assert joined == {"$L$ = 30": "None", "$L$ = 100": "-"}
