"""Sums over kernels that are never there as a whole, against kernels that are."""

from __future__ import annotations

import hypothesis.strategies as st
import torch
from hypothesis import given
from made.kernels_of_maps import explicit, made

from layeratlas.signals.tangent.factors import Factors, rows_of_kernel
from layeratlas.signals.tangent.sums import centred, inner_of_centred, sums_of, sums_together


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
    vectors -= vectors.mean(1, keepdim=True)
    had = torch.zeros_like(kernel)
    found = sums_of(rows_of_kernel(one), vectors[..., :2].contiguous(), vectors, had)
    inside = centred_outright(kernel)
    close(found.square, kernel.square().sum())
    close(found.centred_square, inside.square().sum())
    close(found.traces, torch.einsum("cidi->cd", kernel))
    close(found.centred_traces, torch.einsum("cidi->cd", inside))
    close(found.applied, torch.einsum("cidj,djv->civ", inside, vectors[..., :2]))
    close(found.along, torch.einsum("civ,cidj,djv->v", vectors, inside, vectors))
    close(found.traced, torch.einsum("cicj->ij", inside))
    close(torch.tril(had.reshape(outputs * n, -1)), torch.tril(kernel.reshape(outputs * n, -1)))
    close(centred(kernel), inside)


@given(st.integers(1, 4), st.integers(2, 6), st.integers(0, 99))
def test_the_inner_product_of_centred_kernels(outputs, n, seed):
    one, other = (made("dense", outputs, n, 1, 5, 6, 1, True, s) for s in (seed, seed + 1))
    found = inner_of_centred(rows_of_kernel(one), rows_of_kernel(other), n)
    a, b = (centred_outright(explicit(k)) for k in (one, other))
    close(found, (a * b).sum())


def test_what_is_left_of_almost_constant_kernels_in_single_precision():
    """Centred norms as differences would lose it: 1 − fc = 1e-4 leaves 1e-8 of a square."""
    one = made("dense", 3, 8, 1, 5, 6, 1, True, 0)
    one.inputs[:] = 1 + 1e-2 * one.inputs
    one.cotangents[:] = 1 + 1e-2 * one.cotangents
    exact = sums_of(rows_of_kernel(one), torch.zeros(3, 8, 1).double()).centred_square
    single = Factors(one.affine, one.inputs.float(), one.cotangents.float())
    found = sums_of(rows_of_kernel(single), torch.zeros(3, 8, 1)).centred_square
    assert abs(found / exact - 1) < 0.02


def test_a_kernel_that_knows_no_examples_apart_is_nothing():
    one = made("dense", 3, 8, 1, 5, 6, 1, True, 0)
    one.inputs[:], one.cotangents[:] = one.inputs[:1].clone(), one.cotangents[:, :1].clone()
    one.inputs[:] *= 1 + 1e-8 * torch.arange(8)[:, None, None]
    one.cotangents[:] *= 1 + 2e-8 * torch.arange(8)[:, None, None]
    single = Factors(one.affine, one.inputs.float(), one.cotangents.float())
    rows = [block for _, block in rows_of_kernel(single)]
    assert any((block != block[:1]).any() for block in rows)
    assert sums_of(rows_of_kernel(single), torch.zeros(3, 8, 1)).centred_square == 0


def test_sums_over_a_sum_of_kernels():
    one, other = (made("dense", 3, 6, 1, 5, 4, 1, True, seed) for seed in (0, 1))
    vectors = torch.randn(3, 6, 2, dtype=torch.float64)
    vectors -= vectors.mean(1, keepdim=True)
    each = [sums_of(rows_of_kernel(k), vectors, vectors) for k in (one, other)]
    both = explicit(one) + explicit(other)

    def rows():
        return ((c, both[c, :, : c + 1]) for c in range(3))

    found, outright = sums_together(each, rows()), sums_of(rows(), vectors, vectors)
    for name in vars(found):
        close(getattr(found, name), getattr(outright, name))
