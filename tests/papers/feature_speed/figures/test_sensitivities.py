"""Figures of sensitivities, read back from their artists and cubes."""

from __future__ import annotations

import numpy as np
import pytest

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
