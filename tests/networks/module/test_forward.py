"""The tape and derivatives of a user's module against autograd, in double precision."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from made.modules import ZOO, family_of
from made.taped import EXACT, check_maps, taped

from layeratlas.networks.module.forward import module_forward
from layeratlas.networks.tape import Tape

modes = pytest.mark.parametrize("mode", ["running_statistics", "batch_statistics"])


@modes
@pytest.mark.parametrize("name", ZOO)
def test_the_tape_of_a_zoo_is_autograds(name, mode):
    family = family_of(name)
    rng = np.random.default_rng(2)
    x, weights = (
        torch.as_tensor(rng.normal(size=(5, 192))),
        torch.as_tensor(rng.normal(size=(5, 4))),
    )
    check_maps(family, *taped(family, x, mode), weights)


@settings(max_examples=25)
@given(
    dimensions=st.sampled_from([1, 2]),
    kernel=st.sampled_from([1, 2, 3]),
    stride=st.sampled_from([1, 2]),
    padding=st.sampled_from([0, 1, "same", "valid"]),
    dilation=st.sampled_from([1, 2]),
    groups=st.sampled_from([1, 2]),
    mode=st.sampled_from(["zeros", "circular", "reflect"]),
    bias=st.booleans(),
    seed=st.integers(0, 99),
)
def test_convolutions_of_every_sort_are_rows(
    dimensions, kernel, stride, padding, dilation, groups, mode, bias, seed
):
    family = family_of(
        "", reference="made.modules:Convolutions", input_shape=(2, 6, 7),
        settings={
            "dimensions": dimensions, "kernel_size": kernel, "padding": padding,
            "stride": 1 if padding == "same" else stride, "dilation": dilation, "groups": groups,
            "padding_mode": mode, "bias": bias,
        },
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    x, weights = torch.as_tensor(rng.normal(size=(3, 84))), torch.as_tensor(rng.normal(size=(3, 4)))
    check_maps(family, *taped(family, x), weights)


def test_a_map_used_twice_is_noted_twice_and_its_gradient_is_the_sum():
    family = family_of("", reference="made.modules:Shared", settings={}, input_shape=(12,))
    assert [a.name for a in family.affines] == ["folded", "twice", "twice@2", "head"]
    x = torch.as_tensor(np.random.default_rng(1).normal(size=(5, 12)))
    features, named, tape = taped(family, x)
    assert tape["folded"].inputs.shape == (1, 5, 3, 4)
    check_maps(family, features, named, tape, torch.ones(5, 4, dtype=torch.float64))


def test_the_tape_of_an_embedding_reads_one_hot_rows():
    family = family_of("GPT", input_shape=(6,), n_outputs=11, tokens=True)
    tokens = torch.randint(11, (3, 6))
    features, named, tape = taped(family, tokens.double())
    assert (tape["wte"].inputs[0].argmax(2) == tokens).all()
    weights = torch.as_tensor(np.random.default_rng(1).normal(size=(3, 66)))
    loss = (features[-1] * weights).sum()
    loss.backward(retain_graph=True)
    total = 0
    for name in ("wte", "lm_head"):
        noted = tape[name]
        (gradient,) = torch.autograd.grad(loss, noted.given, retain_graph=True)
        rows, x = noted.cotangent(gradient)[0], noted.inputs[0]
        product = torch.einsum("spo,spi->oi", rows, x)
        total = total + (product.T if name == "wte" else product)
    torch.testing.assert_close(total, named["wte.weight"].grad[0], **EXACT)


def test_derivatives_by_a_feature_go_through_shortcuts_too():
    family = family_of("", reference="made.modules:Residual", settings={}, input_shape=(3,))
    x = torch.as_tensor(np.random.default_rng(1).normal(size=(6, 3)))
    features, named, _ = taped(family, x)
    (found,) = torch.autograd.grad(features[-1].sum(), features[1])
    head, second = named["head.weight"][0], named["second.weight"][0]
    expected = head.sum(0) @ (torch.eye(5, dtype=torch.float64) + second)
    torch.testing.assert_close(found[0], expected.expand(6, 5), **EXACT)


@modes
@pytest.mark.parametrize("name", ["ResNet", "ViT"])
def test_the_tape_of_several_members_is_that_of_each(name, mode):
    family = family_of(name)
    theta, statistics = (torch.as_tensor(v) for v in family.initialize([1, 2, 3]))
    views = family.parameters.views(theta.requires_grad_()), family.statistics.views(statistics)
    x = torch.as_tensor(np.random.default_rng(1).normal(size=(5, 192)))
    together, alone = Tape(), [Tape() for _ in range(3)]
    features, _ = module_forward(family, *views, x.expand(3, *x.shape), {}, mode, None, together)
    assert features[-1].shape == (3, 5, 4)
    found = torch.autograd.grad(
        features[-1].square().sum(), [noted.given for noted in together.values()]
    )
    for e, tape in enumerate(alone):
        own = [{n: v[e : e + 1] for n, v in tensors.items()} for tensors in views]
        f, _ = module_forward(family, *own, x[None], {}, mode, None, tape)
        given = torch.autograd.grad(f[-1].square().sum(), [n.given for n in tape.values()])
        assert list(tape) == list(together)
        for name_, mine, theirs in zip(tape, given, found, strict=True):
            one, all_ = tape[name_], together[name_]
            for a, b in (
                (one.inputs, all_.inputs),
                (one.outputs, all_.outputs),
                (one.cotangent(mine), all_.cotangent(theirs)),
            ):
                torch.testing.assert_close(b[e : e + 1], a, **EXACT)


def test_attention_can_be_differentiated_twice():
    """Hessians and gradient steps do."""
    family = family_of("ViT")
    x = torch.as_tensor(np.random.default_rng(2).normal(size=(3, 192)))
    features, named, _ = taped(family, x)
    (first,) = torch.autograd.grad(features[-1].square().sum(), named["pos"], create_graph=True)
    (second,) = torch.autograd.grad(first.square().sum(), named["patch.weight"])
    assert second.abs().sum() > 0
