"""The edge of chaos of smooth activations."""

from __future__ import annotations

import math

import pytest

from layeratlas.errors import LayerAtlasError
from layeratlas.infinite_width.edge import edge_of_chaos, fixed_variance, gain, next_variance

#: Specification §1: σ_b², σ_w², q of tanh.
TANH = ((0.01, 1.42421, 0.2733), (0.04, 1.70080, 0.5121), (0.05, 1.76095, 0.5700),
        (0.09, 1.94765, 0.7635))  # fmt: skip


@pytest.mark.parametrize(("bias", "weight", "variance"), TANH)
def test_points_on_the_edge_of_tanh(bias, weight, variance):
    found, q = edge_of_chaos("tanh", math.sqrt(bias))
    assert found**2 == pytest.approx(weight, abs=0.51e-5)
    assert q == pytest.approx(variance, abs=0.51e-4)
    # It is where the definition says: a fixed point, of gain one.
    assert next_variance("tanh", found, math.sqrt(bias), q) == pytest.approx(q, rel=1e-12)
    assert gain("tanh", found, q) == pytest.approx(1, abs=1e-12)
    assert fixed_variance("tanh", found, math.sqrt(bias)) == pytest.approx(q, rel=1e-9)


def test_the_quadratic_settles_nowhere_on_its_edge():
    """q = σ_b² + 3 q/4 has a root, but q⁺ rises faster than q there."""
    with pytest.raises(LayerAtlasError, match="no sigma_w is at the edge of chaos"):
        edge_of_chaos("quadratic", 0.3)
    weight, q = math.sqrt(1 / (4 * 0.36)), 0.36
    assert gain("quadratic", math.sqrt(weight**2), q) == pytest.approx(1)
    assert next_variance("quadratic", math.sqrt(5 / 6) * weight / weight, 0.3, q) > 0


def test_variances_that_do_not_settle():
    with pytest.raises(LayerAtlasError, match="comes to"):
        fixed_variance("tanh", 0.9, 0.0)
    with pytest.raises(LayerAtlasError, match="does not settle"):
        fixed_variance("quadratic", 1.5, 0.1)


def test_order_and_chaos_lie_on_both_sides():
    weight, _ = edge_of_chaos("tanh", 0.2)
    for factor, sign in ((0.9, -1), (1.1, 1)):
        q = fixed_variance("tanh", factor * weight, 0.2)
        assert math.copysign(1, gain("tanh", factor * weight, q) - 1) == sign
