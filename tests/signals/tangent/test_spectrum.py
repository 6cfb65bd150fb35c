"""Spectrum, eigenfunctions and Jacobian norms against Jacobians by autograd."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from made.passes import images, network_of

from layeratlas.errors import LayerAtlasError
from layeratlas.metrics.spectra import (
    kernel_effective_rank,
    kernel_spectrum,
    kernel_trace_ratio,
)
from layeratlas.networks.affine import Affine
from layeratlas.signals.tangent.spectrum import (
    FUNCTIONS,
    eigenfunctions_of,
    jacobians_of,
    spectra_of,
    spectra_of_maps,
)
from layeratlas.signals.tangent.sums import centred
from layeratlas.signals.tangent.walk import Walked, factors, walked, whole_of, with_whole
from layeratlas.signals.tape import passed


@pytest.fixture(params=["mlp", "residual_mlp"])
def found(make_plan, request):
    network = network_of(make_plan, request.param, members=2)
    return walked(network, passed(network, images()))


def matrices(found):
    each = [centred(one) for one in found.whole]
    return [one.reshape(one.shape[0] * one.shape[1], -1).numpy() for one in each]


def test_eigenvalues_descend_and_sum_to_the_trace_and_the_norm(found):
    for values, kernel in zip(spectra_of(found), matrices(found), strict=True):
        assert (np.diff(values) <= 0).all() and (values >= 0).all()
        assert values.sum() == pytest.approx(np.trace(kernel), rel=1e-10)
        assert (values**2).sum() == pytest.approx((kernel**2).sum(), rel=1e-10)


def test_eigenfunctions_are_those_of_the_largest_eigenvalues(found):
    functions, spectra = eigenfunctions_of(found), spectra_of(found)
    assert functions.shape[1] == FUNCTIONS
    for own, values, kernel in zip(functions, spectra, matrices(found), strict=True):
        np.testing.assert_allclose(own @ own.T, np.eye(FUNCTIONS), atol=1e-10)
        applied = own @ kernel
        np.testing.assert_allclose(applied, values[:FUNCTIONS, None] * own, atol=1e-9 * values[0])


def test_norms_of_the_jacobian_are_those_of_the_gradients():
    """Of gradients psi[c, i] that are given, two outputs: √Σ_c |psi[c, i]|²."""
    draw = torch.Generator().manual_seed(0)
    psi = torch.randn(2, 5, 7, dtype=torch.float64, generator=draw)
    kernel = torch.einsum("cip,djp->cidj", psi, psi)
    made = Walked([], [], [], [kernel], [None])
    norms = np.sqrt((psi.numpy() ** 2).sum((0, 2)))
    np.testing.assert_allclose(jacobians_of(made)[0], norms, rtol=1e-12)


def test_a_kernel_that_was_too_large_to_keep_is_told(found):
    network = SimpleNamespace(affines=())
    assert with_whole(network, found) is found
    with pytest.raises(LayerAtlasError, match=r"11 samples and 3 outputs .* 4 GiB"):
        with_whole(network, replace(found, whole=[]))


def test_a_network_that_uses_a_tensor_twice_has_no_kernel_that_is_a_sum(found):
    maps = (Affine("twice", "dense", "w", None, 1), Affine("twice@2", "dense", "w", None, 2))
    network = SimpleNamespace(affines=maps)
    with pytest.raises(LayerAtlasError, match=r"maps share their weights \('twice@2'"):
        with_whole(network, found)


def test_spectra_of_maps_are_those_of_their_kernels(make_plan):
    network, seen = network_of(make_plan, "block_cnn with batch norm"), images()
    there = passed(network, seen)
    spectra = spectra_of_maps(network, there)
    for (_, (one,)), (values,) in zip(factors(network, there), spectra, strict=True):
        kernel = centred(whole_of(one)).reshape(33, 33)
        np.testing.assert_allclose(
            values, np.linalg.eigvalsh(kernel)[::-1].clip(0), atol=1e-10 * values[0]
        )
        np.testing.assert_allclose(values.sum(), float(kernel.trace()))
    ranks = kernel_effective_rank(spectra)
    assert ranks.shape == spectra.shape[:2] and (ranks >= 1).all()
    np.testing.assert_allclose(kernel_trace_ratio(spectra)[..., -1], 1)
    np.testing.assert_array_equal(kernel_spectrum(spectra), spectra)
