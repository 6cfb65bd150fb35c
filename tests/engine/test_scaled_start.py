"""Training under a scaling and scale-invariant SGD: weights, rates, naive twins, bits."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
import torch
from made.scaled import GD, IMAGES, RESNET, scaled, start

from layeratlas.backends import get_backend
from layeratlas.engine.loop import train_shard
from layeratlas.engine.start import start_of
from layeratlas.networks.registry import create_family
from layeratlas.networks.scalings import ScalingError, table
from layeratlas.probes import calibration

# --- where members start ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("ntk", {}), ("mf_mup", {}), ("fsc", {}), ("mup", {}), ("default", {}), ("kaiming", {}),
        ("resnet_fsc", RESNET), ("default", RESNET), ("kaiming", RESNET),
    ],
)  # fmt: skip
@pytest.mark.parametrize("setting", ["dense", "sparse"])
def test_weights_and_rates_are_the_tables(make_plan, data, name, model, setting):
    """Each member's slope changes its spread; biases are zero and stay."""
    wide = {"width": 400, "depth": 4}
    plan = make_plan(3, model=wide, training=GD, negative_slope=(0.0, 0.5, 1.0))
    plan = scaled(plan, name, setting=setting, model=model)
    family, begin = start(plan, data)
    theta, _ = begin.weights([0, 1, 2])
    rates = begin.rates([0, 1, 2])
    views = family.parameters.views(theta)
    for e, slope in enumerate(plan.members["negative_slope"]):
        expected = table(
            name, 4, 400, 7, 3, model.get("branch_scale"), architecture=family_of(plan),
            setting=setting, negative_slope=slope,
        )  # fmt: skip
        for t, tensor in enumerate(family.parameters.tensors):
            values = views[tensor.name][e]
            if tensor.role == "bias":
                assert (values == 0).all() and rates[e, t] == 0
                continue
            row = expected.rows[tensor.layer - 1]
            assert values.std() == pytest.approx(row.std, rel=5 / np.sqrt(2 * values.size))
            assert rates[e, t] == row.learning_rate
            if expected.distribution == "uniform":
                assert np.abs(values).max() <= np.sqrt(3) * row.std
            else:
                assert np.abs(values).max() > 2.5 * row.std


def family_of(plan) -> str:
    return plan.shared["model"]["family"]


def test_convolutions_are_drawn_by_their_own_fan_in(make_plan):
    cnn = {"family": "block_cnn", "channels": 8, "initialization": "uniform_fan_in"}
    plan = scaled(make_plan(1, model={"depth": 4}, training=GD), "kaiming", model=cnn)
    family = create_family(plan.shared["model"], (2, 6, 6), 3)
    x = np.zeros((20, 2, 6, 6))
    theta, _ = start_of(plan, family, x, np.zeros(20, int)).weights([0])
    for name, view in family.parameters.views(theta).items():
        if name.startswith("weight"):
            fan_in = view[0].size // view.shape[1]
            # Slope 0.1: gain 2/(1 + 0.01) in the hidden rows, as in the first and the last.
            assert view.std() == pytest.approx(np.sqrt(2 / 1.01 / fan_in), rel=0.25)


def test_scalings_share_their_draws(make_plan, data):
    plan = make_plan(1, training=GD, model={"depth": 5}, negative_slope=0.0)
    drawn = []
    for name in ("ntk", "fsc"):
        family, begin = start(scaled(plan, name), data)
        drawn.append(family.parameters.views(begin.weights([0])[0])["weight_5"])
    np.testing.assert_allclose(drawn[1] / drawn[0], np.sqrt(5 / 9), rtol=1e-12)


def test_members_of_several_scalings_start_as_alone(make_plan, data):
    names = ("ntk", "default", "fsc_auto", "fsc")
    plan = make_plan(4, training=GD, model={"depth": 4})
    _, together = start(scaled(plan, names), data)
    theta, rates = together.weights(range(4))[0], together.rates(range(4))
    for i, name in enumerate(names):
        _, alone = start(scaled(plan, name), data)
        np.testing.assert_array_equal(alone.weights([i])[0][0], theta[i])
        np.testing.assert_array_equal(alone.rates([i])[0], rates[i])


