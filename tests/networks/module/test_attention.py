"""Attention in three maps against torch's own, masks and all."""

from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from layeratlas.networks.module.attention import Projections, is_packed
from layeratlas.networks.module.inner import Inner


@settings(max_examples=30)
@given(
    batch_first=st.booleans(),
    bias=st.booleans(),
    sizes=st.sampled_from([None, (5, 3)]),
    mask=st.sampled_from(["none", "bool", "float", "heads"]),
    padding=st.booleans(),
    weights=st.sampled_from(["none", "mean", "heads"]),
    seed=st.integers(0, 99),
)
def test_it_gives_what_torch_gives(batch_first, bias, sizes, mask, padding, weights, seed):
    torch.manual_seed(seed)
    kdim, vdim = sizes or (None, None)
    own = nn.MultiheadAttention(
        4, 2, bias=bias, kdim=kdim, vdim=vdim, batch_first=batch_first, dtype=torch.float64
    )
    if bias:
        nn.init.normal_(own.in_proj_bias)
    twin = Inner(copy.deepcopy(own)).module
    t, s, n = 5, 6, 3
    shapes = (t, 4), (s, kdim or 4), (s, vdim or 4)
    given_ = [torch.randn(n, *shape, dtype=torch.float64) for shape in shapes]
    if not batch_first:
        given_ = [x.transpose(0, 1) for x in given_]
    ahead = torch.ones(t, s, dtype=torch.bool).triu(2)
    options = {
        "attn_mask": {
            "none": None,
            "bool": ahead,
            "float": torch.randn(t, s, dtype=torch.float64),
            "heads": ahead.expand(2 * n, t, s),
        }[mask],
        "key_padding_mask": (torch.arange(s) > 3).expand(n, s) if padding else None,
        "need_weights": weights != "none",
        "average_attn_weights": weights == "mean",
    }
    if mask == "float" and padding:
        options["key_padding_mask"] = torch.zeros(n, s, dtype=torch.float64)
    found, expected = twin(*given_, **options), own(*given_, **options)
    torch.testing.assert_close(found[0], expected[0], rtol=1e-12, atol=1e-12)
    if weights == "none":
        assert found[1] is None
    else:
        torch.testing.assert_close(found[1], expected[1], rtol=1e-12, atol=1e-12)


def test_projections_are_the_packed_parts():
    part = nn.MultiheadAttention(4, 2)
    found = Projections.of(part)
    packed = torch.cat([found[name]["weight"] for name in ("query", "key", "value")])
    assert torch.equal(packed, part.in_proj_weight)
    assert all(tensors["weight"].requires_grad for tensors in found.values())
    assert is_packed(part)
    assert not is_packed(nn.MultiheadAttention(4, 2, add_zero_attn=True))


def test_tensors_without_samples_are_refused():
    part = Inner(nn.MultiheadAttention(4, 2)).module
    x = torch.zeros(5, 4)
    with pytest.raises(ValueError, match="without an axis of samples"):
        part(x, x, x)
