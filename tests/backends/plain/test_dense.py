"""Dense layers in torch against torch's own batch norm, activation and autograd, in float64."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from layeratlas.backends.plain import dense
from layeratlas.runs.streams import keys

EPS, MOMENTUM = 1e-5, 0.1
sizes = st.tuples(st.integers(1, 3), st.integers(2, 12), st.integers(1, 6))


def random(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@settings(max_examples=30)
@given(size=sizes, slope=st.sampled_from([0.0, 0.3, 1.0]), seed=st.integers(0, 999))
def test_batch_norm_and_its_gradient(size, slope, seed):
    members, _, d = size
    z = random(seed, *size)
    bias, scale, shift, mean = random(seed + 1, 4, members, d)
    var = 0.1 + mean**2
    slopes, none = torch.full((members,), slope, dtype=torch.float64), torch.zeros(members).double()
    words = torch.as_tensor(keys(range(members), "dropout", 1).astype("int64"))
    leaf, gain, offset = (t.clone().requires_grad_() for t in (z, scale, shift))
    running = mean.clone(), var.clone()
    expected = torch.stack(
        [
            functional.leaky_relu(
                functional.batch_norm(
                    leaf[e] + bias[e], running[0][e], running[1][e], gain[e], offset[e], True,
                    MOMENTUM, EPS,
                ),
                slope,
            )
            for e in range(members)
        ]
    )  # fmt: skip
    normalised, out, inverse = z.clone(), torch.zeros_like(z), torch.zeros_like(scale)
    dense.batch_norm_forward(
        normalised, bias, scale, shift, mean, var, MOMENTUM, EPS, slopes, none, words, 0, inverse,
        out,
    )  # fmt: skip
    torch.testing.assert_close(out, expected.detach())
    torch.testing.assert_close(mean, running[0])
    torch.testing.assert_close(var, running[1])
    above = random(seed + 2, *size)
    found = torch.autograd.grad(expected, (leaf, gain, offset), above)
    dscale, dshift = torch.zeros_like(scale), torch.zeros_like(shift)
    dense.batch_norm_backward(above, out, normalised, scale, inverse, slopes, none, dscale, dshift)
    for got, want in zip((above, dscale, dshift), found, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-9, atol=1e-12)


@settings(max_examples=30)
@given(size=sizes, slope=st.sampled_from([0.0, 0.3, 1.0]), seed=st.integers(0, 999))
def test_bias_and_its_gradient(size, slope, seed):
    members, _, d = size
    z, bias = random(seed, *size), random(seed + 1, members, d).requires_grad_()
    slopes, none = torch.full((members,), slope, dtype=torch.float64), torch.zeros(members).double()
    expected = functional.leaky_relu(z + bias[:, None], slope)
    words = torch.as_tensor(keys(range(members), "dropout", 1).astype("int64"))
    out = z.clone()
    dense.bias_activation_forward(out, bias.detach(), slopes, none, words, 0)
    torch.testing.assert_close(out, expected.detach())
    above = random(seed + 2, *size)
    (want,) = torch.autograd.grad(expected, bias, above)
    found = torch.zeros_like(want)
    dense.bias_activation_backward(above, out, slopes, none, found)
    torch.testing.assert_close(found, want)


@pytest.mark.parametrize("kernel", ["standardise", "affine_activation"])
def test_members_do_not_see_each_other(kernel):
    together = random(0, 3, 8, 5)
    rows = random(1, 2, 3, 5)
    rows[1] = rows[1] ** 2
    alone = together[1:2].clone()
    slopes = torch.tensor([0.0, 0.5, 1.0]).double()
    last = {"standardise": (MOMENTUM, EPS), "affine_activation": ()}[kernel]
    for x, part in ((together, slice(None)), (alone, slice(1, 2))):
        own = rows[:, part].clone()
        settings = last or (slopes[part],)
        getattr(dense, kernel)(x, *own, *settings)
    torch.testing.assert_close(together[1], alone[0])
