"""Networks of public model zoos as families: gradients, features, maps, starts, training."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from made import zoo
from made.modules import SHAPE, ZOO, family_of
from torch import nn

from layeratlas.backends import get_backend
from layeratlas.engine.loop import train_shard
from layeratlas.engine.scaled_start import ScaledStart
from layeratlas.losses.cross_entropy import CrossEntropy
from layeratlas.metrics.separation import data_separation
from layeratlas.networks.initialization.laws import Laws
from layeratlas.networks.module.construct import construct
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.streams import keys

networks = pytest.mark.parametrize("name", ZOO)


def plain(name: str, seed: int, dtype=torch.float64) -> nn.Module:
    """The module itself, as its authors would run it."""
    made = construct(f"made.zoo:{name}", ZOO[name][0], SHAPE, 4, seed)
    return made.to(dtype)


def ensemble_of(family, seeds, dtype="float64"):
    backend = get_backend("cpu", dtype, torch=True)
    theta, statistics = family.initialize(seeds)
    return backend, family.ensemble(
        backend, backend.from_numpy(theta), backend.from_numpy(statistics), {}, CrossEntropy()
    )


def packed(module: nn.Module) -> dict[str, torch.Tensor]:
    """Gradients or statistics of a module under the layout's names."""
    found = {}
    for name, part in module.named_modules():
        prefix = f"{name}." if name else ""
        if isinstance(part, nn.MultiheadAttention):
            for key, gradient in (("weight", part.in_proj_weight), ("bias", part.in_proj_bias)):
                for which, piece in zip(
                    ("query", "key", "value"), gradient.grad.chunk(3), strict=True
                ):
                    found[f"{prefix}{which}.{key}"] = piece
            continue
        for key, value in part.named_parameters(recurse=False):
            found[prefix + key] = value.grad
    return found


@networks
def test_gradients_losses_and_statistics_are_those_of_the_module_alone(name):
    family = family_of(name)
    backend, ensemble = ensemble_of(family, [3, 8])
    rng = np.random.default_rng(1)
    x, labels = torch.as_tensor(rng.normal(size=(2, 7, 192))), torch.randint(4, (2, 7))
    for _ in range(2):
        ensemble.loss_and_gradient(x, labels, backend.keys(keys([3, 8], "dropout", 1)), 0)
    gradients = family.parameters.views(ensemble.gradient)
    running = family.statistics.views(ensemble.statistics)
    for e, seed in enumerate([3, 8]):
        module = plain(name, seed)
        for _ in range(2):
            module.zero_grad()
            loss = nn.functional.cross_entropy(module(x[e].view(7, *SHAPE)), labels[e])
            loss.backward()
        torch.testing.assert_close(ensemble.loss[e], loss.detach(), rtol=1e-12, atol=1e-13)
        found = packed(module)
        assert set(found) == set(gradients)
        for key, gradient in found.items():
            torch.testing.assert_close(gradients[key][e], gradient, rtol=1e-10, atol=1e-12)
        for key, value in module.named_buffers():
            if key in running:
                torch.testing.assert_close(running[key][e], value, rtol=1e-12, atol=1e-13)


@networks
@pytest.mark.parametrize("mode", ["running_statistics", "batch_statistics"])
def test_features_are_what_the_maps_read(name, mode):
    family = family_of(name)
    _, ensemble = ensemble_of(family, [3, 8])
    x = torch.as_tensor(np.random.default_rng(1).normal(size=(7, 192)))
    found = list(ensemble.features(x, mode))
    assert [f.values.shape[2] for f in found] == list(family.layer_sizes)
    for e, seed in enumerate([3, 8]):
        expected = hand_written(name, plain(name, seed), x, mode)
        assert len(expected) == len(found)
        for layer, values in enumerate(expected):
            if values is None:
                continue
            torch.testing.assert_close(found[layer].values[e], values, rtol=1e-10, atol=1e-11)


def hand_written(name, module, x, mode="running_statistics") -> list[torch.Tensor | None]:
    """Inputs of the modules listed above by hooks, and the output."""
    module.train(mode == "batch_statistics")
    kept, handles = {}, []
    for part in filter(None, ZOO[name][1]):

        def hook(_, args, part=part):
            # The decoder reads the encoder's output, as keys; that is the longest chain of maps.
            read = args[part == "decoder.multihead_attn"].detach().clone()
            kept[part] = read.transpose(0, 1) if name == "Seq2Seq" and len(read) == 8 else read

        handles.append(module.get_submodule(part).register_forward_pre_hook(hook))
    with torch.no_grad():
        output = module(x.view(len(x), *SHAPE))
    for handle in handles:
        handle.remove()
    return [*(kept[part].flatten(1) if part else None for part in ZOO[name][1]), output]


