"""The decoder: its maps, its pass written out, causality, and an invariance of its attention."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from made.modules import family_of

from layeratlas.errors import ConfigError
from layeratlas.networks.affine import with_parts
from layeratlas.networks.module.forward import module_forward
from layeratlas.networks.tape import Tape
from layeratlas.networks.zoo.gpt import GPT

PLACE = "layeratlas.networks.zoo.gpt:GPT"
SIZES = {"blocks": 2, "heads": 2, "width": 8}
TIGHT = {"rtol": 1e-10, "atol": 1e-12}


def made(**more) -> GPT:
    torch.manual_seed(0)
    return GPT((6,), 5, **(SIZES | more)).double()


def tokens(n=3, positions=6):
    return torch.as_tensor(np.random.default_rng(0).integers(5, size=(n, positions)))


def test_its_pass_is_that_of_the_network_written_out():
    network = made()
    x = tokens()
    h = network.tokens.weight[x] + network.positions.weight[:6]
    for block in network.blocks:
        z = block.norm1(h)
        q, k, v = (z @ p.weight.T for p in block.attention.projections())
        heads = []
        for at in (slice(0, 4), slice(4, 8)):
            scores = q[..., at] @ k[..., at].mT / math.sqrt(4)
            for i in range(6):
                scores[:, i, i + 1 :] = -math.inf
            heads.append(scores.softmax(-1) @ v[..., at])
        h = h + torch.cat(heads, -1) @ block.attention.output.weight.T
        inner = torch.nn.functional.gelu(block.expand(block.norm2(h)))
        h = h + block.contract(inner)
    torch.testing.assert_close(network(x), network.norm(h) @ network.head.weight.T, **TIGHT)


def test_no_position_sees_later_ones():
    network, x = made(), tokens()
    other = x.clone()
    other[:, 4:] = (other[:, 4:] + 1) % 5
    torch.testing.assert_close(network(x)[:, :4], network(other)[:, :4], **TIGHT)
    assert not torch.allclose(network(x)[:, 4:], network(other)[:, 4:])


def test_fused_projections_are_the_same_network():
    apart, fused = made(), made(fused=True)
    own = dict(apart.named_parameters())
    with torch.no_grad():
        for name, value in fused.named_parameters():
            if "qkv" in name:
                names = [name.replace("qkv", part) for part in ("query", "key", "value")]
                value.copy_(torch.cat([own[n] for n in names]))
            else:
                value.copy_(own[name])
    torch.testing.assert_close(fused(tokens()), apart(tokens()), **TIGHT)


def test_a_gain_multiplies_what_queries_keys_and_values_begin_with_alone():
    plain, wide = made(), made(init_gain=3.0)
    for (name, a), (_, b) in zip(plain.named_parameters(), wide.named_parameters(), strict=True):
        factor = 3 if any(f".{part}." in name for part in ("query", "key", "value")) else 1
        torch.testing.assert_close(b, factor * a, rtol=1e-6, atol=0)


def cotangents(fused: bool):
    """Outputs and derivatives of one output, rows (sample, position, feature), of Q, K and V."""
    family = family_of(
        "", reference=PLACE, settings=SIZES | {"fused": fused}, input_shape=(6,), n_outputs=5,
        tokens=True,
    )  # fmt: skip
    maps = family.affines
    if fused:
        maps = with_parts(maps, {"blocks.*.qkv": ["query", "key", "value"]})
    theta, statistics = (torch.as_tensor(v) for v in family.initialize([1]))
    named = {n: v.clone().requires_grad_() for n, v in family.parameters.views(theta).items()}
    running = family.statistics.views(statistics)
    tape = Tape()
    x = tokens()[None].double()
    features, _ = module_forward(family, named, running, x, {}, "running_statistics", None, tape)
    scalar = features[-1][0, 1, 13]
    found = {}
    for one in maps:
        if one.name.split(".")[-1] in ("query", "key", "value"):
            noted = tape.of(one)
            (g,) = torch.autograd.grad(scalar, noted.given, retain_graph=True)
            found[one.name] = noted.outputs[0], noted.cotangent(g)[0]
    return found


@pytest.mark.parametrize("fused", [False, True], ids=["apart", "fused"])
def test_attention_does_not_know_in_which_basis_queries_and_keys_are(fused):
    """Σ_t g_q qᵀ = Σ_t k g_kᵀ a head, from q → A q, k → A⁻ᵀ k (specification §5.1.5)."""
    found = cotangents(fused)
    prefix = "attention.qkv" if fused else "attention"
    for block in range(2):
        (q, gq), (k, gk) = (found[f"blocks.{block}.{prefix}.{part}"] for part in ("query", "key"))
        for at in (slice(0, 4), slice(4, 8)):
            left = torch.einsum("sti,stj->sij", gq[..., at], q[..., at])
            right = torch.einsum("sti,stj->sij", k[..., at], gk[..., at])
            torch.testing.assert_close(left, right, rtol=1e-9, atol=1e-13)
            assert float(left.abs().max()) > 1e-6
            # In another order of the parts, or with q and k exchanged, it does not hold.
            assert not torch.allclose(left, torch.einsum("sti,stj->sij", gk[..., at], k[..., at]))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"width": 9}, "9 is no multiple of heads 2"),
        ({"blocks": 0}, "model.settings.blocks: 0 is no count"),
        ({"heads": True}, "model.settings.heads: True is no count"),
        ({"width": 8.0}, "model.settings.width: 8.0 is no count"),
        ({"init_gain": 0}, "model.settings.init_gain: 0 is no gain"),
    ],
)
def test_wrong_settings_are_refused(settings, said):
    with pytest.raises(ConfigError, match=said):
        made(**settings)


def test_other_data_than_tokens_are_refused():
    with pytest.raises(ConfigError, match="GPT reads tokens by position"):
        GPT((1, 8, 8), 10)
