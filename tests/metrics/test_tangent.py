"""Numbers of kernels: bounds, invariances, the exact null."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from made.passes import images, network_of
from made.steps import MODELS

from layeratlas.metrics import tangent
from layeratlas.signals.tangent.sums import centred
from layeratlas.signals.tangent.walk import walked
from layeratlas.signals.tape import passed

every_model = pytest.mark.parametrize("model", MODELS)


@every_model
def test_squared_alignment_lies_below_the_second_moment_and_that_below_one(make_plan, model):
    network = network_of(make_plan, model)
    found = walked(network, passed(network, images()))
    a, s = tangent.alignment(found), tangent.alignment_second_moment(found)
    assert (a > 0).all() and (a**2 <= s * (1 + 1e-12)).all() and (s <= 1 + 1e-12).all()


def test_the_null_is_the_mean_over_permutations(make_plan):
    network = network_of(make_plan, "mlp")
    found = walked(network, passed(network, images()))
    k, y = centred(found.whole[0]), found.against[0].labels
    rng = np.random.default_rng(0)
    orders = torch.as_tensor(np.array([rng.permutation(y.shape[1]) for _ in range(10_000)]))
    shuffled = y[:, orders].permute(1, 0, 2)  # (permutation, output, sample)
    along = torch.einsum("pci,cidj,pdj->p", shuffled, k, shuffled) / (k.norm() * (y**2).sum())
    error = float(along.std() / 100)
    assert abs(tangent.network_alignment_null(found)[0] - float(along.mean())) < 4 * error


def test_the_read_out_stays_below_its_bound(make_plan):
    """A_L ≤ ‖ỸỸᵀ‖/(√C ‖Ỹ‖²), for ∂f_c/∂z_L = e_c."""
    network = network_of(make_plan, "mlp")
    found = walked(network, passed(network, images()))
    y = found.against[0].labels
    bound = (y.T @ y).norm() / (len(y) ** 0.5 * (y**2).sum())
    assert tangent.alignment(found)[-1, 0] <= float(bound) + 1e-12


def test_alignment_knows_no_scale_and_no_order_of_examples(make_plan):
    network, seen = network_of(make_plan, "mlp"), images()
    plain = tangent.alignment(walked(network, passed(network, seen)))
    order = np.random.default_rng(1).permutation(seen.size)
    shuffled = replace(seen, x=seen.x[order], targets=seen.targets[order])
    again = tangent.alignment(walked(network, passed(network, shuffled)))
    np.testing.assert_allclose(again, plain, rtol=1e-10)
    # A read-out k times as large: cotangents of all maps before it are so too.
    for name, view in network.family.parameters.views(network.theta).items():
        if name.endswith(f"_{network.family.depth}"):
            view *= 7.0
    larger = tangent.alignment(walked(network, passed(network, seen)))
    np.testing.assert_allclose(larger, plain, rtol=1e-10)
