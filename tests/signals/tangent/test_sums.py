"""Sums over kernels that are never there as a whole, against kernels that are."""

from __future__ import annotations

import hypothesis.strategies as st
import torch
from hypothesis import given
from made.kernels_of_maps import explicit, made

from layeratlas.signals.tangent.factors import rows_of_kernel
from layeratlas.signals.tangent.sums import centred, inner_of_centred, sums_of


def centred_outright(kernel):
    n = kernel.shape[1]
    h = torch.eye(n, dtype=kernel.dtype) - 1 / n
    return torch.einsum("ai,cidj,jb->cadb", h, kernel, h)


def close(a, b):
    a, b = (torch.as_tensor(v, dtype=torch.float64) for v in (a, b))
    torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-8)


@given(st.integers(1, 4), st.integers(2, 6), st.booleans(), st.integers(0, 99))
def test_all_sums(outputs, n, bias, seed):
    one = made("dense", outputs, n, 1, 5, 6, 1, bias, seed)
    kernel = explicit(one)
    vectors = torch.randn(outputs, n, 3, dtype=torch.float64)
    had = torch.zeros_like(kernel)
    found = sums_of(rows_of_kernel(one), vectors, had)
    inside = centred_outright(kernel)
    close(found.square, kernel.square().sum())
    close(found.centred_square, inside.square().sum())
    close(found.traces, torch.einsum("cidi->cd", kernel))
    close(found.centred_traces, torch.einsum("cidi->cd", inside))
    close(found.applied, torch.einsum("cidj,djv->civ", kernel, vectors))
    close(found.traced, torch.einsum("cicj->ij", kernel))
    close(torch.tril(had.reshape(outputs * n, -1)), torch.tril(kernel.reshape(outputs * n, -1)))
    close(centred(kernel), inside)


@given(st.integers(1, 4), st.integers(2, 6), st.integers(0, 99))
def test_the_inner_product_of_centred_kernels(outputs, n, seed):
    one, other = (made("dense", outputs, n, 1, 5, 6, 1, True, s) for s in (seed, seed + 1))
    found = inner_of_centred(rows_of_kernel(one), rows_of_kernel(other), n)
    a, b = (centred_outright(explicit(k)) for k in (one, other))
    close(found, (a * b).sum())
