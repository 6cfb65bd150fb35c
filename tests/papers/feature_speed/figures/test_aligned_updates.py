"""Figures of aligned and total updates, read back from their artists and cubes."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.papers.feature_speed import reductions as fs


@pytest.mark.parametrize(
    ("name", "rule", "divisor"),
    [("bafu_layer_mlp", "1", 1), ("bafu_layer_resnet", "1/sqrt(L)", 12)],
)
def test_three_curves_of_one_network(draw, probed, name, rule, divisor):
    (axes,) = draw(name).axes
    total, aligned, bound = (line.get_ydata() for line in axes.lines)
    cube = probed.cube("bfa_layer")
    hidden = slice(2, int(fs.depths(cube).max()) - 1)

    def of(variable):
        values = fs.quantity(cube, variable, "finite_step").sel(branch_rule=rule, layer=hidden)
        return values.sel(seed=fs.axis(cube, "seed")[0])

    np.testing.assert_array_equal(total, of("feature_velocity"))
    np.testing.assert_allclose(aligned / total, of("cos_backward_feature_angle"))
    width = fs.setting(cube, "model.width")
    np.testing.assert_allclose(bound, 1 / (width * of("backward_norm")) / divisor)
    assert (aligned <= total).all()
    # The lines are one draw of several: bands show the others.
    band = axes.collections[0].get_datalim(axes.transData)
    every = fs.quantity(cube, "feature_velocity", "finite_step").sel(branch_rule=rule, layer=hidden)
    assert (band.y0, band.y1) == pytest.approx((float(every.min()), float(every.max())))