def test_calibration_that_does_not_settle_says_which_run(make_plan, data, monkeypatch):
    def fail(*arguments):
        raise ScalingError("FSC calibration: no")

    monkeypatch.setattr(calibration, "calibrate_fsc", fail)
    plan = scaled(make_plan(1, training=GD, seed=7), "fsc_auto")
    with pytest.raises(ScalingError, match="'fsc_auto', seed 7: FSC calibration: no"):
        start(plan, data)[1].weights([0])


# --- naive twins --------------------------------------------------------------------------------


def naive_mlp(named, x, slope):
    h, depth = x, len(named) // 2
    for layer in range(1, depth):
        z = h @ named[f"weight_{layer}"].T + named[f"bias_{layer}"]
        h = torch.nn.functional.leaky_relu(z, slope)
    return h @ named[f"weight_{depth}"].T + named[f"bias_{depth}"]


def naive_resnet(named, x, slope, beta=RESNET["branch_scale"]):
    depth = len(named) // 2
    f = x @ named["weight_1"].T + named["bias_1"]
    for layer in range(2, depth):
        branch = torch.nn.functional.leaky_relu(f, slope) @ named[f"weight_{layer}"].T
        f = (1 - beta**2) ** 0.5 * f + beta * branch + named[f"bias_{layer}"]
    return f @ named[f"weight_{depth}"].T + named[f"bias_{depth}"]


def naive_training(plan, data, member):
    """Full-batch descent in plain torch: losses and weights after each of the epochs."""
    x, y = (torch.as_tensor(a) for a in data)
    family, begin = start(plan, data)
    theta, _ = begin.weights([member])
    views = family.parameters.views(torch.as_tensor(theta))
    named = {name: view[0].clone().requires_grad_() for name, view in views.items()}
    rates = dict(zip(named, begin.rates([member])[0], strict=True))
    step, slope = (plan.members[n][member] for n in ("learning_rate", "negative_slope"))
    forward = naive_resnet if family_of(plan) == "residual_mlp" else naive_mlp
    invariant = plan.shared["training"]["optimizer"] == "scale_invariant_sgd"
    losses = []
    for _ in range(plan.shared["training"]["epochs"]):
        loss = torch.nn.functional.cross_entropy(forward(named, x, slope), y)
        gradients = dict(zip(named, torch.autograd.grad(loss, list(named.values())), strict=True))
        depth = family.depth
        for layer in range(1, depth + 1):
            block = [n for n in (f"weight_{layer}", f"bias_{layer}") if rates[n]]
            square = sum(gradients[n].square().sum() for n in block)
            for name in block:
                eta = 1 / (depth * square) if invariant else rates[name]
                named[name].data -= step * eta * gradients[name]
        losses.append(loss.item())
    return losses, {name: t.detach().numpy() for name, t in named.items()}


@pytest.mark.parametrize("on_torch", [False, True], ids=["fused", "torch"])
@pytest.mark.parametrize(
    ("scaling", "model"),
    [("fsc", {}), ("mf_mup", {}), ("fsc_auto", {}), ("resnet_fsc", RESNET), ("fsc_auto", RESNET),
     (None, {}), (None, RESNET)],
)  # fmt: skip
@pytest.mark.parametrize("optimizer", ["sgd", "scale_invariant_sgd"])
def test_training_is_the_naive_loop(make_plan, data, scaling, model, optimizer, on_torch):
    plan = make_plan(
        2, model={"depth": 4}, training={"optimizer": optimizer, "epochs": 5, "batch_size": "full"},
        negative_slope=(0.0, 0.3), learning_rate=(0.05, 0.02),
    )  # fmt: skip
    if scaling:
        plan = scaled(plan, scaling, model=model)
    else:
        shared = {**plan.shared, "model": {**plan.shared["model"], **model}}
        plan = dataclasses.replace(plan, shared=shared)
    backend = get_backend("cpu", "float64", torch=on_torch)
    result = train_shard(plan, *data, n_outputs=3, backend=backend)
    family = create_family(plan.shared["model"], (IMAGES[1],), 3)
    ends = family.parameters.views(result.theta[:, -1])
    for e in range(2):
        losses, named = naive_training(plan, data, e)
        np.testing.assert_allclose(result.train_loss[e], losses, rtol=1e-9)
        for name, tensor in named.items():
            np.testing.assert_allclose(ends[name][e], tensor, rtol=1e-8, atol=1e-10, err_msg=name)
            if scaling and name.startswith("bias"):
                assert (ends[name][e] == 0).all()


