"""Closed forms of the feature speed formula: values of the specification, limits, agreement."""

import numpy as np
import pytest

from layeratlas.networks.scalings import table
from layeratlas.papers.feature_speed import theory


def test_relu_mlp_values():
    np.testing.assert_allclose(
        theory.cos_relu_mlp([1, 2, 5, 10, 30]), [1, 0.8165, 0.5423, 0.3863, 0.2235], atol=5e-5
    )
    n = 10**6
    assert theory.cos_relu_mlp(n) * np.sqrt(n) == pytest.approx(1.2247, abs=1e-4)


def test_recursion_at_branch_scale_one_is_the_mlp():
    np.testing.assert_allclose(
        theory.cos_relu_resnet(60, 1.0), theory.cos_relu_mlp(np.arange(1, 61)), rtol=1e-12
    )


def test_recursion_at_branch_scale_zero_is_aligned():
    np.testing.assert_allclose(theory.cos_relu_resnet(20, 0.0), 1)


@pytest.mark.parametrize(
    ("c", "cos"), [(0.25, 0.980), (0.5, 0.922), (1, 0.751), (2, 0.469), (4, 0.247), (8, 0.125)]
)
def test_relu_resnet_limits(c, cos):
    assert theory.cos_relu_resnet_limit(c) == pytest.approx(cos, abs=6e-4)


def test_small_and_large_branches():
    assert np.arccos(theory.cos_relu_resnet_limit(0.02)) == pytest.approx(
        0.02 * np.sqrt(2 / 3), rel=0.01
    )
    assert theory.cos_relu_resnet_limit(12.0) * 12 == pytest.approx(1, rel=0.02)
    depth = 300
    theta = np.arccos(theory.cos_relu_resnet(depth - 2, 1 / depth)[-1])
    assert theta == pytest.approx(np.sqrt(2 / (3 * depth)), rel=0.02)


def test_linear_resnet_limits():
    depth, c = 10**6, 1.3
    beta = c / np.sqrt(depth)
    assert theory.cos_linear_resnet(depth - 2, beta) == pytest.approx(
        theory.cos_linear_resnet_limit(c), rel=1e-5
    )
    v = depth // 3
    assert theory.cos_linear_resnet(v - 1, beta) == pytest.approx(
        (1 + 2 / 3 * beta**2 * v) ** -0.5, rel=1e-5
    )


def test_sensitivity_values():
    depth = np.array([5, 10, 20, 40])
    cos, m = theory.cos_relu_mlp(depth - 2), 400
    np.testing.assert_allclose(
        theory.sensitivity(cos, m, np.sqrt(depth) / m), [0.650, 0.733, 0.775, 0.796], atol=6e-4
    )
    np.testing.assert_allclose(
        theory.sensitivity(cos, m, 1 / m), [1.45, 2.32, 3.47, 5.03], atol=6e-3
    )
    np.testing.assert_allclose(
        theory.sensitivity(cos, m, m**-0.5), [0.073, 0.116, 0.173, 0.252], atol=6e-4
    )
    resnet = theory.sensitivity(theory.cos_relu_resnet_limit(1), m, 1 / m)
    assert resnet == pytest.approx(1.33, abs=5e-3)


def test_post_activation():
    # Half of the kernel's directions are cut: 1/cos² grows by one.
    assert theory.cos_post_activation(1.0) == pytest.approx(np.sqrt(0.5))


def test_conditioning():
    np.testing.assert_allclose(theory.jacobian_moment_ratio(np.arange(4)), [1, 3, 5, 7])
    assert theory.jacobian_moment_ratio(10, 0.1, linear=True) == pytest.approx(1.199)


@pytest.mark.parametrize(("n", "beta"), [(0, 0.5), (3, 1.2), (3, -0.1)])
def test_refusals(n, beta):
    with pytest.raises(ValueError, match="branch_scale in"):
        theory.cos_relu_resnet(n, beta)


@pytest.mark.parametrize("c", [0.5, 1.0, 2.0])
def test_the_limit_is_nearer_than_any_depth(c):
    """Extrapolated in 1/L: a depth of 500 is off by that, its extrapolation by its square."""
    limit, depth = theory.cos_relu_resnet_limit(c), 500
    assert abs(theory.cos_relu_resnet(depth, c / np.sqrt(depth))[-1] - limit) > 1e-4
    assert theory.cos_relu_resnet_limit(c, depth) == pytest.approx(limit, abs=1e-5)


@pytest.mark.parametrize("name", ["ntk", "mf_mup", "fsc"])
def test_exponents_of_a_perceptron_are_those_of_its_table(name):
    """S by Eq. 4 and the table's read-out, its slopes in L and m; S is speed over loss decay."""

    def log_sensitivity(depth, width):
        std = table(name, depth, width, 10, 1).output.std
        return np.log(theory.sensitivity(theory.cos_relu_mlp(depth - 2), width, std))

    L, m = 10**6, 10**9
    slopes = np.array(
        [
            log_sensitivity(2 * L, m) - log_sensitivity(L, m),
            log_sensitivity(L, 2 * m) - log_sensitivity(L, m),
        ]
    ) / np.log(2)
    assert slopes == pytest.approx(theory.EXPONENTS[name]["S"], abs=1e-4)
    parts = theory.EXPONENTS[name]
    np.testing.assert_allclose(np.subtract(parts["speed"], parts["loss"]), parts["S"])
