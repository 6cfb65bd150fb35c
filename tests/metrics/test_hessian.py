"""Sharpness against dense Hessians, closed forms, and through the measuring job."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import xarray as xr

from layeratlas.backends import get_backend
from layeratlas.engine import archive
from layeratlas.engine.loop import train_shard
from layeratlas.losses.registry import loss_of
from layeratlas.measure import measure_shard
from layeratlas.metrics.hessian import hessian_product, hessian_top_eigenvalue, hessian_trace
from layeratlas.networks.registry import create_family, load_member_loss

MLP = {"family": "mlp", "depth": 3, "width": 5, "initialization": "uniform_fan_in"}
CNN = {"family": "block_cnn", "depth": 3, "channels": 2, "initialization": "uniform_fan_in"}


@pytest.fixture(
    params=[
        (MLP | {"batch_norm": True}, (4,), "cross_entropy"),
        (MLP | {"batch_norm": False}, (4,), "mean_squared_error"),
        (CNN | {"batch_norm": True}, (2, 4, 4), "cross_entropy"),
    ],
    ids=["mlp", "mlp without batch norm", "block_cnn"],
)
def network(request):
    """The loss of a tiny network in float64, the point, and the dense Hessian there."""
    model, shape, loss = request.param
    family = create_family(model, shape, 3)
    rng = np.random.default_rng(0)
    theta, statistics = family.initialize([1])
    theta += 0.2 * rng.normal(size=theta.shape)
    function, point = load_member_loss(model["family"])(
        family,
        torch.as_tensor(theta[0]),
        torch.as_tensor(statistics[0]),
        {"negative_slope": torch.tensor([0.3], dtype=torch.float64)},
        torch.as_tensor(rng.normal(size=(15, math.prod(shape)))),
        torch.as_tensor(rng.integers(3, size=15)),
        loss_of({"loss": loss}),
    )
    return function, point, torch.autograd.functional.hessian(function, point).numpy()


def test_products_are_those_of_the_dense_hessian(network):
    function, point, dense = network
    product = hessian_product(function, point)
    for v in np.random.default_rng(0).normal(size=(3, len(dense))):
        np.testing.assert_allclose(product(v), dense @ v, rtol=1e-9, atol=1e-10)


def test_the_top_eigenvalue_is_that_of_the_dense_hessian(network):
    function, point, dense = network
    expected = np.linalg.eigvalsh(dense)[-1]
    for seed in range(3):
        found = hessian_top_eigenvalue(function, point, seed=seed)
        assert found == pytest.approx(expected, rel=1e-3)
    assert found == hessian_top_eigenvalue(function, point, seed=2)


def test_the_trace_has_the_mean_of_the_dense_trace(network):
    function, point, dense = network
    found = np.array([hessian_trace(function, point, seed=seed) for seed in range(12)])
    error = found.std(ddof=1) / math.sqrt(len(found))
    assert abs(found.mean() - np.trace(dense)) < 4 * error
    assert hessian_trace(function, point, seed=3) == found[3]


def quadratic(curvatures):
    d = torch.as_tensor(curvatures, dtype=torch.float64)
    return lambda theta: 0.5 * (d * theta**2).sum(), torch.ones(len(d), dtype=torch.float64)


def test_random_signs_are_exact_on_a_diagonal():
    function, point = quadratic([3.0, -1.0, 0.5, 0.0])
    assert hessian_trace(function, point, seed=1) == pytest.approx(2.5, abs=1e-12)


def test_two_probes_that_agree_by_luck_are_not_enough():
    """vᵀHv is ±2 with tr H = 0: every other pair of probes agrees, ten hardly ever do."""
    point = torch.ones(2, dtype=torch.float64)
    found = [hessian_trace(lambda theta: theta[0] * theta[1], point, seed=s) for s in range(20)]
    assert max(map(abs, found)) < 2
    assert np.mean(found) == pytest.approx(0, abs=0.3)


@pytest.mark.parametrize("curvatures", [[2.0], [2.0, -5.0], [-5.0, 0.1, 2.0], [2.0, *[-1.0] * 40]])
def test_the_top_is_the_largest_and_not_the_largest_in_modulus(curvatures):
    function, point = quadratic(curvatures)
    assert hessian_top_eigenvalue(function, point, seed=1) == pytest.approx(2.0, rel=1e-3)


def test_a_loss_that_is_not_finite_has_no_sharpness():
    def function(theta):
        return (theta * math.nan).square().sum()

    point = torch.ones(5, dtype=torch.float64)
    assert math.isnan(hessian_top_eigenvalue(function, point, seed=1))
    assert math.isnan(hessian_trace(function, point, seed=1))


def test_measuring_puts_them_beside_the_layers(make_plan, clouds):
    """One number a run and checkpoint, of the clean labels; diverged runs are NaN."""
    x, labels = clouds(n=40, d=4)
    # The second run is blown up by its learning rate.
    plan = make_plan(
        3,
        model={"width": 5, "batch_norm": True},
        training={"optimizer": "sgd"},
        learning_rate=(0.1, 1e6, 0.1),
    )
    dirty = (labels + 1) % 3
    dataset = xr.Dataset(
        {
            "train_inputs": (("n", "channel", "row", "column"), x.reshape(40, 1, 2, 2)),
            "train_targets": ("n", dirty),
            "clean_train_targets": ("n", labels),
            "test_inputs": (("m", "channel", "row", "column"), x[:9].reshape(9, 1, 2, 2)),
            "test_targets": ("m", labels[:9]),
        },
        attrs={"n_outputs": 3},
    )
    backend = get_backend("cpu", "float64")
    result = train_shard(plan, x, dirty, n_outputs=3, backend=backend)
    result.status[1] = 1
    family = create_family(plan.shared["model"], (1, 2, 2), 3)
    measured = measure_shard(
        plan,
        archive.to_tree(plan, family, result, "test"),
        dataset,
        metrics=["data_separation", "hessian_trace", "hessian_top_eigenvalue"],
        batch_norm_modes=["running_statistics"],
        backend=backend,
    )
    assert set(measured["layers"].data_vars) == {"data_separation"}
    node = measured["network"]
    assert set(node.data_vars) == {"hessian_trace", "hessian_top_eigenvalue"}
    assert node["hessian_trace"].dims == ("run", "epoch")
    assert list(node["epoch"].values) == list(plan.checkpoints)
    assert node["hessian_trace"].attrs["units"] == "1"
    assert np.isnan(node["hessian_trace"].values[1]).all()
    function, point = load_member_loss("mlp")(
        family,
        torch.as_tensor(result.theta[2, -1]),
        torch.as_tensor(result.statistics[2, -1]),
        {"negative_slope": torch.tensor([0.1], dtype=torch.float64)},
        torch.as_tensor(x),
        torch.as_tensor(labels),
        loss_of({"loss": "cross_entropy"}),
    )
    dense = torch.autograd.functional.hessian(function, point).numpy()
    top = float(node["hessian_top_eigenvalue"].values[2, -1])
    assert top == pytest.approx(np.linalg.eigvalsh(dense)[-1], rel=1e-3)
    # Probes are keyed by the run's own seed.
    seeds = plan.members["seed"]
    traces = [hessian_trace(function, point, seed=seed) for seed in seeds]
    assert len(set(traces)) == len(seeds)
    assert float(node["hessian_trace"].values[2, -1]) == pytest.approx(traces[2], rel=1e-6)


def test_a_cube_needs_no_metric_of_layers(make_plan, clouds):
    x, labels = clouds(n=20, d=4)
    plan = make_plan(1, model={"width": 4})
    images = x.reshape(20, 1, 2, 2)
    dims = ("n", "channel", "row", "column")
    dataset = xr.Dataset(
        {
            "train_inputs": (dims, images),
            "clean_train_targets": ("n", labels),
            "test_inputs": (dims, images),
            "test_targets": ("n", labels),
        },
        attrs={"n_outputs": 3},
    )
    backend = get_backend("cpu", "float64")
    result = train_shard(plan, x, labels, n_outputs=3, backend=backend)
    family = create_family(plan.shared["model"], (1, 2, 2), 3)
    tree = archive.to_tree(plan, family, result, "test")
    measured = measure_shard(
        plan, tree, dataset, metrics=["hessian_trace"], batch_norm_modes=["running_statistics"],
        backend=backend,
    )  # fmt: skip
    assert np.isfinite(measured["network"]["hessian_trace"].values).all()