def test_rescaled_weights_give_the_same_function_under_scale_invariant_steps(make_plan, data):
    """I9 with I8: w = s y, all slopes 1: the loss curve does not change."""
    plan = make_plan(1, model={"depth": 3}, negative_slope=1.0, learning_rate=0.03,
                     training={"optimizer": "scale_invariant_sgd", "batch_size": "full",
                               "epochs": 6})  # fmt: skip
    plan = scaled(plan, "kaiming")
    curves = []
    for factors in ((1, 1, 1), (4, 0.5, 0.5)):
        begin = start(plan, data)[1]
        theta, statistics = begin.weights([0])
        views = start(plan, data)[0].parameters.views(theta)
        for layer, factor in enumerate(factors, start=1):
            views[f"weight_{layer}"][...] *= factor

        class Rescaled:
            def weights(self, members, theta=theta, statistics=statistics):
                return theta, statistics

            def rates(self, members, begin=begin):
                return begin.rates(members)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("layeratlas.engine.loop.start_of", lambda *a, r=Rescaled: r())
            curves.append(
                train_shard(
                    plan, *data, n_outputs=3, backend=get_backend("cpu", "float64")
                ).train_loss
            )
    np.testing.assert_allclose(curves[0], curves[1], rtol=1e-9)


# --- bits, ends and breaks ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "model"), [("fsc", {}), ("fsc_auto", {}), ("resnet_fsc", RESNET), (None, {})]
)
@pytest.mark.parametrize("optimizer", ["sgd", "scale_invariant_sgd"])
def test_a_scaled_runs_bits_are_its_own(make_plan, select, data, name, model, optimizer):
    """Slots, neighbours, a divergence, early stops and breaks do not reach a member's numbers."""
    images, labels = data
    plan = make_plan(
        5, model={"depth": 4, "width": 21},
        training={"optimizer": optimizer, "epochs": 6,
                  "early_stop": {"loss_below": 0.7, "change_below": 0.0}},
        checkpoints=(0, 2, 6), dtype="float32", seed=(1, 2, 3, 1, 2),
        negative_slope=(0.0, 0.2, 0.4, 1.0, 0.0), learning_rate=(0.1, 0.02, 1e38, 0.05, 0.1),
    )  # fmt: skip
    plan = scaled(plan, name, model=model) if name else plan

    def train(plan, **options):
        backend = get_backend("cpu", "float32")
        return train_shard(plan, images, labels, n_outputs=3, backend=backend, **options)

    whole = train(plan, slot_size=5)
    assert whole.status[2] == 1

    def assert_same(result, rows=slice(None)):
        for field, value in whole.arrays().items():
            np.testing.assert_array_equal(result.arrays()[field], value[rows], err_msg=field)

    for size in (1, 2):
        assert_same(train(plan, slot_size=size))
    assert_same(train(select(plan, [4, 0, 3]), slot_size=8), [4, 0, 3])
    states = []
    train(plan, slot_size=2, save_every=0,
          save=lambda a: states.append({k: v.copy() for k, v in a.items()}))  # fmt: skip
    assert states
    for state in itertools.islice(states, 0, None, 3):
        assert_same(train(plan, slot_size=2, resume=state))
