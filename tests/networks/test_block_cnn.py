"""The ensemble BlockCNN against a plain `nn.Module`: features, gradients, training, its bits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from made.plain import PlainModule
from torch import nn

from layeratlas.backends import get_backend
from layeratlas.engine import archive
from layeratlas.engine.loop import train_shard
from layeratlas.engine.optimizers.registry import load_optimizer
from layeratlas.engine.settings import TrainingSettings
from layeratlas.engine.weights import weights_at
from layeratlas.errors import ConfigError
from layeratlas.losses.registry import loss_of
from layeratlas.networks.autograd import dropout_factors
from layeratlas.networks.block_cnn import BlockCNN, block_cnn_forward
from layeratlas.networks.registry import create_family, needs_torch
from layeratlas.networks.settings import BlockCNNSettings
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.streams import keys


class PlainCNN(PlainModule):
    """One member, written as the paper writes it: activation first, then pooling."""

    def __init__(self, family: BlockCNN, theta, statistics, member: int, slope: float):
        c, n_maps = family.channels, family.depth - 1
        colours, rows, columns = family.image_shape
        inputs = [colours, *[c] * n_maps]
        maps = [nn.Conv2d(n, c, 3, padding=1) for n in inputs[:-1]]
        maps.append(nn.Linear(inputs[-1] * rows * columns, family.layer_sizes[-1]))
        norms = (nn.BatchNorm2d(n) if family.has_batch_norm else nn.Identity() for n in inputs)
        super().__init__(maps, norms)
        self.slope, self.depth = float(slope), family.depth
        self.fill(family, theta, statistics, member)

    def forward(self, x, masks=None):
        h = self.norms[0](x)
        features = [h.flatten(1)]
        for layer in range(1, self.depth):
            z = self.norms[layer](self.maps[layer - 1](h))
            a = nn.functional.max_pool2d(nn.functional.leaky_relu(z, self.slope), 2)
            features.append(a.flatten(1))
            h = nn.functional.interpolate(a, scale_factor=2, mode="nearest")
            h = h if masks is None else h * masks[layer]
        features.append(self.maps[-1](h.flatten(1)))
        return features


def random_weights(family: BlockCNN, members: int, seed: int):
    rng = np.random.default_rng(seed)
    theta, statistics = family.initialize(range(members))
    for name, view in family.parameters.views(theta).items():
        if not name.startswith("weight"):
            view += 0.3 * rng.normal(size=view.shape)
    return theta, statistics


@pytest.fixture(scope="module")
def cnn_plan(make_plan):
    """`make_plan` for small CNNs, three epochs on the full batch."""

    def plan(size, *, model=None, training=None, **changes) -> ShardPlan:
        return make_plan(
            size,
            network=BlockCNNSettings,
            model={"depth": 3, "channels": 3} | (model or {}),
            training={"epochs": 3, "batch_size": "full"} | (training or {}),
            **changes,
        )

    return plan


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=24)
    return rng.normal(size=(3, 2, 4, 4))[labels] + 0.5 * rng.normal(size=(24, 2, 4, 4)), labels


def train(plan, data, **options):
    backend = get_backend("cpu", plan.shared["dtype"], torch=True)
    return train_shard(plan, *data, n_outputs=3, backend=backend, **options)


networks = st.builds(
    BlockCNN,
    depth=st.integers(1, 4),
    channels=st.integers(1, 4),
    image_shape=st.tuples(st.integers(1, 3), st.sampled_from([2, 4]), st.sampled_from([2, 6])),
    n_classes=st.integers(2, 4),
    batch_norm=st.booleans(),
)


# --- the network of the paper -------------------------------------------------------------------
def test_the_published_network_has_42576_parameters():
    settings_ = BlockCNNSettings().model_dump()
    family = create_family(settings_, (3, 10, 10), 10)
    assert family.parameters.size == 42_576
    assert family.layer_sizes == (300, *[500] * 7, 10)
    assert len(family.layer_names) == 9
    assert needs_torch({"family": "block_cnn"})


def test_grey_images_give_it_one_input_channel():
    family = create_family(BlockCNNSettings().model_dump(), (1, 10, 10), 10)
    shapes = {t.name: t.shape for t in family.parameters.tensors}
    assert shapes["scale_0"] == (1,)
    assert shapes["weight_1"] == (20, 1, 3, 3)


@pytest.mark.parametrize("shape", [(3, 9, 10), (3, 10, 9), (100,)])
def test_images_that_pooling_would_shrink_are_refused(shape):
    with pytest.raises(ConfigError, match="even numbers of rows"):
        create_family(BlockCNNSettings().model_dump(), shape, 10)


@pytest.mark.parametrize("kind", ["uniform_fan_in", "kaiming_normal"])
def test_initial_weights(kind):
    family = BlockCNN(
        depth=3, channels=20, image_shape=(3, 10, 10), n_classes=10, batch_norm=True,
        initialization=kind,
    )  # fmt: skip
    theta, statistics = family.initialize([1, 2, 1])
    assert (theta[0] == theta[2]).all()
    assert (theta[0] != theta[1]).any()
    views = family.parameters.views(theta)
    for layer, fan_in in ((1, 27), (2, 180), (3, 2000)):
        weight, bias = views[f"weight_{layer}"][0], views[f"bias_{layer}"][0]
        if kind == "kaiming_normal":
            assert (bias == 0).all()
            assert weight.std() == pytest.approx((2 / fan_in) ** 0.5, rel=0.1)
        else:
            assert abs(weight).max() <= fan_in**-0.5
            assert abs(bias).max() <= fan_in**-0.5
            assert weight.std() == pytest.approx((3 * fan_in) ** -0.5, rel=0.1)
    running = family.statistics.views(statistics)
    assert (running["running_var_1"] == 1).all()
    assert (running["running_mean_1"] == 0).all()


# --- against the plain network ------------------------------------------------------------------
@settings(max_examples=25)
@given(family=networks, batch=st.integers(2, 9), seed=st.integers(0, 1000))
def test_features_are_those_of_the_plain_network(family, batch, seed):
    """Members together in one graph, and one by one in the ensemble; both batch-norm modes."""
    slopes = np.array([0.0, 0.3, 1.0])
    theta, statistics = random_weights(family, 3, seed)
    x = np.random.default_rng(seed).normal(size=(batch, *family.image_shape))
    flat = torch.as_tensor(x).flatten(1)
    backend = get_backend("cpu", "float64", torch=True)
    members = {"negative_slope": slopes, "dropout": np.full(3, 0.5)}
    ensemble = family.ensemble(
        backend,
        torch.as_tensor(theta),
        torch.as_tensor(statistics),
        members,
        loss_of({"loss": "cross_entropy"}),
    )
    named = family.parameters.views(torch.as_tensor(theta))
    running = family.statistics.views(torch.as_tensor(statistics))
    for mode in ("running_statistics", "batch_statistics"):
        together, updated = block_cnn_forward(
            family, named, running, flat.expand(3, *flat.shape),
            {"negative_slope": torch.as_tensor(slopes)}, mode,
        )  # fmt: skip
        alone = [f.values for f in ensemble.features(flat, mode)]
        for e in range(3):
            network = PlainCNN(family, theta, statistics, e, slopes[e])
            network.train(mode == "batch_statistics")
            expected = network(torch.as_tensor(x))
            for layer, values in enumerate(expected):
                assert values.shape[1] == family.layer_sizes[layer]
                for found in (together, alone):
                    torch.testing.assert_close(found[layer][e], values, rtol=1e-9, atol=1e-10)
            for name, tensor in network.named().items():
                if name in updated:
                    torch.testing.assert_close(updated[name][e], tensor, rtol=1e-10, atol=1e-12)
    assert (ensemble.statistics.numpy() == statistics).all()


@settings(max_examples=25)
@given(
    family=networks,
    batch=st.integers(2, 9),
    rate=st.sampled_from([0.0, 0.4]),
    step=st.integers(0, 3),
    seed=st.integers(0, 1000),
)
def test_gradient_is_that_of_the_plain_network(plain_loss, family, batch, rate, step, seed):
    rng = np.random.default_rng(seed)
    slopes, rates = np.array([0.0, 0.3]), np.array([rate, 0.0])
    theta, statistics = random_weights(family, 2, seed)
    x = torch.as_tensor(rng.normal(size=(2, batch, *family.image_shape)))
    labels = torch.as_tensor(rng.integers(family.layer_sizes[-1], size=(2, batch)))
    backend = get_backend("cpu", "float64", torch=True)
    words = backend.keys(keys([1, 2], "dropout", 1))
    ensemble = family.ensemble(
        backend, torch.tensor(theta), torch.tensor(statistics),
        {"negative_slope": slopes, "dropout": rates}, loss_of({"loss": "cross_entropy"}),
    )  # fmt: skip
    ensemble.loss_and_gradient(x.flatten(2), labels, words, step)
    gradient = family.parameters.views(ensemble.gradient)
    running = family.statistics.views(ensemble.statistics)
    shape = (batch, *family.image_shape[1:], family.channels)
    masks = [
        dropout_factors(
            backend, backend.vector(rates), words, step * (family.depth + 1) + layer, shape
        ).movedim(4, 2)
        for layer in range(family.depth)
    ]
    for e in range(2):
        network = PlainCNN(family, theta, statistics, e, slopes[e])
        loss = plain_loss("cross_entropy")(network(x[e], [m[e] for m in masks])[-1], labels[e])
        loss.backward()
        torch.testing.assert_close(ensemble.loss[e], loss.detach(), rtol=1e-10, atol=1e-12)
        tensors = network.named()
        size = sum(float(t.grad.square().sum()) for t in tensors.values() if t.grad is not None)
        for name, tensor in tensors.items():
            if name in running:
                torch.testing.assert_close(running[name][e], tensor, rtol=1e-10, atol=1e-12)
            else:
                assert (gradient[name][e] - tensor.grad).norm() <= 1e-9 * max(size**0.5, 1e-9)


@pytest.mark.parametrize("batch_norm", [True, False])
def test_training_is_the_textbook_loop(cnn_plan, images, plain_loss, batch_norm):
    """Adam on the full batch, running statistics included."""
    x, labels = images
    plan = cnn_plan(
        2, model={"batch_norm": batch_norm}, training={"epochs": 8}, negative_slope=(0.0, 0.5)
    )
    result = train(plan, images)
    family = create_family(plan.shared["model"], x.shape[1:], 3)
    theta, statistics = family.initialize([1, 2])
    for e, slope in enumerate((0.0, 0.5)):
        network = PlainCNN(family, theta, statistics, e, slope)
        adam = torch.optim.Adam(network.parameters(), lr=1e-2)
        losses = []
        for _ in range(8):
            adam.zero_grad()
            loss = plain_loss("cross_entropy")(
                network(torch.as_tensor(x))[-1], torch.as_tensor(labels)
            )
            loss.backward()
            adam.step()
            losses.append(loss.item())
        np.testing.assert_allclose(result.train_loss[e], losses, rtol=1e-7)
        found = family.parameters.views(result.theta[e : e + 1, -1])
        found |= family.statistics.views(result.statistics[e : e + 1, -1])
        for name, tensor in network.named().items():
            np.testing.assert_allclose(found[name][0], tensor.detach(), atol=1e-6, err_msg=name)


# --- in the engine ------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_runs_bits_are_its_own(cnn_plan, images, dtype):
    """In any slot and beside any neighbours; dropout, noise and minibatches on."""
    plan = cnn_plan(
        3, dtype=dtype, training={"batch_size": 10}, dropout=(0.0, 0.3, 0.5), input_noise=0.1
    )
    together = train(plan, images, slot_size=3)
    for size in (1, 2):
        apart = train(plan, images, slot_size=size)
        assert (apart.theta == together.theta).all()
        assert (apart.statistics == together.statistics).all()
    alone = cnn_plan(
        1, dtype=dtype, training={"batch_size": 10}, dropout=0.5, input_noise=0.1, seed=(3,)
    )
    assert (train(alone, images).theta[0] == together.theta[2]).all()


def test_a_resumed_shard_is_the_same(cnn_plan, images):
    plan = cnn_plan(2, training={"epochs": 4}, dropout=0.3)
    states = []
    whole = train(plan, images, save=states.append, save_every=0)
    assert states
    for state in states:
        again = train(plan, images, resume=state)
        assert (again.theta == whole.theta).all()
        assert (again.statistics == whole.statistics).all()


def test_dropout_and_seed_reach_the_network(cnn_plan, images):
    base = train(cnn_plan(1), images).theta
    assert (train(cnn_plan(1, dropout=0.3), images).theta != base).any()
    assert (train(cnn_plan(1, seed=(2,)), images).theta != base).any()


def test_rates_may_differ_by_tensor():
    family = BlockCNN(depth=2, channels=2, image_shape=(1, 4, 4), n_classes=2, batch_norm=True)
    backend = get_backend("cpu", "float64", torch=True)
    theta, statistics = (backend.from_numpy(a) for a in family.initialize([1]))
    members = {"negative_slope": np.zeros(1), "dropout": np.zeros(1)}
    ensemble = family.ensemble(
        backend, theta, statistics, members, loss_of({"loss": "cross_entropy"})
    )
    before = theta.clone()
    rng = np.random.default_rng(0)
    x = backend.from_numpy(rng.normal(size=(1, 8, 16)))
    y = backend.from_numpy(rng.integers(2, size=(1, 8)))
    ensemble.loss_and_gradient(x, y, backend.keys(keys([1], "dropout", 1)), 0)
    rates = np.array([[0.1 * (t.layer == 1) for t in family.parameters.tensors]])
    training = TrainingSettings().model_dump()
    optimizer = load_optimizer(training["optimizer"])
    optimizer(training, family.parameters, backend, rates).step(theta, ensemble.gradient, 1)
    old, new = family.parameters.views(before), family.parameters.views(theta)
    moved = {name for name in new if not torch.equal(old[name], new[name])}
    # The bias before a batch norm has no gradient at all.
    assert moved == {"weight_1", "scale_1", "shift_1"}


def test_a_trained_shard_comes_back_from_its_archive(cnn_plan, images):
    plan = cnn_plan(2)
    result = train(plan, images)
    family = create_family(plan.shared["model"], images[0].shape[1:], 3)
    tree = archive.to_tree(plan, family, result, "test")
    for i, epoch in enumerate(plan.checkpoints):
        for layout, flat in (
            (family.parameters, result.theta),
            (family.statistics, result.statistics),
        ):
            back = layout.views(weights_at(tree, layout, epoch))
            for name, values in layout.views(flat[:, i]).items():
                np.testing.assert_array_equal(back[name], values)
