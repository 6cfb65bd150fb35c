"""Kernels by factors against the Gram matrix of explicit gradients."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given
from made.kernels_of_maps import explicit, made, whole

from layeratlas.signals.tangent import factors as by_factors
from layeratlas.signals.tangent.factors import rows_of_kernel


@given(
    kind=st.sampled_from(["dense", "conv", "token", "scale"]),
    outputs=st.integers(1, 4),
    n=st.integers(1, 6),
    positions=st.integers(1, 7),
    fan_in=st.integers(1, 30),
    fan_out=st.integers(1, 5),
    groups=st.sampled_from([1, 1, 2, 3]),
    bias=st.booleans(),
    seed=st.integers(0, 99),
)
def test_any_map(kind, outputs, n, positions, fan_in, fan_out, groups, bias, seed):
    one = made(kind, outputs, n, positions, fan_in, fan_out, groups, bias, seed)
    torch.testing.assert_close(whole(one), explicit(one), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("form", ["_of_gradients", "_between_positions"])
@pytest.mark.parametrize("bias", [False, True])
def test_both_forms_are_the_same_kernel_in_any_slices(monkeypatch, form, bias):
    one = made("conv", 3, 5, 4, 7, 6, 1, bias, 0)
    x, g = one.inputs, one.cotangents
    monkeypatch.setattr(by_factors, "AT_ONCE", 3000)
    torch.testing.assert_close(
        torch.tril(getattr(by_factors, form)(x, g, bias).reshape(15, 15)),
        torch.tril(explicit(one).reshape(15, 15)),
        rtol=1e-10,
        atol=1e-10,
    )


def test_rows_are_those_of_outputs_that_came():
    one = made("dense", 3, 4, 1, 5, 6, 1, True, 0)
    assert [(c, tuple(rows.shape)) for c, rows in rows_of_kernel(one)] == [
        (0, (4, 1, 4)), (1, (4, 2, 4)), (2, (4, 3, 4)),
    ]  # fmt: skip
