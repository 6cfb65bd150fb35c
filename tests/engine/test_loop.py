"""Whole trainings against a naive torch loop, and the two backends against each other."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made.words import dropout_mask, noisy_inputs, noisy_labels, order

from layeratlas.backends import get_backend
from layeratlas.backends.cpu import CpuBackend
from layeratlas.backends.torch_backend import TorchBackend
from layeratlas.engine.loop import train_shard
from layeratlas.engine.state import ShardState
from layeratlas.networks.registry import create_family

_CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA GPU here")


def naive_training(plan, images, labels, network, loss, member: int) -> tuple[list, dict]:
    """The textbook loop, every random number derived anew: epoch-mean losses, tensors by name."""
    settings = plan.shared["training"]
    of = {name: values[member] for name, values in plan.members.items()}
    seed, n, n_classes = of["seed"], len(labels), network.maps[-1].out_features
    parameters = network.parameters()
    rate, decay = of["learning_rate"], settings.get("weight_decay", 0)
    optimizer: torch.optim.Optimizer
    if settings["optimizer"].startswith("adam"):
        kind = torch.optim.Adam if settings["optimizer"] == "adam" else torch.optim.AdamW
        betas = (settings["beta1"], settings["beta2"])
        optimizer = kind(parameters, rate, betas, settings["eps"], weight_decay=decay)
    else:
        nesterov = settings.get("nesterov", False)
        optimizer = torch.optim.SGD(
            parameters, rate, settings["momentum"], weight_decay=decay, nesterov=nesterov
        )
    batch = n if settings["batch_size"] == "full" else settings["batch_size"]
    total = -(-n // batch) * settings["epochs"]
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total, eta_min=0)
    curve = []
    for epoch in range(1, settings["epochs"] + 1):
        shuffled = order(seed, epoch, n)
        losses = []
        for step, start in enumerate(range(0, n, batch)):
            chosen = shuffled[start : start + batch]
            x, y = images[chosen], labels[chosen]
            y = noisy_labels(y, of["label_noise"], n_classes, seed, epoch, step)
            if of["input_noise"]:
                x = noisy_inputs(x, of["input_noise"], seed, epoch, step)
            optimizer.zero_grad()
            masks = dropout_masks(network, len(chosen), of["dropout"], seed, epoch, step)
            value = loss(network(torch.as_tensor(x), masks)[-1], torch.as_tensor(y))
            value.backward()
            optimizer.step()
            if "schedule" in settings:
                cosine.step()
            losses.append(value.item())
        curve.append(np.mean(losses))
    return curve, {name: t.detach().numpy() for name, t in network.named().items()}


def dropout_masks(network, batch: int, rate: float, seed: int, epoch: int, step: int):
    """A mask a layer of this minibatch; None without dropout."""
    if not rate:
        return None
    depth = len(network.maps)
    shapes = [(batch, linear.out_features) for linear in network.maps]
    return [None] + [
        torch.as_tensor(dropout_mask(shape, rate, seed, epoch, step * (depth + 1) + layer))
        for layer, shape in enumerate(shapes, start=1)
    ]


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize(
    "training",
    [
        {"optimizer": "adam"},
        {"optimizer": "adam", "beta1": 0.5, "beta2": 0.9, "eps": 1e-3},
        {"optimizer": "sgd", "loss": "mean_squared_error"},
        {"optimizer": "sgd", "momentum": 0.9},
        {"optimizer": "sgd", "batch_size": "full"},
        {"optimizer": "adamw", "weight_decay": 0.1, "schedule": "cosine"},
        {"optimizer": "sgd", "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4},
    ],
    ids=[
        "adam",
        "adam with other settings",
        "sgd on squares",
        "momentum",
        "full batch",
        "scheduled adamw",
        "decayed nesterov",
    ],
)
def test_training_is_the_textbook_loop(
    make_plan, clouds, plain_network, plain_loss, batch_norm, training
):
    """50 images in batches of 20 leave a last batch of 10."""
    images, labels = clouds(n=50, d=7)
    plan = make_plan(
        model={"batch_norm": batch_norm},
        training={"epochs": 4, **training},
        negative_slope=(0.0, 0.3, 1.0),
        learning_rate=(1e-2, 3e-3, 3e-2),
    )
    result = train_shard(
        plan, images, labels, n_outputs=3, backend=get_backend("cpu", "float64"), slot_size=2
    )
    family = create_family(plan.shared["model"], (7,), 3)
    start = family.initialize(plan.members["seed"])
    trained = family.parameters.views(result.theta[:, -1])
    trained |= family.statistics.views(result.statistics[:, -1])
    for e, slope in enumerate(plan.members["negative_slope"]):
        network = plain_network(family, *start, e, slope)
        loss = plain_loss(plan.shared["training"]["loss"])
        curve, named = naive_training(plan, images, labels, network, loss, e)
        np.testing.assert_allclose(result.train_loss[e], curve, rtol=1e-8)
        for name, tensor in named.items():
            np.testing.assert_allclose(trained[name][e], tensor, rtol=1e-8, atol=1e-8)
    assert (result.status == 0).all() and (result.epochs_run == 4).all()


@pytest.mark.parametrize("on_torch", [False, True], ids=["fused", "torch"])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("noise", ["label_noise", "input_noise", "dropout"])
def test_noisy_training_is_the_textbook_loop(
    make_plan, clouds, plain_network, plain_loss, noise, batch_norm, on_torch
):
    """Noise and dropout of every minibatch of every epoch, from words derived one by one.

    Members share no seed, and one of them is without noise.
    """
    images, labels = clouds(n=50, d=7)
    plan = make_plan(
        model={"batch_norm": batch_norm},
        training={"optimizer": "sgd", "epochs": 2},
        learning_rate=0.1,
        **{noise: (0.0, 0.3, 0.5)},
    )
    backend = get_backend("cpu", "float64", torch=on_torch)
    result = train_shard(plan, images, labels, n_outputs=3, backend=backend)
    family = create_family(plan.shared["model"], (7,), 3)
    start = family.initialize(plan.members["seed"])
    trained = family.parameters.views(result.theta[:, -1])
    trained |= family.statistics.views(result.statistics[:, -1])
    # The fused normals are polynomials, right to 2e-6.
    tolerance = 1e-5 if noise == "input_noise" else 1e-9
    for e, slope in enumerate(plan.members["negative_slope"]):
        network = plain_network(family, *start, e, slope)
        curve, named = naive_training(plan, images, labels, network, plain_loss("cross_entropy"), e)
        np.testing.assert_allclose(result.train_loss[e], curve, rtol=tolerance)
        for name, tensor in named.items():
            np.testing.assert_allclose(trained[name][e], tensor, rtol=tolerance, atol=tolerance)


def test_initial_weights_are_checkpoint_zero(make_plan, clouds):
    images, labels = clouds()
    plan = make_plan(model={"batch_norm": True})
    result = train_shard(plan, images, labels, n_outputs=3, backend=get_backend("cpu", "float64"))
    theta, statistics = create_family(plan.shared["model"], (7,), 3).initialize((1, 2, 3))
    np.testing.assert_array_equal(result.theta[:, 0], theta)
    np.testing.assert_array_equal(result.statistics[:, 0], statistics)


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=_CUDA)])
@pytest.mark.parametrize(
    ("input_noise", "tolerance"),
    # The fused normals are polynomials, right to 2e-6: with them the runs part sooner.
    [(0.0, 1e-9), ((0.0, 0.3, 0.0, 0.5), 1e-4)],
    ids=["labels and dropout", "inputs too"],
)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_both_backends_train_the_same_networks(
    make_plan, clouds, device, input_noise, tolerance, batch_norm
):
    images, labels = clouds(n=53, d=7)
    plan = make_plan(
        4,
        model={"batch_norm": batch_norm},
        training={"epochs": 4},
        label_noise=(0.0, 0.3, 0.5, 0.0),
        input_noise=input_noise,
        dropout=(0.0, 0.2, 0.0, 0.5),
        negative_slope=(0.0, 0.2, 0.6, 1.0),
    )
    fused, stacked = (
        train_shard(plan, images, labels, n_outputs=3, backend=backend)
        for backend in (get_backend("cpu", "float64"), TorchBackend(device, "float64"))
    )
    np.testing.assert_allclose(stacked.theta, fused.theta, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(stacked.statistics, fused.statistics, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(stacked.train_loss, fused.train_loss, rtol=tolerance)


@pytest.mark.parametrize("name", ["label_noise", "input_noise", "dropout"])
def test_noise_and_dropout_reach_the_network(make_plan, clouds, name):
    """One that has it ends elsewhere; its neighbour without does not notice."""
    images, labels = clouds()
    ends = [
        train_shard(
            make_plan(2, seed=(1, 1), **{name: values}),
            images,
            labels,
            n_outputs=3,
            backend=get_backend("cpu", "float64"),
        ).theta[:, -1]
        for values in ((0.0, 0.0), (0.0, 0.4))
    ]
    np.testing.assert_array_equal(ends[0][0], ends[1][0])
    assert (ends[0][1] != ends[1][1]).any()


@pytest.mark.parametrize(
    ("members", "most", "sizes"), [(9, 8, [5, 4]), (8, 8, [8]), (7, 3, [3, 3, 1]), (5, 1, [1] * 5)]
)
def test_slots_are_of_one_size_as_far_as_they_can_be(
    make_plan, clouds, monkeypatch, members, most, sizes
):
    images, labels = clouds(n=20, d=4)
    asked, opened = [], []

    def slot_size(self, *of_member):
        asked.append(of_member)
        return most

    def open_slot(state, start, size, whole=ShardState.open_slot):
        is_new = state.slot is None
        slot = whole(state, start, size)
        if slot is not None and is_new:
            opened.append(len(slot.members))
        return slot

    monkeypatch.setattr(CpuBackend, "slot_size", slot_size)
    monkeypatch.setattr(ShardState, "open_slot", open_slot)
    plan = make_plan(size=members, training={"epochs": 1, "batch_size": 50})
    train_shard(plan, images, labels, n_outputs=3, backend=get_backend("cpu", "float64"))
    family = create_family(plan.shared["model"], (4,), 3)
    # A batch is no larger than the data.
    assert asked == [(family.parameters.width, 20, family.graph_size)] and opened == sizes
