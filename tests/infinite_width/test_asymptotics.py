"""Limits of deep networks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from layeratlas.infinite_width.asymptotics import asymptote, slope
from layeratlas.infinite_width.crossing import crossings_over_depth
from layeratlas.infinite_width.edge import edge_of_chaos
from layeratlas.infinite_width.recursion import correlations
from layeratlas.infinite_width.relu import Rectifier
from layeratlas.infinite_width.smooth import smooth


@pytest.mark.parametrize(
    ("negative_slope", "constant"), [(0, 2.136), (0.2, 2.593), (0.4, 3.410), (0.6, 5.027)]
)
def test_constants_of_rectifiers(negative_slope, constant):
    found = asymptote(Rectifier(negative_slope))
    assert found.exponent == pytest.approx(3 / 5)
    assert found.constant == pytest.approx(constant, abs=0.51e-3)


def test_relu():
    found = asymptote(Rectifier())
    assert found.loss == pytest.approx(44.4132, abs=0.51e-4)
    assert found.crossing(10) == pytest.approx(8.5, abs=0.05)


@pytest.mark.parametrize("negative_slope", [0.0, 0.5])
def test_recursions_come_to_them(negative_slope):
    maps, layers = Rectifier(negative_slope), 20_000
    found, told = correlations(maps, 0.3, layers), asymptote(Rectifier(negative_slope))
    assert layers**told.decay * found.loss[-1] == pytest.approx(told.loss, rel=0.01)
    # b_l ~ (l/L)^3 far from the input.
    ratio = found.backward[layers // 2 - 1]
    assert ratio == pytest.approx(0.5**told.rise, rel=0.01)


def test_smooth_activations_come_to_theirs():
    bias = math.sqrt(0.05)
    maps = smooth("tanh", edge_of_chaos("tanh", bias)[0], bias)
    told, layers = asymptote(maps), 20_000
    found = correlations(maps, 0.4, layers)
    assert told.exponent == pytest.approx(2 / 3)
    assert told.constant == pytest.approx((2 / maps.curvature) ** (1 / 3))
    assert layers * found.loss[-1] == pytest.approx(told.loss, rel=0.01)
    assert found.backward[layers // 2 - 1] == pytest.approx(0.25, rel=0.01)


@pytest.mark.parametrize(
    ("cosine", "told"), [(0.2, 0.742), (0.3, 0.758), (0.4, 0.780), (0.6, 0.863)]
)
def test_slopes_over_depths_of_experiments(cosine, told):
    depths = np.arange(10, 101, 10)
    found = slope(depths, crossings_over_depth(Rectifier(), cosine, depths))
    assert found == pytest.approx(told, abs=0.51e-3)


def test_slopes_over_large_depths():
    depths = [1000, 3162, 10_000, 31_623, 100_000]
    crossed = crossings_over_depth(Rectifier(), 0.3, depths)
    assert slope(depths, crossed) == pytest.approx(0.616, abs=0.002)
    assert slope(depths[2:], crossed[2:]) == pytest.approx(0.607, abs=0.002)


@pytest.mark.parametrize(
    "maps",
    [Rectifier(1.0), Rectifier(gain=0.9), smooth("tanh", 0.9, 0.2), smooth("tanh", 1.7, 0.2)],
    ids=["linear", "relu with biases", "order", "chaos"],
)
def test_off_the_edge_there_is_none(maps):
    with pytest.raises(ValueError, match="edge of chaos"):
        asymptote(maps)
