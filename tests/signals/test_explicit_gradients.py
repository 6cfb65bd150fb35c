"""What is said of gradients with respect to inputs, against these gradients themselves.

Every kind of map, random shapes, double precision: G = WᵀKW is the mean outer product of explicit
gradients with respect to rows that the map reads (inputs, patches, tokens, one-hot rows, normalised
pixels), by `torch.func.jacrev` through a plain torch network (`made.explicit`); and identities of
the specification of Beaglehole, Mitliagkas and Agarwala (TMLR 2024), §5.1. Wrong forms of the same
are tried beside the right one, and differ.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from made.asked import signals_of
from made.every_map import Tokens, measured, network_and_twin, seen_of, twin
from made.explicit import explicit
from torch.func import functional_call, jacrev

from layeratlas.networks.affine import with_parts
from layeratlas.networks.module.construct import construct
from layeratlas.signals.network import Network, Trained

EXACT = {"rtol": 1e-10, "atol": 1e-10}
MATRICES = ("nfm", "agop", "uc_nfc", "c_nfc", "nfm_trace", "agop_trace", "nfm_norm", "agop_norm")
RANKS = ("nfm_effective_rank", "cotangent_effective_rank")
#: Changes of a map's gradients by a wrong form that count as seen.
SEEN = 1e-3

small = st.integers(1, 5)
dense = st.fixed_dictionaries(
    {
        "widths": st.lists(small, min_size=1, max_size=3),
        "bias": st.booleans(),
        "activation": st.sampled_from(["Tanh", "ReLU", "GELU"]),
    }
)
convolutions = st.fixed_dictionaries(
    {
        "kernel_size": st.sampled_from([1, 2, (2, 3), 3]),
        "stride": st.sampled_from([1, 2, (1, 2)]),
        "padding": st.sampled_from([0, 1, (0, 1), "valid"]),
        "dilation": st.sampled_from([1, 2]),
        "groups": st.sampled_from([1, 2]),
        "padding_mode": st.sampled_from(["zeros", "circular", "reflect"]),
        "bias": st.booleans(),
    }
) | st.fixed_dictionaries(
    {"kernel_size": st.sampled_from([2, 3]), "padding": st.just("same"), "groups": st.just(2)}
)


def signals(network, seen, *names):
    """Signals of every map, of the only member."""
    found = signals_of(pytest.MonkeyPatch(), network, seen, names)
    return {name: [np.asarray(value)[0] for value in values] for name, values in found.items()}


def as_read(seen, shape, tokens=False):
    """x as the plain network takes it."""
    x = torch.as_tensor(seen.x)
    return x if tokens else x.reshape(len(x), *shape)


def cosine(a, b):
    return np.sum(a * b) / np.linalg.norm(a) / np.linalg.norm(b)


def check_maps(network, net, seen, shape, *, tokens=False):
    """F, G, K and their numbers of every map, against explicit gradients."""
    found = measured(network, seen, MATRICES + RANKS)
    given = signals(network, seen, "output_moments", "weights", "initial_weights")
    for at, affine in enumerate(network.affines):
        right = explicit(net, affine.name, as_read(seen, shape, tokens))
        w, g, k = right.weight.numpy(), right.agop.numpy(), right.moment.numpy()
        scale = max(1.0, np.abs(g).max())
        np.testing.assert_allclose(given["weights"][at], w, **EXACT)
        np.testing.assert_allclose(given["output_moments"][at][0], k, **EXACT)
        np.testing.assert_allclose(found["nfm"][at], w.T @ w, **EXACT)
        np.testing.assert_allclose(found["agop"][at] / scale, g / scale, **EXACT)
        change = w - given["initial_weights"][at]
        for name, expected in {
            "nfm_trace": np.trace(w.T @ w),
            "agop_trace": np.trace(g),
            "nfm_norm": np.linalg.norm(w.T @ w),
            "agop_norm": np.linalg.norm(g),
            "nfm_effective_rank": np.trace(w.T @ w) ** 2 / np.sum((w.T @ w) ** 2),
        }.items():
            np.testing.assert_allclose(found[name][at], expected, **EXACT)
        if np.linalg.norm(k) > 1e-9:
            f, bar = w.T @ w, change.T @ change
            rank = np.trace(k) ** 2 / np.sum(k**2)
            np.testing.assert_allclose(found["cotangent_effective_rank"][at], rank, **EXACT)
            np.testing.assert_allclose(found["uc_nfc"][at], cosine(f, g), **EXACT)
            c_nfc = cosine(bar, change.T @ k @ change)
            np.testing.assert_allclose(found["c_nfc"][at], c_nfc, **EXACT)


@settings(max_examples=25)
@given(dense, small, small, st.integers(1, 3), st.integers(0, 99))
def test_dense_maps(asked, n, features, outputs, seed):
    network, net = network_and_twin("Dense", asked, (features,), outputs, seed)
    check_maps(network, net, seen_of((features,), n, outputs, seed), (features,))


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@settings(max_examples=30)
@given(convolutions, st.integers(1, 3), st.integers(1, 2), st.integers(0, 99))
def test_convolutions_and_the_scale_of_batch_norm(asked, n, outputs, seed):
    """Positions do not mix, overlapping patches are inputs of their own, groups read their own."""
    shape = (2, 5, 6)
    network, net = network_and_twin("Pixels", asked, shape, outputs, seed)
    assert sorted(a.kind for a in network.affines) == ["conv", "conv", "dense", "scale"]
    check_maps(network, net, seen_of(shape, n, outputs, seed), shape)


@settings(max_examples=15)
@given(
    st.integers(1, 2), st.integers(2, 4), st.integers(1, 3), st.integers(2, 4), st.booleans(),
    st.integers(0, 99),
)  # fmt: skip
def test_maps_of_tokens_and_an_embedding(heads, length, n, symbols, bias, seed):
    """Each of query, key and value is moved alone; outputs are logits of every position."""
    asked = {"heads": heads, "size": 4, "bias": bias}
    network, net = network_and_twin("Tokens", asked, (length,), symbols, seed, tokens=True)
    assert [a.name for a in network.affines] == ["embed", "query", "key", "value", "out", "head"]
    assert {a.kind for a in network.affines} == {"token"}
    seen = seen_of((length,), n, symbols, seed, tokens=True)
    check_maps(network, net, seen, (length,), tokens=True)


@settings(max_examples=10)
@given(st.integers(1, 2), st.integers(2, 4), st.booleans(), st.integers(0, 99))
def test_maps_of_torchs_attention_whose_weights_are_one_tensor(heads, length, bias, seed):
    """Its slices are maps as separate modules of the same weights are."""
    asked = {"heads": heads, "size": 4, "bias": bias}
    network, _ = network_and_twin("Packed", asked, (length,), 3, seed, tokens=True)
    net = Tokens((length,), 3, **asked).double()
    names = {"attention.out_proj": "out"} | {
        f"attention.{name}": name for name in ("query", "key", "value")
    }
    views = network.family.parameters.views(network.theta)
    own = dict(net.named_parameters())
    with torch.no_grad():
        for parameter in own.values():
            parameter.zero_()
        for affine in network.affines:
            for name, kind in ((affine.weight, "weight"), (affine.bias, "bias")):
                if name is not None:
                    place = names.get(affine.name, affine.name)
                    own[f"{place}.{kind}"].copy_(torch.as_tensor(views[name][0]))
        for name in ("norm.weight", "norm.bias"):
            own[name].copy_(torch.as_tensor(views[name][0]))
    seen = seen_of((length,), 2, 3, seed, tokens=True)
    found = measured(network, seen, ("agop", "nfm"))
    for at, affine in enumerate(network.affines):
        place = names.get(affine.name, affine.name)
        right = explicit(net.eval(), place, torch.as_tensor(seen.x))
        np.testing.assert_allclose(found["agop"][at], right.agop.numpy(), **EXACT)
        np.testing.assert_allclose(found["nfm"][at], right.weight.T @ right.weight, **EXACT)


def test_parts_of_a_fused_map_are_maps_of_their_own():
    """Slices of the rows of qkv are what separate queries, keys and values of these weights are."""
    place, shape, sizes = "layeratlas.networks.zoo.gpt:GPT", (5,), {"blocks": 2, "heads": 2}
    asked = sizes | {"width": 4, "fused": True}
    network, net = network_and_twin(place, asked, shape, 3, 11, tokens=True)
    names = ("query", "key", "value")
    maps = with_parts(network.family.affines, {"blocks.*.qkv": names})
    trained = Trained(network.plan, network.family, network.backend, affines=maps)
    network = Network(
        trained, network.rows, network.theta, network.statistics, network.initial, None,
        network.statistics,
    )  # fmt: skip
    apart = construct(place, asked | {"fused": False}, shape, 3, 0).double().eval()
    own = dict(net.named_parameters())
    with torch.no_grad():
        for name, parameter in apart.named_parameters():
            part = name.split(".")[-2]
            if part in names:
                whole = own[name.replace(part, "qkv")].chunk(3)
                parameter.copy_(whole[names.index(part)])
            else:
                parameter.copy_(own[name])
    seen = seen_of(shape, 3, 3, 11, tokens=True)
    found = measured(network, seen, ("agop", "nfm"))
    there = 0
    for at, affine in enumerate(network.affines):
        if affine.name.endswith(names):
            place = affine.name.replace(".qkv", "")
            right = explicit(apart, place, torch.as_tensor(seen.x))
            np.testing.assert_allclose(found["agop"][at], right.agop.numpy(), **EXACT)
            np.testing.assert_allclose(found["nfm"][at], right.weight.T @ right.weight, **EXACT)
            there += 1
    assert there == 6


# --- identities of §5.1 ---------------------------------------------------------------------------
FEW = (
    ("Dense", {"widths": [5, 4], "bias": True}, (3,), False),
    ("Pixels", {"kernel_size": 3, "stride": 2, "padding": 1, "groups": 2}, (2, 5, 6), False),
    ("Tokens", {"heads": 2, "size": 4}, (4,), True),
)
few = pytest.mark.parametrize("name, asked, shape, tokens", FEW, ids=[name for name, *_ in FEW])


@few
def test_only_left_singular_vectors_and_the_moment_decide(name, asked, shape, tokens):
    """ρ = Σ s⁴ (UᵀKU)_ii/(|s²| |s UᵀKU s|), W = U diag(s) Vᵀ; V drops out."""
    network, _ = network_and_twin(name, asked, shape, 3, 4, tokens=tokens)
    seen = seen_of(shape, 3, 3, 4, tokens)
    found = measured(network, seen, ("uc_nfc",))["uc_nfc"]
    given = signals(network, seen, "weights", "output_moments")
    for rho, w, k in zip(found, given["weights"], given["output_moments"], strict=True):
        u, s, _ = np.linalg.svd(w, full_matrices=False)
        turned = u.T @ k[0] @ u
        above = np.sum(s**4 * np.diag(turned))
        below = np.linalg.norm(s**2) * np.linalg.norm(s[:, None] * turned * s)
        np.testing.assert_allclose(rho, above / below, **EXACT)


@few
def test_the_tangent_kernel_of_a_map_is_that_of_its_outputs_times_its_inputs(
    name, asked, shape, tokens
):
    """NTK(x, z) = Σ_pq PTK_pq(x, z) ⟨x_p, z_q⟩, against Jacobians of the weights by autograd."""
    network, net = network_and_twin(name, asked, shape, 3, 5, tokens=tokens)
    seen = seen_of(shape, 3, 3, 5, tokens)
    given = signals(network, seen, "inputs", "cotangents:classes")
    x = as_read(seen, shape, tokens)
    for at, affine in enumerate(network.affines):
        weight = net.get_submodule(affine.name).weight

        def f(w, place=f"{affine.name}.weight"):
            return functional_call(net, {place: w}, (x,)).flatten(1)

        psi = jacrev(f)(weight).detach().flatten(2).numpy()
        read, g = given["inputs"][at], given["cotangents:classes"][at]
        if affine.kind == "scale":
            # W is diagonal: of an outer product only that is a weight's.
            found = np.einsum("oapi,api,cbqi,bqi->aobc", g, read, g, read)
        else:
            # A group has its own outputs and inputs.
            found = sum(
                np.einsum("oapi,cbqi,apj,bqj->aobc", of_h, of_h, of_x, of_x, optimize=True)
                for of_h, of_x in zip(
                    np.split(g, affine.groups, -1), np.split(read, affine.groups, -1), strict=True
                )
            )
        np.testing.assert_allclose(found, np.einsum("aos,bcs->aobc", psi, psi), **EXACT)


@pytest.mark.parametrize(
    "name, asked, shape",
    [
        ("Dense", {"widths": [6, 5], "bias": False, "activation": "ReLU"}, (4,)),
        ("Rectified", {"kernel_size": 3, "stride": 2, "padding": 1}, (2, 5, 6)),
    ],
)
def test_eulers_identity_of_homogeneous_networks(name, asked, shape):
    """⟨∂f_o/∂h, h⟩ = f_o of every map, sample and output, positions summed."""
    network, net = network_and_twin(name, asked, shape, 3, 6)
    seen = seen_of(shape, 4, 3, 6)
    given = signals(network, seen, "outputs", "cotangents:classes")
    f = net(as_read(seen, shape)).detach().numpy()
    for h, g in zip(given["outputs"], given["cotangents:classes"], strict=True):
        np.testing.assert_allclose(np.einsum("oapi,api->ao", g, h), f, **EXACT)


@pytest.mark.parametrize("heads", [1, 2])
def test_attention_does_not_change_where_queries_and_keys_turn_together(heads):
    """Σ_t g_q q_tᵀ = Σ_t k_t g_kᵀ of every head, sequence and output: q → Aq, k → A⁻ᵀk."""
    network, _ = network_and_twin("Tokens", {"heads": heads}, (5,), 3, 7, tokens=True)
    given = signals(network, seen_of((5,), 3, 3, 7, True), "outputs", "cotangents:classes")
    (q, k), (of_q, of_k) = (given[name][1:3] for name in ("outputs", "cotangents:classes"))

    def by_head(x):
        return x.reshape(*x.shape[:-1], heads, -1)

    left = np.einsum("oathi,athj->oahij", by_head(of_q), by_head(q))
    right = np.einsum("athi,oathj->oahij", by_head(k), by_head(of_k))
    assert np.abs(left).max() > SEEN
    np.testing.assert_allclose(left, right, **EXACT)
    # A cotangent of something else, here of the scores' scale taken in, is noticed.
    assert np.abs(left - right / math.sqrt(2)).max() > SEEN


# --- what would be wrong -----------------------------------------------------------------------
def wrong_forms(g):
    """Wrong K of cotangents g `(output, sample, position, fan_out)`, by name."""
    n = g.shape[1]
    return {
        "positions are summed first": np.einsum("oai,oaj->ij", g.sum(2), g.sum(2)) / n,
        "the mean gradient is taken away": np.einsum(
            "oapi,oapj->ij", g - g.mean(1, keepdims=True), g - g.mean(1, keepdims=True)
        )
        / n,
        "outputs are summed first": np.einsum("api,apj->ij", g.sum(0), g.sum(0)) / n,
    }


@pytest.mark.parametrize(
    "name, asked, shape, tokens, summed",
    [
        (*FEW[0], ()),
        (*FEW[1], ("conv", "norm", "second")),
        (*FEW[2], ("embed", "key", "value")),
    ],
    ids=[name for name, *_ in FEW],
)
def test_wrong_moments_are_not_what_gradients_of_inputs_give(name, asked, shape, tokens, summed):
    """Sums over positions are seen where an output answers to several of them.

    Of a causal query no output does, nor of what gives the outputs themselves.
    """
    network, net = network_and_twin(name, asked, shape, 3, 8, tokens=tokens)
    seen = seen_of(shape, 4, 3, 8, tokens)
    cotangents = signals(network, seen, "cotangents:classes")["cotangents:classes"]
    seen_at = set()
    for affine, g in zip(network.affines, cotangents, strict=True):
        right = explicit(net, affine.name, as_read(seen, shape, tokens))
        w, agop = right.weight.numpy(), right.agop.numpy()
        for form, k in wrong_forms(g).items():
            away = np.linalg.norm(w.T @ k @ w - agop) / np.linalg.norm(agop)
            if form == "positions are summed first":
                assert away < 1e-10 or away > SEEN
                seen_at |= {affine.name} if away > SEEN else set()
            else:
                assert away > SEEN, (affine.name, form, away)
    assert seen_at == set(summed)


def test_a_start_that_is_the_weights_themselves_leaves_nothing_to_compare():
    """W̄ of an aliased W₀ is 0: so is c_nfc at the start, and not after."""
    network, _ = network_and_twin(*FEW[0][:3], 3, 9)
    seen = seen_of((3,), 4, 3, 9)
    names = ("c_nfc", "dc_nfc", "c_nfc_pearson", "dc_nfc_pearson", "ratio_dc_c", "c_nfc_error")
    nothing, zeros = names, ("dw_rel", "ratio_c_uc")
    after = measured(network, seen, nothing + zeros)
    # The last map gives the outputs: its K is the same at all times.
    assert all(np.isfinite(after[name][:-1]).all() for name in nothing + zeros)
    network.initial = network.theta
    at_start = measured(network, seen, (*nothing, *zeros, "uc_nfc"))
    assert all(np.isnan(at_start[name]).all() for name in nothing)
    assert all((np.array(at_start[name]) == 0).all() for name in zeros)
    assert (np.array(at_start["uc_nfc"]) > 0).all()


def test_centring_the_moment_with_the_weights_is_another_number():
    network, net = network_and_twin(*FEW[1][:3], 3, 10)
    shape = FEW[1][2]
    seen = seen_of(shape, 4, 3, 10)
    found = measured(network, seen, ("c_nfc", "dc_nfc"))
    start = twin(network.at_start, construct("made.every_map:Pixels", FEW[1][1], shape, 3, 0))
    given = signals(network, seen, "initial_weights", "weights")
    for at, affine in enumerate(network.affines):
        if affine.name == "head":  # What it gives is the output: K is the same identity.
            assert np.isnan(found["dc_nfc"][at])
            continue
        now, then = (explicit(one, affine.name, as_read(seen, shape)) for one in (net, start))
        bar = given["weights"][at] - given["initial_weights"][at]
        change = (now.moment - then.moment).numpy()
        expected = cosine(bar.T @ bar, bar.T @ change @ bar)
        np.testing.assert_allclose(found["dc_nfc"][at], expected, **EXACT)
        assert abs(found["dc_nfc"][at] - found["c_nfc"][at]) > SEEN