@networks
def test_load_curves_after_training_are_those_of_a_hand_written_loop(name, make_plan, images):
    """Data separation of every layer after SGD with momentum on minibatches in a fixed order."""
    x, labels = images
    steps = {"epochs": 3, "batch_size": "full", "optimizer": "sgd", "momentum": 0.5}
    plan = make_plan(2, model={}, training=steps, learning_rate=0.05)
    plan = module_plan(plan, name)
    backend = get_backend("cpu", "float64", torch=True)
    result = train_shard(plan, x, labels, n_outputs=4, backend=backend)
    family = family_of(name)
    theta, statistics = (
        backend.from_numpy(values[:, -1]) for values in (result.theta, result.statistics)
    )
    ensemble = family.ensemble(backend, theta, statistics, {}, CrossEntropy())
    flat = torch.as_tensor(x).flatten(1)
    y = torch.as_tensor(labels)
    curves = [data_separation(f.values, y) for f in ensemble.features(flat)]
    for e, seed in enumerate(plan.members["seed"]):
        module = plain(name, seed)
        optimizer = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.5)
        for _ in range(3):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(module(torch.as_tensor(x)), y)
            loss.backward()
            optimizer.step()
        for layer, values in enumerate(hand_written(name, module, flat)):
            if values is None:
                continue
            own = data_separation(values[None], y)
            assert float(curves[layer][e]) == pytest.approx(float(own[0]), rel=1e-5)


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    labels = rng.integers(4, size=40)
    return rng.normal(size=(4, *SHAPE))[labels] + 0.8 * rng.normal(size=(40, *SHAPE)), labels


def module_plan(plan, name, **model):
    settings = ZOO[name][0] if name in ZOO else {}
    network = {"family": "module", "from": f"made.zoo:{name}", "settings": settings} | model
    members = {k: v for k, v in plan.members.items() if k not in ("negative_slope", "dropout")}
    return ShardPlan(
        plan.key, plan.run_ids, {**plan.shared, "model": network}, members, plan.checkpoints
    )


# --- the main path, layers and names ------------------------------------------------------------
def test_shortcuts_are_off_the_main_path():
    affines = {a.name: a for a in family_of("ResNet").affines}
    assert not affines["layer2.downsample.0"].main_path
    assert affines["layer2.downsample.0"].layer == affines["layer2.conv1"].layer == 4
    assert [a.name for a in affines.values() if not a.main_path] == [
        "layer2.downsample.0", "layer2.downsample.1",
    ]  # fmt: skip
    assert {a.kind for a in affines.values()} == {"conv", "dense", "scale"}


def test_query_key_and_value_read_one_feature():
    family = family_of("ViT")
    affines = {a.name: a for a in family.affines}
    layer = affines["encoder.layers.0.self_attn.query"].layer
    assert {affines[f"encoder.layers.0.self_attn.{n}"].layer for n in ("key", "value")} == {layer}
    assert family.layer_names[layer] == "encoder.layers.0.self_attn"
    assert all(a.main_path for a in family.affines)
    assert affines["head"].kind == "dense"
    assert affines["encoder.layers.1.linear2"].kind == "token"


def test_layers_are_chosen_and_ordered_by_patterns():
    family = family_of("ResNet", layers=["fc", "layer*.conv1"])
    assert family.layer_names == ("input", "fc", "layer1.conv1", "layer2.conv1")
    chosen = {a.name for a in family.affines if a.main_path and a.kind != "scale"}
    assert chosen == {"fc", "layer1.conv1", "layer2.conv1"}


def test_tokens_are_embedded_and_shared_weights_are_one_tensor():
    """Of an embedding that is also the read-out the gradient is the sum over both uses."""
    family = family_of("GPT", input_shape=(6,), n_outputs=11, tokens=True)
    names = [t.name for t in family.parameters.tensors]
    assert "lm_head.weight" not in names
    uses = {a.name: a.weight for a in family.affines}
    assert uses["wte"] == uses["lm_head"] == "wte.weight"
    assert "wpe" not in uses
    tokens = torch.randint(11, (3, 6))
    theta, _ = family.initialize([2])
    leaves = {
        n: torch.as_tensor(v).requires_grad_() for n, v in family.parameters.views(theta).items()
    }
    features, _ = family_forward(family, leaves, tokens[None].double())
    loss = nn.functional.cross_entropy(features[-1][0].view(3, 6, 11).flatten(0, 1),
                                       tokens.flatten())  # fmt: skip
    loss.backward()
    module = zoo.GPT(11, (6,)).double()
    with torch.no_grad():
        state = construct("made.zoo:GPT", {}, (6,), 11, 2).double().state_dict()
        module.load_state_dict(state)
    nn.functional.cross_entropy(module(tokens).flatten(0, 1), tokens.flatten()).backward()
    torch.testing.assert_close(leaves["wte.weight"].grad[0], module.wte.weight.grad)


