"""Where UC-NFC starts, against exact integrals over rotations and against networks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.infinite_width.relu import Rectifier, edge_weight_std
from layeratlas.metrics.matrices import expected_rotated_nfc
from layeratlas.papers.nfa import initialisation
from layeratlas.signals.matrices import uncentred


def ranks(w, k):
    f = w.T @ w
    return np.trace(f) ** 2 / np.sum(f * f), np.trace(k) ** 2 / np.sum(k * k)


def planar():
    """All rotations of the plane that trigonometric polynomials of degree 4 need, and weights."""
    for angle in 2 * np.pi * np.arange(9) / 9:
        c, s = np.cos(angle), np.sin(angle)
        yield np.array([[c, -s], [s, c]]), 1 / 9


def spatial():
    """The same of SO(3): Euler angles, equally spaced and by Gauss and Legendre."""
    even = 2 * np.pi * np.arange(11) / 11
    nodes, weights = np.polynomial.legendre.leggauss(12)

    def about(angle, axis):
        c, s = np.cos(angle), np.sin(angle)
        i, j = [n for n in range(3) if n != axis]
        found = np.eye(3)
        found[[i, i, j, j], [i, j, i, j]] = c, -s, s, c
        return found

    for one, other in itertools.product(even, even):
        for x, weight in zip(nodes, weights, strict=True):
            turn = about(one, 2) @ about(np.arccos(x), 1) @ about(other, 2)
            yield turn, weight / 2 / 11**2


def integrated(w, spectrum, rotations):
    """E tr(F G_Q)/(|F| √E|G_Q|²), a sum over rotations."""
    f = w.T @ w
    above = below = total = 0.0
    for v, weight in rotations:
        g = w.T @ (v * spectrum) @ v.T @ w
        above, below = above + weight * np.sum(f * g), below + weight * np.sum(g * g)
        total += weight
    assert total == pytest.approx(1, abs=1e-12)
    return above / np.sqrt(np.sum(f * f) * below)


@pytest.mark.parametrize(("size", "every"), [(2, planar), (3, spatial)])
@pytest.mark.parametrize("seed", range(3))
def test_spectra_alone_are_the_integral_over_rotations(size, every, seed):
    draw = np.random.default_rng(seed)
    w, spectrum = draw.normal(size=(size, 4)), draw.exponential(size=size)
    r_f, r_k = ranks(w, np.diag(spectrum))
    found = initialisation.turned(r_f, r_k, size)
    assert found == pytest.approx(integrated(w, spectrum, every()), abs=1e-9)
    # What is close to it for many units is not it for few.
    assert abs(found - (1 + r_f / r_k) ** -0.5) > 1e-3


def test_spectra_alone_are_the_mean_over_many_draws():
    w = np.diag(np.sqrt([3, 2, 1, 0.5, 0.2, 0.1]))
    spectrum = np.arange(1, 7.0)
    draw = np.random.default_rng(0)
    g = draw.normal(size=(20_000, 6, 6))
    v, _ = np.linalg.qr(g)
    turned = w @ ((v * spectrum) @ v.swapaxes(1, 2)) @ w
    below = np.square(turned).sum((1, 2))
    # The specification's own number.
    assert below.mean() == pytest.approx(199.575833, abs=4 * below.std() / np.sqrt(len(g)))
    f = w @ w
    mean = np.sum(f * turned, (1, 2)).mean() / np.sqrt(np.sum(f * f) * below.mean())
    found = initialisation.turned(*ranks(w, np.diag(spectrum)), 6)
    assert found == pytest.approx(mean, abs=3e-3)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))
def test_ranks_say_what_traces_do(fan_out, fan_in, seed):
    draw = np.random.default_rng(seed)
    w, root = draw.normal(size=(fan_out, fan_in)), draw.normal(size=(fan_out, 3))
    k = root @ root.T
    r_f, r_k = ranks(w, k)
    (told,) = expected_rotated_nfc(uncentred(w[None], k[None, None]), k[None, None])
    assert initialisation.turned(r_f, r_k, fan_out) == pytest.approx(told, abs=1e-9)


def test_an_isotropic_k_leaves_nothing_to_turn():
    assert initialisation.turned(3.0, 7, 7) == pytest.approx(1, abs=1e-12)
    assert initialisation.turned(1.0, 1, 1) == 1
    assert np.isnan(initialisation.turned(np.nan, 1.0, 1))


def test_r_f_of_fresh_weights():
    w = np.random.default_rng(1).normal(size=(4000, 5, 8))
    f = w.swapaxes(1, 2) @ w
    trace, norm = f.trace(axis1=1, axis2=2), np.square(f).sum((1, 2))
    assert initialisation.fresh_rank(5, 8) == pytest.approx(
        trace.mean() ** 2 / norm.mean(), rel=0.02
    )


def naive_rank(cotangents):
    """1 over the mean of squared cosines of rows, all pairs."""
    unit = cotangents / np.linalg.norm(cotangents, axis=1, keepdims=True)
    return 1 / np.mean([(a @ b) ** 2 for a in unit for b in unit])


def test_r_k_of_cotangents_of_equal_length_and_given_cosines():
    draw = np.random.default_rng(2)
    k, samples, outputs, bc = 400, 6, 2, 0.6
    rows = []
    for _ in range(outputs):
        shared = draw.normal(size=k)
        rows += [
            np.sqrt(bc) * shared + np.sqrt(1 - bc) * draw.normal(size=k) for _ in range(samples)
        ]
    squared = 1 / samples + (1 - 1 / samples) * bc**2
    found = initialisation.rank_of_cotangents(squared, outputs, k)
    assert found == pytest.approx(naive_rank(np.array(rows)), rel=0.1)
    # Equal ones are one direction an output; all at random are as many as units and rows allow.
    assert initialisation.rank_of_cotangents(1.0, 1, 50) == pytest.approx(1)
    assert initialisation.rank_of_cotangents(0.0, 1, 50) == pytest.approx(50)


def network(sizes, inputs, seed):
    """UC-NFC of every layer of a fresh ReLU network, written out in numpy."""
    draw = np.random.default_rng(seed)
    weights = [
        edge_weight_std() * draw.normal(size=(k, d)) / np.sqrt(d)
        for d, k in itertools.pairwise(sizes)
    ]
    masks, h = [], inputs
    for w in weights[:-1]:
        z = h @ w.T
        masks.append(z > 0)
        h = np.maximum(z, 0)
    # (output, sample, unit) before each map, from the read-out down.
    g = np.broadcast_to(np.eye(sizes[-1])[:, None], (sizes[-1], len(inputs), sizes[-1]))
    found = []
    for at in range(len(weights) - 1, -1, -1):
        w = weights[at]
        flat = g.reshape(-1, g.shape[-1])
        k = flat.T @ flat
        f = w.T @ w
        gram = w.T @ k @ w
        found.insert(0, np.sum(f * gram) / np.linalg.norm(f) / np.linalg.norm(gram))
        if at:
            g = (g @ w) * masks[at - 1]
    return np.array(found)


def made(sizes, n=200):
    """Cosines of pairs of inputs, alike where there are several outputs, and UC-NFC measured."""
    draw = np.random.default_rng(5)
    common = draw.normal(size=sizes[0]) if sizes[-1] > 1 else 0
    inputs = draw.normal(size=(n, sizes[0])) + common / np.sqrt(2)
    unit = inputs / np.linalg.norm(inputs, axis=1, keepdims=True)
    cosines = (unit @ unit.T)[np.triu_indices(n, 1)]
    return cosines, np.mean([network(sizes, inputs, seed) for seed in range(6)], 0)


ONE_OUTPUT = [(32, 128, 128, 1), (32, 256, 256, 256, 1)]
TEN = [(50, 128, 128, 128, 10), (300, 256, 256, 256, 10)]


def started(form, cosines, sizes, n=200):
    return initialisation.start(form(Rectifier(), cosines, n, sizes[1:]), sizes)


@pytest.mark.parametrize("sizes", ONE_OUTPUT)
def test_networks_of_one_output_start_where_the_specification_says(sizes):
    cosines, measured = made(sizes)
    found = started(initialisation.mean_field_ranks, cosines, sizes)
    assert np.abs(found - measured).max() < 0.06
    assert found[-1] == 1 and measured[-1] == pytest.approx(1)
    # The control: were all inputs alike it is another number.
    alike = started(initialisation.mean_field_ranks, np.ones(3), sizes)
    assert np.abs(alike - measured).max() > 0.1


@pytest.mark.parametrize("sizes", ONE_OUTPUT + TEN)
def test_all_start_where_second_moments_say(sizes):
    cosines, measured = made(sizes)
    found = started(initialisation.finite_width_ranks, cosines, sizes)
    assert np.abs(found - measured).max() < 0.04
    alike = started(initialisation.finite_width_ranks, np.ones(3), sizes)
    assert np.abs(alike - measured).max() > 0.1


def test_cotangents_of_several_outputs_are_not_at_random_among_all_units():
    """Why there are two forms: they share masks."""
    sizes = TEN[0]
    cosines, measured = made(sizes)
    found = started(initialisation.mean_field_ranks, cosines, sizes)
    assert (found - measured)[0] > 0.06


@pytest.mark.parametrize("slope", [0.0, 0.3, 1.0])
def test_second_moments_of_one_layer_against_many_draws(slope):
    """q and w of two cotangents of one output, and of two, through one layer of few units."""
    k, draws, cosine, outputs = 6, 60_000, 0.3, 2
    draw = np.random.default_rng(0)
    z = draw.normal(size=(draws, k))
    other = cosine * z + np.sqrt(1 - cosine**2) * draw.normal(size=z.shape)
    masks = np.where(z > 0, 1, slope), np.where(other > 0, 1, slope)
    w = draw.normal(size=(draws, outputs, k))
    g = np.concatenate([w * mask[:, None] for mask in masks], 1)
    gram = g @ g.swapaxes(1, 2)
    lengths = np.square(gram.trace(axis1=1, axis2=2))
    measured = lengths.mean() / np.square(gram).sum((1, 2)).mean()
    found = initialisation.finite_width_ranks(
        Rectifier(slope), np.array([cosine]), 2, np.array([k, outputs])
    )
    assert found[0] == pytest.approx(measured, rel=0.01)


def test_wide_networks_of_one_output_have_the_backward_correlation_alone():
    cosines = np.random.default_rng(3).uniform(-0.5, 0.9, 40)
    sizes = np.array([1e9, 1e9, 1e9, 1.0])
    one = initialisation.mean_field_ranks(Rectifier(), cosines, 10, sizes)
    other = initialisation.finite_width_ranks(Rectifier(), cosines, 10, sizes)
    np.testing.assert_allclose(one, other, rtol=1e-6)


def test_without_a_pair_nothing_is_said():
    for form in (initialisation.mean_field_ranks, initialisation.finite_width_ranks):
        with pytest.raises(ValueError, match="no pair"):
            form(Rectifier(), np.array([np.nan]), 2, (4, 1))


def test_missing_cosines_are_left_out():
    for form in (initialisation.mean_field_ranks, initialisation.finite_width_ranks):
        one = form(Rectifier(), np.array([0.2, 0.5]), 3, (16, 16, 2))
        other = form(Rectifier(), np.array([0.2, np.nan, 0.5]), 3, (16, 16, 2))
        np.testing.assert_array_equal(one, other)
