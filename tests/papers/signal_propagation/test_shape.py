"""The rule of ascent-descent: by hand, against a naive fit, and on noise."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import isotonic_regression

from layeratlas.papers.signal_propagation import shape
from layeratlas.papers.signal_propagation.shape import shape_of, smooth_noise, unimodal_r2

HUMP = np.array([1.0, 2.0, 4.0, 3.0, 1.0])


def test_a_hump_by_hand():
    found = shape_of(np.stack([HUMP, 1.1 * HUMP, [1.0, 2.0, 3.0, 3.5, 1.0]]))
    assert (found.layers, found.seeds, found.peak) == (5, 3, 3)
    assert found.peaks.tolist() == [3, 3, 4]
    mean = np.array([3.1, 6.2, 11.4, 9.8, 3.1]) / 3
    assert found.prominence == pytest.approx(mean[2] / mean[0])
    assert found.ascent == found.descent == found.prominence
    # Seed 3 decides neither of the first two; of itself the others' peak, layer 3, is 3 high.
    assert found.prominence_loo == pytest.approx([4, 4, 3])
    assert found.ascents == pytest.approx([4, 4, 3.5])
    assert found.descents == pytest.approx([4, 4, 3.5])
    assert found.unimodal_r2 == pytest.approx(1)
    assert found.height == pytest.approx(3.8)
    assert found.presence == "present"
    assert found.centroid == pytest.approx(
        ((mean - mean[0]) * np.arange(1, 6)).sum() / (mean - mean[0]).sum()
    )
    assert found.centroids[0] == pytest.approx((2 * 1 + 3 * 3 + 4 * 2) / 6)


def test_ascent_and_descent_are_of_the_two_ends():
    found = shape_of(np.stack([[1.0, 4.0, 2.0]] * 3))
    assert (found.ascent, found.descent, found.prominence) == (4, 2, 2)


@pytest.mark.parametrize(
    ("profiles", "interior", "confirmed"),
    [
        ([[3, 2, 1], [3, 2, 1], [3, 2, 1]], False, False),  # the peak is the input layer
        ([[1, 2, 3], [1, 2, 3], [1, 2, 3]], False, False),  # … the read-out
        ([[1, 1.04, 1], [1, 1.04, 1], [1, 1.04, 1]], False, False),  # not prominent enough
        ([[1, 1.06, 1], [1, 1.06, 1], [1, 1.06, 1]], True, True),
        ([[1, 9, 1], [1, 9, 1], [1, 0.9, 1]], True, False),  # one seed is against it
        ([[1, 9, 1], [1, 9, 1], [1, 1, 1]], True, False),  # … or undecided: u = 1
    ],
)
def test_the_two_rules(profiles, interior, confirmed):
    found = shape_of(np.array(profiles, float))
    assert (found.interior, found.confirmed) == (interior, confirmed)
    assert found.presence == ("present" if interior and confirmed else "not present")


def test_a_peak_that_other_seeds_do_not_share_is_not_confirmed():
    """No seed chooses its own layer: here each has its maximum where the others have none."""
    found = shape_of(np.array([[1, 9, 1, 1, 1], [1, 1, 9, 1, 1], [1, 1, 1, 9, 1]], float) + 0.0)
    assert found.prominence > 1.05 and found.prominence_loo.tolist() == [1, 1, 1]
    assert found.presence == "not present" and not found.single_peaked


@pytest.mark.parametrize("seeds", [1, 2])
def test_few_seeds_decide_nothing(seeds):
    found = shape_of(np.stack([HUMP, 1.1 * HUMP])[:seeds])
    assert found.presence == "undecided" and not found.single_peaked
    assert np.isnan(found.prominence_loo).all() == (seeds == 1)
    assert ("no other seed" in found.told) == (seeds == 1)


def test_seeds_and_layers_that_are_not_there_are_left_out():
    padded = np.full((4, 8), np.nan)
    padded[:3, :5] = HUMP
    array = xr.DataArray(padded, dims=("seed", "layer"))
    for given_ in (padded, array, array.T):
        found = shape_of(given_)
        assert (found.layers, found.seeds) == (5, 3)
    nothing = shape_of(np.full((2, 3), np.nan))
    assert nothing.seeds == 0 and nothing.presence == "undecided" and np.isnan(nothing.peak)
    assert "0 seeds" in nothing.told


def naive_r2(profile: np.ndarray) -> float:
    """Every place of the peak, each half by scipy."""
    best = np.inf
    for k in range(len(profile) + 1):
        rise, fall = profile[:k], profile[k:]
        error = 0.0
        if len(rise):
            error += ((isotonic_regression(rise).x - rise) ** 2).sum()
        if len(fall):
            error += ((isotonic_regression(fall, increasing=False).x - fall) ** 2).sum()
        best = min(best, error)
    return 1 - best / ((profile - profile.mean()) ** 2).sum()


@given(arrays(float, st.integers(3, 12), elements=st.integers(-6, 6).map(float)))
def test_the_fit_is_the_best_of_all(profile):
    if np.ptp(profile) == 0:
        assert np.isnan(unimodal_r2(profile))
    else:
        assert unimodal_r2(profile) == pytest.approx(naive_r2(profile), abs=1e-10)


def test_noise_is_as_smooth_as_it_is_said_to_be():
    noise = smooth_noise(4000, 12, 2.5)
    covariance = noise.T @ noise / len(noise)
    place = np.arange(12)
    want = np.exp(-((place[:, None] - place) ** 2) / (2 * 2.5**2))
    np.testing.assert_allclose(covariance, want, atol=0.08)
    assert not np.array_equal(smooth_noise(2, 12, 2.5, seed=1), smooth_noise(2, 12, 2.5))


def test_the_length_of_noise_is_found_again():
    seeds = smooth_noise(400, 30, 3.0)
    assert shape.correlation_length(seeds) == pytest.approx(3.0, rel=0.1)
    # Clipped at both ends: white noise, and seeds that differ by a constant.
    white = np.random.default_rng(0).normal(size=(50, 30))
    assert shape.correlation_length(white) == pytest.approx((-2 * np.log(0.05)) ** -0.5)
    apart = np.arange(3.0)[:, None] + np.zeros(6)
    assert shape.correlation_length(apart) == pytest.approx((-2 * np.log(0.98)) ** -0.5)
    assert np.isnan(shape.correlation_length(np.ones((3, 4))))


@pytest.mark.parametrize(
    ("layers", "length", "low", "high"),
    [(10, 2.0, 0.60, 0.77), (10, 3.3, 0.60, 0.77), (20, 3.0, 0.45, 0.76), (20, 6.7, 0.45, 0.76),
     (30, 7.5, 0.68, 0.76), (30, 10.0, 0.68, 0.76)],
)  # fmt: skip
def test_smooth_noise_passes_a_fit_of_r2_alone(layers, length, low, high):
    """Specification §2.5, shares of R² > 0.9: why the fit alone is no claim."""
    share = np.mean([unimodal_r2(one) > 0.9 for one in smooth_noise(1500, layers, length)])
    assert low - 0.05 <= share <= high + 0.05


@pytest.mark.parametrize(("layers", "share"), [(10, 0.05), (20, 0.0), (30, 0.0)])
def test_white_noise_seldom_does(layers, share):
    white = np.random.default_rng(1).normal(size=(1500, layers))
    found = np.mean([unimodal_r2(one) > 0.9 for one in white])
    assert found == pytest.approx(share, abs=0.02)


def trials(count: int, seeds: int, layers: int, length: float, bump: float = 0.0):
    """(count, seed, layer) profiles around 1 with noise of 20 %, and a bump of so many sd."""
    noise = 0.2 * smooth_noise(count * seeds, layers, length, seed=3)
    place = np.arange(layers)
    hump = np.exp(-((place - 0.45 * layers) ** 2) / (2 * (0.18 * layers) ** 2))
    return 1 + noise.reshape(count, seeds, layers) + 0.2 * bump * hump


@pytest.mark.parametrize("length", [2.0, 3.3])
def test_the_rule_is_seldom_wrong_on_noise(length):
    """Where nothing is there: naive conjunctions pass often, the rule seldom."""

    def passes(seeds):
        found = [shape_of(one, 1) for one in trials(600, seeds, 10, length)]
        naive = [s.interior and s.unimodal_r2 >= 0.9 for s in found]
        return np.mean(naive), np.mean([s.presence == "present" for s in found])

    naive, rule = passes(3)
    assert naive >= 0.12 and rule <= 0.08
    naive, rule = passes(5)
    assert naive >= 0.12 and rule <= 0.03


def test_the_rule_finds_a_bump():
    found = [shape_of(one, 1) for one in trials(300, 3, 10, 2.5, bump=2.5)]
    assert np.mean([s.presence == "present" for s in found]) >= 0.6


def test_a_clean_hump_is_single_peaked_and_two_humps_are_not():
    place = np.arange(20)
    noise = 0.02 * smooth_noise(3, 20, 2.0, seed=5)
    one = 1 + np.exp(-((place - 8.0) ** 2) / 18) + noise
    found = shape_of(one)
    assert found.presence == "present" and found.unimodal_p <= 0.05 and found.single_peaked
    two = 1 + np.exp(-((place - 4.0) ** 2) / 4) + 0.9 * np.exp(-((place - 14.0) ** 2) / 4) + noise
    found = shape_of(two)
    assert found.presence == "present" and found.unimodal_p > 0.05 and not found.single_peaked
