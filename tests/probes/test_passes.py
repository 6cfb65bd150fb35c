"""Forward and backward passes: the backward speed formula, refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made.naive_probes import case

from layeratlas.probes import networks, passes, velocities
from layeratlas.probes.losses import Linear, Square


@pytest.mark.parametrize("kind", ["mlp", "resnet"])
@pytest.mark.parametrize("linear", [True, False])
def test_backward_speed_formula(kind, linear):
    """I7: −⟨ḃ_v, f_v⟩ = Σ_{l>v} η_l |G_l|² − f_Lᵀ ∇²loss ḟ_L, ḃ_v by central differences."""
    weights, network, x, loss, rates = case(4, samples=2, kind=kind)
    if linear:
        loss = Linear(np.array([0.3, -1.0, 0.7]))
    point = passes.passes(weights, network, x, loss)
    f_dot = list(velocities.velocities(point, rates))[-1]
    curvature = np.sum(point.f[-1] * loss.hessian_product(point.f[-1], f_dot), axis=(1, 2))
    contribution = rates * point.gradient_square[:, 1:]
    dt = 1e-6
    for setting in range(2):
        one = replace(
            network,
            branch_scale=network.branch_scale[[setting]],
            multipliers=np.ones((1, network.depth)),
        )

        def backward(sign, one=one, setting=setting):
            moved = [
                point.matrix(i)[setting]
                - sign * dt * rates[setting, i - 1] * point.gradient(i)[setting]
                for i in range(1, network.depth + 1)
            ]
            return passes.passes(networks.Weights(moved), one, x, loss).b

        ahead, behind = backward(1), backward(-1)
        for layer in range(1, network.depth):
            b_dot = (ahead[layer][0] - behind[layer][0]) / (2 * dt)
            left = -np.sum(b_dot * point.f[layer][setting])
            right = contribution[setting, layer:].sum() - curvature[setting]
            assert left == pytest.approx(right, rel=1e-5)


def test_what_does_not_fit_is_refused():
    weights, x = networks.draw(0, 5, 10), np.ones(10)
    with pytest.raises(ValueError, match="the network has depth 6, the weights 5"):
        passes.passes(weights, networks.mlp(6, 10), x, Square(1.0))
    with pytest.raises(ValueError, match=r"inputs must be \(sample, 10\), not \(1, 3\)"):
        passes.passes(weights, networks.mlp(5, 10), np.ones(3), Square(1.0))


def test_arrays_are_stacked_by_shape_with_their_keys():
    arrays = {1: np.zeros((2, 3)), 2: np.ones(4), 5: np.ones((2, 3))}
    found = {tuple(keys): stacked for keys, stacked in passes.by_shape(arrays)}
    assert set(found) == {(1, 5), (2,)}
    np.testing.assert_array_equal(found[1, 5], [arrays[1], arrays[5]])