def test_a_text_is_trained_on(make_plan):
    """Next tokens, positions as samples: the loss falls below that of not knowing anything."""
    rng = np.random.default_rng(0)
    tokens = (rng.integers(5, size=(60, 1)) + np.arange(7)) % 5
    plan = make_plan(2, model={}, training={"epochs": 30, "batch_size": 20}, learning_rate=0.02)
    plan = module_plan(plan, "GPT")
    backend = get_backend("cpu", "float64", torch=True)
    result = train_shard(plan, tokens[:, :-1], tokens[:, 1:], n_outputs=5, backend=backend)
    assert (result.train_loss[:, 0] > 1).all()
    assert (result.train_loss[:, -1] < 0.3).all()


def family_forward(family, leaves, x):
    from layeratlas.networks.module.forward import module_forward

    return module_forward(family, leaves, {}, x, {}, "running_statistics")


# --- starts -------------------------------------------------------------------------------------
def test_a_member_starts_from_its_seed_alone():
    family = family_of("VGG")
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    theta, _ = family.initialize([1, 2, 1])
    assert (theta[0] == theta[2]).all()
    assert (theta[0] != theta[1]).any()
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()


def test_a_law_draws_the_weights_of_all_maps_by_fan_in():
    own, law = family_of("ViT"), family_of("ViT", laws=Laws("kaiming_normal"))
    theta = law.initialize([1])[0]
    views = law.parameters.views(theta)
    assert (views["patch.bias"] == 0).all()
    weight = views["encoder.layers.0.linear1.weight"]
    assert weight.std() == pytest.approx((2 / 8) ** 0.5, rel=0.2)
    same = own.parameters.views(own.initialize([1])[0])
    assert (views["pos"] == same["pos"]).all()
    assert (views["patch.weight"] != same["patch.weight"]).all()


@pytest.mark.parametrize("name", ["default", "kaiming"])
def test_scalings_by_fan_in_draw_every_map_and_freeze_its_bias(make_plan, name):
    plan = module_plan(make_plan(2, model={}, training={"optimizer": "sgd"}), "ViT")
    shared = {**plan.shared, "scaling": {"name": name, "setting": "dense"}}
    plan = ShardPlan(plan.key, plan.run_ids, shared, {**plan.members, "scaling": (name,) * 2}, ())
    family = family_of("ViT")
    start = ScaledStart(plan, family, np.zeros((2, 192)), np.zeros(2, int))
    theta, _ = start.weights([0, 1])
    views = family.parameters.views(theta)
    std = {"default": (3 * 48) ** -0.5, "kaiming": (2 / 48) ** 0.5}[name]
    assert views["patch.weight"].std() == pytest.approx(std, rel=0.15)
    own = family.parameters.views(family.initialize([1])[0])
    # What no map reads keeps the value that its constructor gave it.
    assert (views["pos"][0] == own["pos"][0]).all()
    assert (views["patch.bias"] == 0).all()
    rates = dict(zip([t.name for t in family.parameters.tensors], start.rates([0])[0], strict=True))
    assert rates["patch.bias"] == rates["encoder.layers.0.self_attn.query.bias"] == 0
    assert rates["patch.weight"] == rates["pos"] == rates["encoder.layers.0.norm1.bias"] == 1


# --- in training --------------------------------------------------------------------------------
def test_numbers_do_not_depend_on_slots_and_resume_exactly(make_plan, images):
    """Dropout, attention's too, and batch norm: the same bits in any slot and after a stop."""
    x, labels = images
    changes = {"training": {"epochs": 3, "batch_size": 16}, "dtype": "float32"}
    for name, model in (("ViT", {"settings": {"dropout": 0.2}}), ("ResNet", {})):
        plan = module_plan(make_plan(3, model={}, **changes), name, **model)
        backend = get_backend("cpu", "float32", torch=True)
        saved = []
        whole = train_shard(
            plan,
            x,
            labels,
            n_outputs=4,
            backend=backend,
            save_every=0,
            save=lambda arrays, saved=saved: saved.append(copy.deepcopy(arrays)),
        )
        alone = train_shard(plan, x, labels, n_outputs=4, backend=backend, slot_size=1)
        again = train_shard(plan, x, labels, n_outputs=4, backend=backend, resume=saved[0])
        for other in (alone, again):
            assert (other.theta == whole.theta).all()
            assert (other.statistics == whole.statistics).all()
            assert (other.train_loss == whole.train_loss).all()
        assert (whole.theta[0] != whole.theta[1]).any()
