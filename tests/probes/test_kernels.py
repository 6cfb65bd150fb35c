"""Kernels and Jacobians: what they must do to the backward pass, and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from made.naive_probes import case

from layeratlas.probes import kernels, measures, networks, passes, velocities
from layeratlas.probes.losses import Linear
from layeratlas.probes.rates import balanced_rates


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("kind", ["mlp", "resnet"])
def test_kernel(kind, samples):
    weights, network, x, loss, rates = case(2, samples=samples, kind=kind, width=15)
    point = passes.passes(weights, network, x, loss)
    moves = list(velocities.velocities(point, rates))
    measured = measures.measure(point, rates)
    for setting in range(2):
        moments = kernels.kernel_moments(point, rates, setting)
        for layer, kernel in enumerate(kernels.feature_kernels(point, rates, setting), start=1):
            b, move = point.b[layer][setting].ravel(), moves[layer - 1][setting].ravel()
            np.testing.assert_allclose(kernel, kernel.T, atol=1e-12 * np.abs(kernel).max())
            error = np.linalg.norm(move + kernel @ b)
            assert error <= 1e-10 * np.linalg.norm(move)
            values = np.linalg.eigvalsh(kernel)
            low, high = values[0], values[-1]
            assert low >= -1e-12 * high
            cos = measured.cos_theta[setting, layer]
            assert low / high - 1e-12 <= cos <= 1 + 1e-12
            assert cos >= 2 * np.sqrt(max(low, 0) * high) / (low + high) - 1e-12
            np.testing.assert_allclose(
                moments[layer], [values.mean(), (values**2).mean()], rtol=1e-9
            )


def test_kernel_moments_give_the_angle_at_width_300():
    weights, x = networks.draw(1, 6, 300), np.ones(10) / np.sqrt(10)
    network = networks.resnet(6, 300, [0.5, 1.0])
    point = passes.passes(weights, network, x, Linear(1.0))
    rates = balanced_rates(point)
    cos = measures.measure(point, rates).cos_theta
    for setting in range(2):
        moments = kernels.kernel_moments(point, rates, setting)
        predicted = moments[1:6, 0] / np.sqrt(moments[1:6, 1])
        np.testing.assert_allclose(cos[setting, 1:6], predicted, atol=0.1)


def test_jacobian_conditioning():
    width = 300
    weights, x = networks.draw(0, 12, width), np.ones(10)
    network = networks.resnet(12, width, [0.3, 1.0])
    point = passes.passes(weights, network, x, Linear(1.0))
    ratios = [
        [kernels.spectral_moment_ratio(j) for _, j in kernels.jacobians(point, 1, setting)]
        for setting in range(2)
    ]
    n = np.arange(11)
    np.testing.assert_allclose(ratios[1], 1 + 2 * n, rtol=0.25)
    assert (np.array(ratios[0])[1:] > 1 + 2 * 0.09 * n[1:] - 0.05).all()
    lowest = [
        np.linalg.svd(list(kernels.jacobians(point, 1, s))[-1][1], compute_uv=False)[-1]
        for s in range(2)
    ]
    assert lowest[1] < 1e-10 and lowest[0] > 0.05
    linear = networks.resnet(12, width, 0.3, negative_slope=1.0)
    point = passes.passes(weights, linear, x, Linear(1.0))
    ratios = [kernels.spectral_moment_ratio(j) for _, j in kernels.jacobians(point, 1)]
    np.testing.assert_allclose(ratios, 1 + n * (2 * 0.3**2 - 0.3**4), rtol=0.1)
