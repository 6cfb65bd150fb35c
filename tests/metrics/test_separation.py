"""Separation measures against covariances written out, and their exact values and symmetries."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ortho_group

from layeratlas.metrics import (
    data_separation,
    data_separation_pseudoinverse,
    data_separation_within_pseudoinverse,
)

ALL = {
    "D": data_separation,
    "D_mp": data_separation_pseudoinverse,
    "D_imp": data_separation_within_pseudoinverse,
}
SEEDS = st.integers(0, 2**32 - 1)
every_measure = pytest.mark.parametrize("name", ALL)
every_library = pytest.mark.parametrize("library", ["numpy", "torch"])


def plain_measures(X: np.ndarray, c: np.ndarray) -> dict[str, float]:
    """§1.1 of the specification, word for word, for one member in float64."""
    N, d = X.shape
    m = X.mean(axis=0)
    within, between = np.zeros((d, d)), np.zeros((d, d))
    for k in np.unique(c):
        Xk = X[c == k]
        mk = Xk.mean(axis=0)
        within += (Xk - mk).T @ (Xk - mk) / N
        between += len(Xk) * np.outer(mk - m, mk - m) / N

    def inverse(a):
        return np.linalg.pinv(a, rcond=d * np.finfo(np.float32).eps, hermitian=True)

    with np.errstate(divide="ignore"):
        return {
            "D": np.log(np.trace(within) / np.trace(between)),
            "D_mp": np.log(np.trace(within @ inverse(between))),
            "D_imp": np.log(np.trace(between @ inverse(within))),
        }


def measure(name: str, library: str, features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    if library == "numpy":
        return ALL[name](features, labels)
    values = ALL[name](torch.as_tensor(features), torch.as_tensor(labels))
    assert isinstance(values, torch.Tensor)
    return values.numpy()


def cloud(members, n, d, n_classes, seed):
    """Unbalanced classes, each with a sample at least, around centres of their own."""
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(n_classes), rng.integers(n_classes, size=n)])
    labels = np.minimum(labels, rng.permutation(labels))
    labels[:n_classes] = np.arange(n_classes)
    centres = 2 * rng.normal(size=(members, n_classes, d))
    return centres[:, labels] + rng.normal(size=(members, len(labels), d)), labels


@every_library
@every_measure
@given(
    members=st.integers(1, 3),
    n=st.integers(0, 40),
    d=st.integers(1, 60),
    n_classes=st.integers(2, 6),
    seed=SEEDS,
)
def test_the_definition_written_out(name, library, members, n, d, n_classes, seed):
    """Also with classes of one sample, and more features than samples."""
    features, labels = cloud(members, n, d, n_classes, seed)
    values = measure(name, library, features, labels)
    assert values.shape == (members,) and values.dtype == np.float64
    expected = [plain_measures(x, labels)[name] for x in features]
    np.testing.assert_allclose(values, expected, rtol=1e-6, atol=1e-6)


@every_library
@given(n=st.integers(10, 60), d=st.integers(1, 30), seed=SEEDS)
def test_float32_loses_little(library, n, d, seed):
    features, labels = cloud(2, n, d, 4, seed)
    shifted = (features + 100).astype(np.float32)  # a one-pass covariance would cancel here
    values = measure("D", library, shifted, labels)
    expected = [plain_measures(x, labels)["D"] for x in features]
    np.testing.assert_allclose(values, expected, atol=1e-3)


@every_library
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-4), ("float64", 1e-14)])
def test_exact_values(library, dtype, tolerance):
    features = np.array([[[0, 0], [2, 0], [10, 0], [12, 0]]], dtype)
    labels = np.array([0, 0, 1, 1])
    for name, exact in {"D": -math.log(25), "D_mp": -math.log(25), "D_imp": math.log(25)}.items():
        value = measure(name, library, features, labels)[0]
        assert abs(value - exact) < tolerance


@pytest.mark.parametrize("values", [[0, 1, 2], [7, -3, 40]])
def test_class_names_and_sample_order_do_not_matter(values):
    features, labels = cloud(2, 30, 5, 3, 0)
    order = np.random.default_rng(1).permutation(len(labels))
    for function in ALL.values():
        renamed = function(features[:, order], np.array(values)[labels][order])
        np.testing.assert_allclose(renamed, function(features, labels), rtol=1e-10)


@every_measure
@given(d=st.integers(2, 8), scale=st.floats(1e-3, 1e3), shift=st.floats(-100, 100), seed=SEEDS)
def test_translation_rotation_and_scaling_change_nothing(name, d, scale, shift, seed):
    features, labels = cloud(1, 40, d, 3, seed)
    rotation = ortho_group.rvs(d, random_state=seed % 2**31)
    moved = scale * (features @ rotation + shift)
    np.testing.assert_allclose(
        ALL[name](moved, labels), ALL[name](features, labels), rtol=1e-6, atol=1e-6
    )


def test_a_members_value_is_its_own():
    features, labels = cloud(5, 40, 7, 3, 0)
    for function in ALL.values():
        together = function(features, labels)
        alone = [function(features[[e]], labels)[0] for e in range(5)]
        np.testing.assert_allclose(together, alone, rtol=1e-12)


def test_more_spread_within_classes_is_larger():
    """D grows by 2 ln s when deviations from the class means grow s times."""
    features, labels = cloud(1, 60, 6, 3, 0)
    means = np.stack([features[0, labels == k].mean(axis=0) for k in range(3)])[labels]
    wider = means + 3 * (features - means)
    for name, sign in (("D", 1), ("D_mp", 1), ("D_imp", -1)):
        difference = ALL[name](wider, labels) - ALL[name](features, labels)
        np.testing.assert_allclose(difference, sign * 2 * math.log(3), rtol=1e-6)


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@every_library
@every_measure
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dead_and_broken_layers_raise_nothing(name, library, dtype):
    """A dead layer, collapsed classes, NaN and infinity; the sound member beside them is right."""
    features, labels = cloud(5, 40, 6, 3, 0)
    features[0] = 0
    features[1] = features[1][labels]  # one point a class
    features[2, 3, 4] = np.nan
    features[3, 3, 4] = np.inf
    values = measure(name, library, features.astype(dtype), labels)
    assert not np.isfinite(values[[0, 2, 3]]).any()
    assert np.isnan(values[2])
    np.testing.assert_allclose(values[4], plain_measures(features[4], labels)[name], rtol=1e-4)


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
@every_library
def test_a_covariance_that_overflows_is_no_number(library):
    """Its class means are 0: nothing but the covariance tells a broken layer from an empty one."""
    labels = np.array([0, 0, 1, 1])
    features = np.array([[1e160, -1e160, 1e160, -1e160], [0, 2, 10, 12]])[:, :, None]
    values = measure("D_imp", library, features, labels)
    assert np.isnan(values[0])
    assert values[1] == pytest.approx(math.log(25))


@every_measure
def test_some_dead_units_do_not_matter(name):
    features, labels = cloud(2, 60, 5, 3, 0)
    padded = np.concatenate([features, np.zeros((2, len(labels), 3))], axis=2)
    np.testing.assert_allclose(ALL[name](padded, labels), ALL[name](features, labels), rtol=1e-8)


@every_library
@every_measure
@pytest.mark.parametrize(
    ("shape", "n_labels", "message"),
    [
        ((5, 3), 5, r"features must be \(member, sample, feature\).*\(5, 3\) and \(5,\)"),
        ((2, 5, 3), 4, r"labels \(sample,\); got \(2, 5, 3\) and \(4,\)"),
    ],
)
def test_wrong_shapes_are_refused(name, library, shape, n_labels, message):
    with pytest.raises(ValueError, match=message):
        measure(name, library, np.zeros(shape), np.arange(n_labels))


@every_library
@every_measure
def test_one_class_is_refused(name, library):
    with pytest.raises(ValueError, match="at least two classes"):
        measure(name, library, np.ones((1, 4, 2)), np.zeros(4, int))


@every_measure
def test_arguments_stay_as_they_are(name):
    features, labels = cloud(2, 20, 4, 3, 0)
    before = features.copy(), labels.copy()
    ALL[name](features, labels)
    np.testing.assert_array_equal(features, before[0])
    np.testing.assert_array_equal(labels, before[1])
