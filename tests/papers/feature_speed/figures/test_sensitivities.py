"""Figures of sensitivities, read back from their artists and cubes."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.figures import palette
from layeratlas.papers.feature_speed import reductions as fs


@pytest.mark.parametrize(
    ("name", "axis"), [("sensitivity_mlp", "scaling"), ("sensitivity_resnet", "branch_rule")]
)
def test_two_draws_a_depth_are_crosses(draw, probed, name, axis):
    (axes,) = draw(name).axes
    cube = probed.cube(name)
    S = fs.last_hidden(fs.quantity(cube, "feature_change_per_loss_change", "finite_step"))
    crosses = [line for line in axes.lines if line.get_marker() == "+" and len(line.get_xdata())]
    drawn = sorted(tuple(line.get_ydata()) for line in crosses)
    want = [
        tuple(S.sel({axis: value, "seed": seed}).values)
        for value in fs.axis(cube, axis)
        for seed in fs.axis(cube, "seed")[:2]
    ]
    assert drawn == sorted(want)
    for line in crosses:
        np.testing.assert_array_equal(line.get_xdata(), fs.axis(cube, "depth"))


def test_closed_forms_have_the_read_out_of_their_scaling(draw, probed):
    """Under MF+µP and FSC the read-outs are 1/m and √L/m, so S differs by √L."""
    (axes,) = draw("sensitivity_mlp").axes
    curves = {line.get_gid(): line for line in axes.lines if line.get_gid()}
    depths = fs.axis(probed.cube("sensitivity_mlp"), "depth")
    ratio = curves["theory:mf_mup"].get_ydata() / curves["theory:fsc"].get_ydata()
    np.testing.assert_allclose(ratio, np.sqrt(depths))


def test_bands_go_from_the_least_to_the_largest_of_all_draws(draw, probed):
    (axes,) = draw("sensitivity_mlp").axes
    cube = probed.cube("sensitivity_mlp")
    S = fs.last_hidden(fs.quantity(cube, "feature_change_per_loss_change", "finite_step"))
    assert S.sizes["seed"] > 2
    for band, scaling in zip(axes.collections, fs.axis(cube, "scaling"), strict=True):
        box = band.get_datalim(axes.transData)
        every = S.sel(scaling=scaling)
        assert (box.y0, box.y1) == pytest.approx((float(every.min()), float(every.max())))


def test_a_rule_has_one_colour_in_all_figures(draw):
    (axes,) = draw("sensitivity_resnet").axes
    legend = draw("sensitivity_resnet").legends[0]
    told = [text.get_text() for text in legend.get_texts()]
    assert told == [r"$\beta=1/\sqrt{L}$", r"$\beta=1/L$", "large width"]
    crosses = [line for line in axes.lines if line.get_marker() == "+" and len(line.get_xdata())]
    colours = list(dict.fromkeys(line.get_color() for line in crosses))
    assert colours == [palette.of("beta 1/sqrt(L)"), palette.of("beta 1/L")]
