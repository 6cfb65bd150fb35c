"""The bound on the read-out's alignment."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.infinite_width.bounds import balanced_bound, read_out_bound


def alignment(kernel, targets):
    """y' Kc y / (|Kc| |y|²) of a kernel (C, n, C, n), as the formula is written."""
    n = len(targets)
    centre = np.eye(n) - 1 / n
    k = np.einsum("ij,cjdk,kl->cidl", centre, kernel, centre)
    y = (targets - targets.mean(0)).T
    return np.einsum("ci,cidj,dj", y, k, y) / (np.linalg.norm(k) * (y**2).sum())


@given(st.integers(2, 5), st.integers(4, 9), st.integers(0, 2**32 - 1))
def test_no_read_out_is_above_it(classes, samples, seed):
    draw = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(2), draw.integers(0, classes, samples - 2)])
    targets = np.eye(classes)[labels]
    read = draw.normal(size=(samples, 3))
    gram = read @ read.T + 1
    kernel = np.einsum("cd,ij->cidj", np.eye(classes), gram)
    assert alignment(kernel, targets) <= read_out_bound(targets) * (1 + 1e-12)


def test_features_that_are_the_labels_attain_it():
    targets = np.eye(4)[np.repeat(np.arange(4), 3)]
    kernel = np.einsum("cd,ij->cidj", np.eye(4), targets @ targets.T)
    assert alignment(kernel, targets) == pytest.approx(read_out_bound(targets), rel=1e-12)


def test_balanced_classes():
    targets = np.eye(10)[np.repeat(np.arange(10), 7)]
    assert read_out_bound(targets) == pytest.approx(balanced_bound(10), rel=1e-12)
    assert balanced_bound(10) == pytest.approx(0.1054, abs=0.51e-4)


def test_refusals():
    with pytest.raises(ValueError, match="all alike"):
        read_out_bound(np.ones((4, 3)))
    with pytest.raises(ValueError, match="two classes at least, not 1"):
        balanced_bound(1)
