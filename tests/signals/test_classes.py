"""Sums over batches are those of all images; what follows from them is Σ_w and Σ_b."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.backends import get_backend
from layeratlas.signals import classes
from layeratlas.signals.network import Network, Trained
from layeratlas.signals.views import Seen, View


@pytest.mark.parametrize("library", ["numpy", "torch"])
@given(n=st.integers(1, 30), d=st.integers(1, 9), cut=st.integers(0, 30), seed=st.integers(0, 99))
def test_covariances_written_out(library, n, d, cut, seed):
    """M with Σ_b = MᵀM, V with V Vᵀ = Σ_b⁺, and Σ_w from deviations of two batches."""
    rng = np.random.default_rng(seed)
    labels = np.concatenate([[0, 1, 4], rng.choice([0, 1, 4], size=n)])
    x = rng.normal(size=(2, len(labels), d)) + labels[:, None]
    wrap = torch.as_tensor if library == "torch" else np.asarray
    of = classes.classes_of(wrap(labels))
    parts = [(wrap(x[:, part]), wrap(labels[part])) for part in (slice(0, cut), slice(cut, None))]
    each = [classes.class_sums(*part, of) for part in parts]
    sums = each[0][0] + each[1][0], each[0][1] + each[1][1]
    means = classes.class_means(sums)
    M = np.asarray(classes.between_classes(sums, means))
    V = np.asarray(classes.between_directions(classes.between_classes(sums, means)))
    left = [classes.deviations(*part, of, means) for part in parts]
    scatter = sum(np.asarray(classes.scatter(part)) for part in left)
    square = sum(np.asarray(classes.square(part)) for part in left)
    along = sum(np.asarray(classes.square_along(part, wrap(V))) for part in left)
    for e in range(2):
        within, between, grand = np.zeros((d, d)), np.zeros((d, d)), x[e].mean(0)
        for k in (0, 1, 4):
            own = x[e][labels == k]
            within += (own - own.mean(0)).T @ (own - own.mean(0))
            between += len(own) / len(labels) * np.outer(*2 * [own.mean(0) - grand])
        np.testing.assert_allclose(M[e].T @ M[e], between, atol=1e-12)
        inverse = np.linalg.pinv(between, rcond=d * np.finfo("f4").eps, hermitian=True)
        np.testing.assert_allclose(V[e] @ V[e].T, inverse, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(scatter[e], within, atol=1e-10)
        np.testing.assert_allclose(square[e], np.trace(within), atol=1e-10)
        np.testing.assert_allclose(along[e], np.trace(within @ inverse), rtol=1e-5, atol=1e-8)


def test_deviations_keep_the_precision_of_the_features():
    x, labels = np.ones((1, 4, 2), "f4"), np.array([0, 0, 1, 1])
    means = np.zeros((1, 2, 2))
    assert classes.deviations(x, labels, np.array([0, 1]), means).dtype == np.float32


def test_classes_are_those_of_all_images_of_the_view(make_plan):
    """Sorted, as folders of images are: the first half has one class alone."""
    labels = np.repeat([2, 5, 9], [5, 2, 2])
    network = Network(Trained(make_plan(1), None, get_backend("cpu")), np.arange(1), None, None)
    found = classes.classes(network, Seen(View(), np.zeros((9, 1)), labels))
    assert found.tolist() == [2, 5, 9]


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="at least two classes"):
        classes.classes_of(np.zeros(3, int))


def test_a_mean_is_over_the_images_of_the_view():
    seen = Seen(View(), np.zeros((8, 1)), np.zeros(8))
    assert classes.over_images(np.array([4.0]), seen) == 0.5
