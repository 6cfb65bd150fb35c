"""The tangent kernel at infinite width."""

from __future__ import annotations

import math

import numpy as np
import pytest

from layeratlas.infinite_width.kernel import tangent_kernel, tangent_kernel_layers


def test_values_of_the_specification():
    """§3.1, there checked against neural-tangents to 1e-13."""
    assert tangent_kernel(0.3, 10) == pytest.approx(6.909183495, abs=5e-10)
    assert tangent_kernel(0.3, 20) == pytest.approx(12.929494373, abs=5e-10)
    assert tangent_kernel(1.0, 7) == pytest.approx(14)


def plain(cosine, layers, slope=0.0):
    """Θ_1 = σ_w² c, Θ_{l+1} = Σ_{l+1} + σ_w² E[φ′φ′] Θ_l, the usual recursion."""
    bend, weight = (1 - slope) ** 2 / (1 + slope**2), 2 / (1 + slope**2)
    c = cosine
    kernel = weight * c
    for _ in range(layers - 1):
        angle = math.acos(c)
        derivative = 1 - bend * angle / math.pi
        c = c + bend * (math.sin(angle) - angle * math.cos(angle)) / math.pi
        kernel = weight * c + derivative * kernel
    return kernel


@pytest.mark.parametrize("slope", [0.0, 0.4])
@pytest.mark.parametrize("layers", [2, 5, 12])
def test_it_is_the_usual_recursion(layers, slope):
    cosines = np.array([-0.5, 0.0, 0.3, 0.9])
    found = tangent_kernel(cosines, layers, slope)
    np.testing.assert_allclose(found, [plain(c, layers, slope) for c in cosines], rtol=1e-12)


def test_layers_sum_to_it():
    found = tangent_kernel_layers(np.array([0.3, 0.6]), 10)
    assert found.shape == (2, 10)
    np.testing.assert_allclose(found.sum(-1), tangent_kernel(np.array([0.3, 0.6]), 10))
