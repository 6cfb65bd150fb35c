"""Gaussian means by quadrature, and Hermite coefficients."""

from __future__ import annotations

import math

import numpy as np
import pytest

from layeratlas.errors import LayerAtlasError
from layeratlas.infinite_width.hermite import coefficients, gaussian, mean_square, written


def test_moments_of_gaussian_numbers():
    assert gaussian(lambda z: z**4, 2.0) == pytest.approx(3 * 4)
    assert gaussian(np.cos, 1.7) == pytest.approx(math.exp(-1.7 / 2), rel=1e-12)
    assert mean_square(lambda z: z, 0.3) == pytest.approx(0.3)


def test_coefficients_of_polynomials_and_of_an_exponential():
    # z² at variance q is q (h_0 + √2 h_2).
    found = coefficients(np.square, 0.7)
    told = np.zeros(len(found))
    told[0], told[2] = 0.7, 0.7 * math.sqrt(2)
    np.testing.assert_allclose(found, told, atol=1e-12)
    # exp(s z) has coefficients exp(s²/2) s^k/√k!.
    found = coefficients(np.exp, 0.5**2)[:12]
    told = [math.exp(0.125) * 0.5**k / math.sqrt(math.factorial(k)) for k in range(12)]
    np.testing.assert_allclose(found, told, rtol=1e-9)


def test_squares_of_coefficients_sum_to_the_mean_square():
    assert (coefficients(np.tanh, 1.3) ** 2).sum() == pytest.approx(mean_square(np.tanh, 1.3))


def test_what_jumps_has_no_series():
    with pytest.raises(LayerAtlasError, match="not smooth at the scale of its inputs"):
        coefficients(lambda z: np.where(z > 0, 1.0, 0.0), 1.0)


@pytest.mark.parametrize("name", ["tanh", "gelu", "quadratic"])
def test_slopes_are_derivatives(name):
    z, step = np.linspace(-2, 2, 9), 1e-6
    both = written(name)
    told = (both.value(z + step) - both.value(z - step)) / (2 * step)
    np.testing.assert_allclose(both.slope(z), told, atol=1e-8)
    np.testing.assert_array_equal(z, np.linspace(-2, 2, 9))


@pytest.mark.parametrize("name", ["leaky_relu", "softsign"])
def test_an_activation_that_is_not_written_out_is_refused(name):
    with pytest.raises(LayerAtlasError) as refused:
        written(name)
    assert str(refused.value).startswith(f"activation {name!r}: no recursion")
    assert "tanh, gelu, quadratic" in str(refused.value)
