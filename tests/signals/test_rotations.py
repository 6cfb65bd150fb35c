"""Gradient outer products with eigenvectors turned at random."""

from __future__ import annotations

import numpy as np
import torch

from layeratlas.signals.rotations import ROTATIONS, haar, rotations


def drawn(k=6, d=4):
    rng = np.random.default_rng(0)
    g = rng.normal(size=(2, 1, 9, k))
    return rng.normal(size=(2, k, d)), g.swapaxes(2, 3) @ g


def test_what_is_turned_keeps_the_spectrum_of_the_moment():
    w, k = drawn()
    found = rotations(w, k)
    assert found.cosines.shape == (2, ROTATIONS)
    for m in range(2):
        values, v = np.linalg.eigvalsh(k[m, 0]), haar(6, 0).numpy()
        np.testing.assert_allclose(v @ v.T, np.eye(6), atol=1e-12)
        q = v @ np.diag(values) @ v.T
        np.testing.assert_allclose(np.linalg.eigvalsh(q), values, rtol=1e-10)
        np.testing.assert_allclose(found.first[m], w[m].T @ q @ w[m], rtol=1e-10)
        f, g = w[m].T @ w[m], w[m].T @ q @ w[m]
        rho = (f * g).sum() / np.linalg.norm(f) / np.linalg.norm(g)
        np.testing.assert_allclose(found.cosines[m, 0], rho, rtol=1e-10)


def test_it_is_the_mean_over_draws_of_a_moment_that_is_turned():
    w, k = drawn()
    both = np.concatenate([0.5 * k, 1.5 * k], axis=1)
    np.testing.assert_allclose(rotations(w, both).cosines, rotations(w, k).cosines, rtol=1e-12)


def test_draws_differ_and_are_the_same_for_everybody():
    assert not torch.equal(haar(5, 0), haar(5, 1))
    haar.cache_clear()
    first = haar(5, 0).clone()
    haar.cache_clear()
    assert torch.equal(haar(5, 0), first)


def test_directions_are_uniform_on_the_sphere():
    """Entries of a column of a Haar matrix: E v_i v_j = δ_ij/k and E v_i⁴ = 3/(k(k + 2))."""
    columns = torch.stack([haar(4, n) for n in range(2000)])
    products = torch.einsum("nic,njc->cij", columns, columns) / len(columns)
    np.testing.assert_allclose(products, np.tile(np.eye(4) / 4, (4, 1, 1)), atol=0.03)
    np.testing.assert_allclose((columns**4).mean(0), np.full((4, 4), 3 / 24), atol=0.02)
