"""What a cube keeps of a probe: names, shapes, and the numbers of the probe itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made.naive_probes import case

from layeratlas.probes.kernels import jacobians, kernel_moments
from layeratlas.probes.measures import measure
from layeratlas.probes.passes import passes
from layeratlas.probes.recording import CONDITIONING, recorded
from layeratlas.probes.variables import VARIABLES


@pytest.fixture(scope="module")
def probed():
    weights, network, x, loss, rates = case(3, samples=1)
    return passes(weights, network, x, loss), rates


@pytest.mark.parametrize("step", [None, 1e-3])
@pytest.mark.parametrize("conditioning", [False, True])
def test_every_variable_has_the_shape_of_its_node(probed, step, conditioning):
    point, rates = probed
    found = recorded(point, rates, {"step": step, "conditioning": conditioning})
    assert set(found) == {n for n in VARIABLES if conditioning or n not in CONDITIONING}
    derivatives = 1 if step is None else 2
    shapes = {"/": (2,), "layers": (2, 7), "network": (2, derivatives),
              "velocities": (2, derivatives, 7)}  # fmt: skip
    for name, values in found.items():
        assert values.shape == shapes[VARIABLES[name].node], name


def test_the_numbers_are_those_of_the_probe(probed):
    point, rates = probed
    found = recorded(point, rates, {"step": 1e-3, "conditioning": True})
    exact, finite = measure(point, rates), measure(point, rates, 1e-3)
    for name, one, other in (
        ("backward_feature_angle", exact.theta, finite.theta),
        ("loss_change", exact.loss_change, finite.loss_change),
    ):
        np.testing.assert_array_equal(found[name][:, 0], one)
        np.testing.assert_array_equal(found[name][:, 1], other)
    np.testing.assert_array_equal(found["learning_rate"][:, 1:], rates)
    assert float(np.nanmax(found["feature_speed_residual"][:, 0])) < 1e-12
    norm = np.linalg.norm(point.loss.gradient(point.f[-1]), axis=(1, 2))
    np.testing.assert_allclose(found["output_gradient_norm"], norm)


def test_conditioning_is_that_of_kernels_and_jacobians(probed):
    point, rates = probed
    found = recorded(point, rates, {"step": None, "conditioning": True})
    for setting in range(2):
        moments = kernel_moments(point, rates, setting)
        np.testing.assert_array_equal(found["kernel_moment_1"][setting], moments[:, 0])
        np.testing.assert_array_equal(found["kernel_moment_2"][setting], moments[:, 1])
        for layer, jacobian in jacobians(point, 1, setting):
            values = np.linalg.svd(jacobian, compute_uv=False)
            ratio = len(values) * np.sum(values**4) / np.sum(values**2) ** 2
            assert found["jacobian_moment_ratio"][setting, layer] == pytest.approx(ratio)


def test_the_smallest_singular_value_is_in_units_of_their_root_mean_square(probed):
    point, rates = probed
    found = recorded(point, rates, {"step": None, "conditioning": True})
    for setting in range(2):
        for layer, jacobian in jacobians(point, 1, setting):
            gram = np.linalg.eigvalsh(jacobian @ jacobian.T)
            want = np.sqrt(max(gram[0], 0.0) / np.mean(gram))
            got = found["jacobian_smallest_singular_value"][setting, layer]
            assert got == pytest.approx(want, abs=1e-7)
    whole = found["jacobian_smallest_singular_value"][:, 1:6]
    assert np.isfinite(whole).all() and whole[0, 1] > 1e-3


def test_the_residual_is_relative_to_the_decay(probed):
    """Rates a billion times larger leave it at rounding; a wrong cosine is its relative error."""
    point, rates = probed
    settings = {"step": None, "conditioning": False}
    large = recorded(point, 1e9 * rates, settings)["feature_speed_residual"]
    assert float(np.nanmax(large)) < 1e-12
    broken = replace(point, gradient_square=1.25 * point.gradient_square)
    found = recorded(broken, rates, settings)["feature_speed_residual"][:, 0, 1:]
    np.testing.assert_allclose(found, 0.2, rtol=1e-9)
