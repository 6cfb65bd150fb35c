"""The backward–feature angle against arccos, and near zero where arccos has no digits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.probes.angles import backward_feature_angle


@given(
    seed=st.integers(0, 10**6),
    settings=st.integers(1, 3),
    samples=st.integers(1, 4),
    units=st.integers(2, 9),
)
def test_it_is_the_angle_between_two_vectors(seed, settings, samples, units):
    move, b = np.random.default_rng(seed).standard_normal((2, settings, samples, units))
    cos, theta = backward_feature_angle(move, b)
    for i in range(settings):
        v, w = move[i].ravel(), b[i].ravel()
        want = -(v @ w) / np.linalg.norm(v) / np.linalg.norm(w)
        assert cos[i] == pytest.approx(want, rel=1e-10, abs=1e-12)
        assert theta[i] == pytest.approx(np.arccos(np.clip(want, -1, 1)), abs=1e-7)


def test_tiny_angles_keep_their_digits():
    b = np.zeros((1, 1, 4))
    b[..., 0] = 1.0
    velocity = -b.copy()
    velocity[..., 1] = 1e-12
    assert backward_feature_angle(velocity, b)[1][0] == pytest.approx(1e-12, rel=1e-10)


@pytest.mark.parametrize("still", [0, 1])
def test_where_one_vanishes_there_is_no_angle(still):
    pair = [np.ones((1, 2, 3)), np.ones((1, 2, 3))]
    pair[still][:] = 0
    assert np.isnan(backward_feature_angle(*pair)).all()
