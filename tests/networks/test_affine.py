"""Affine maps: what a family says of them, its forward notes and autograd finds."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from made.networks import MODES, random_ensemble

from layeratlas.networks.affine import Affine, chosen_maps, stack_of, stacked, with_parts
from layeratlas.networks.registry import create_family, load_forward
from layeratlas.networks.tape import Tape

MODELS = [
    {"family": "mlp", "depth": 4, "width": 6, "batch_norm": True},
    {"family": "mlp", "depth": 1, "width": 6, "batch_norm": True},
    {"family": "mlp", "depth": 3, "width": 5, "batch_norm": False},
    {"family": "residual_mlp", "depth": 4, "width": 6, "branch_scale": 0.5},
    {"family": "block_cnn", "depth": 3, "channels": 2, "batch_norm": True},
    {"family": "block_cnn", "depth": 3, "channels": 3, "batch_norm": False},
    {"family": "mlp", "depth": 3, "width": 5, "batch_norm": True, "activation": "tanh"},
    {"family": "mlp", "depth": 3, "width": 5, "batch_norm": False, "bias": False},
    {"family": "mlp", "depth": 3, "width": 5, "batch_norm": True, "bias": False},
    {"family": "mlp", "depth": 3, "width": 4, "batch_norm": False, "output_bias": False},
    {"family": "residual_mlp", "depth": 4, "width": 6, "branch_scale": 0.3, "bias": False,
     "activation": "gelu"},
    {"family": "block_cnn", "depth": 3, "channels": 2, "batch_norm": False, "bias": False,
     "output_bias": True, "activation": "quadratic"},
    {"family": "block_cnn", "depth": 3, "channels": 2, "batch_norm": True, "activation": "gelu"},
]  # fmt: skip


def test_a_stack_names_its_maps_in_the_order_of_a_pass():
    assert stacked(["conv", "dense"], 2, [True, False]) == (
        Affine("batch_norm_0", "scale", "scale_0", "shift_0", 0),
        Affine("layer_1", "conv", "weight_1", "bias_1", 1),
        Affine("batch_norm_1", "scale", "scale_1", "shift_1", 1),
        Affine("layer_2", "dense", "weight_2", None, 2),
    )


def passed(model: dict, mode: str, members: int, samples: int, seed: int, shape=(2, 4, 4)):
    """A family, its tensors, and a pass in double precision with its features and its tape."""
    family = create_family({"initialization": "uniform_fan_in", **model}, shape, 3)
    theta, statistics = random_ensemble(family, members, seed)
    views = family.parameters.views(torch.as_tensor(theta))
    named = {name: view.clone().requires_grad_() for name, view in views.items()}
    running = family.statistics.views(torch.as_tensor(statistics))
    x = np.random.default_rng(seed).normal(size=(members, samples, family.layer_sizes[0]))
    slopes = np.random.default_rng(seed).choice([0.0, 0.3, 1.0], members)
    tape = Tape()
    features, updated = load_forward(model["family"])(
        family, named, running, torch.as_tensor(x), {"negative_slope": torch.as_tensor(slopes)},
        mode, tape=tape,
    )  # fmt: skip
    plain, moved = load_forward(model["family"])(
        family, named, running, torch.as_tensor(x), {"negative_slope": torch.as_tensor(slopes)},
        mode,
    )  # fmt: skip
    for found, expected in zip(features, plain, strict=True):
        assert torch.equal(found, expected)
    assert all(torch.equal(updated[name], moved[name]) for name in moved)
    return family, named, features, tape


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("model", MODELS, ids=str)
@settings(max_examples=5)
@given(members=st.integers(1, 3), samples=st.integers(2, 6), seed=st.integers(0, 999))
def test_rows_and_cotangents_are_autograds(model, mode, members, samples, seed):
    """h = W x + b on every row, and Σ cotangent ⊗ input is the gradient of W, to 1e-12."""
    family, named, features, tape = passed(model, mode, members, samples, seed)
    assert list(tape) == [affine.name for affine in family.affines]
    weighting = torch.randn(features[-1].shape, dtype=torch.float64)
    value = (features[-1] * weighting).sum()
    tensors = [named[affine.weight] for affine in family.affines]
    found = torch.autograd.grad(
        value, [*tensors, *(tape[a.name].given for a in family.affines)], retain_graph=True
    )
    for affine, of_weight, of_given in zip(
        family.affines, found[: len(tensors)], found[len(tensors) :], strict=True
    ):
        noted, weight = tape[affine.name], named[affine.weight]
        inputs, cotangent = noted.inputs, noted.cotangent(of_given)
        if affine.kind == "scale":
            outputs = inputs * weight[:, None, None]
            expected = torch.einsum("mspc,mspc->mc", cotangent, inputs)
        else:
            outputs = inputs @ weight.flatten(2).mT[:, None]
            expected = torch.einsum("mspo,mspi->moi", cotangent, inputs).view_as(weight)
        if affine.bias is not None:
            outputs = outputs + named[affine.bias][:, None, None]
        close(noted.outputs, outputs)
        close(of_weight, expected)
        if affine.bias is not None and affine.kind != "scale":
            (of_bias,) = torch.autograd.grad(
                value, [named[affine.bias]], retain_graph=True, materialize_grads=True,
                allow_unused=True,
            )  # fmt: skip
            close(of_bias, cotangent.sum((1, 2)))


def close(found, expected) -> None:
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


def test_maps_are_chosen_by_patterns_in_their_order():
    maps = stacked(["conv", "dense", "dense"], 1, [False] * 3)
    assert chosen_maps(maps, None) == maps
    assert [a.name for a in chosen_maps(maps, ["layer_3", "batch*"])] == ["batch_norm_0", "layer_3"]
    with pytest.raises(ValueError, match=r"'conv\*' matches no affine map; there are batch_norm_0"):
        chosen_maps(maps, ["layer_1", "conv*"])


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_settings_of_a_stack_tell_names_and_layers(model):
    maps = create_family(model, (2, 4, 4), 3).affines
    assert [(a.name, a.layer) for a in stack_of(model)] == [(a.name, a.layer) for a in maps]
    assert stack_of({"family": "module", "from": "x:y"}) is None


def test_maps_are_shown_in_parts_where_they_have_rows():
    maps = (
        Affine("a.qkv", "token", "w", None, 1),
        Affine("b", "dense", "v", "c", 2),
        Affine("n", "scale", "s", None, 2),
    )
    parts = with_parts(maps, {"*.qkv": ["q", "k", "v"]})
    assert [one.name for one in parts] == ["a.qkv.q", "a.qkv.k", "a.qkv.v", "b", "n"]
    assert [one.part for one in parts] == [(0, 3), (1, 3), (2, 3), None, None]
    assert {one.noted for one in parts} == {"a.qkv", "b", "n"}
    assert with_parts(maps, None) == maps
    with pytest.raises(ValueError, match=r"'n' matches no affine map; there are a\.qkv, b$"):
        with_parts(maps, {"n": ["x", "y"]})
