"""Four theories on the same networks, and ranks over the grid."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from made.beyond import theories_cube
from made.turned import backwards
from scipy import stats

from layeratlas.papers.nfa import theories


@pytest.fixture(scope="module")
def found():
    return theories.theories(theories_cube())


def test_hidden_layers_of_every_cell(found):
    assert dict(found.sizes) == {"negative_slope": 3, "dropout": 4, "layer": 4}
    assert found["dropout"].values.tolist() == [0.3, 0.2, 0.1, 0.0]
    at = {"negative_slope": 0.5, "dropout": 0.0}
    u = 5 / 12
    np.testing.assert_allclose(found["load"].sel(at), 1 + 0.1 * u * np.array([1, 3, 5, 7]), 1e-5)
    np.testing.assert_allclose(found["angle"].sel(at), 1.2 - 0.1 * u * np.arange(1, 5), 1e-5)
    np.testing.assert_allclose(found["nfc"].sel(at), 0.8 + 0.1 * u * (np.arange(4) - 1.5), 1e-5)
    assert (abs(found["test_accuracy"] - 0.9) < 1e-6).all()


def test_the_order_of_stored_axes_does_not_matter(found):
    xr.testing.assert_allclose(theories.theories(backwards(theories_cube())), found)


def test_a_tilt_is_of_the_deep_half_less_the_shallow():
    five = xr.DataArray([1.0, 2, 100, 5, 6], dims="layer")
    assert float(theories.tilt(five)) == 4
    assert np.isnan(theories.tilt(five.where(five != 6)))


def test_ranks_of_what_follows_one_number(found):
    by = {(r.first, r.second): r for r in theories.related(found, tilts=True)}
    assert len(by) == 6
    for (first, second), one in by.items():
        sign = -1 if "angle" in (first, second) else 1
        assert one.value == pytest.approx(sign) and one.cells == 12
        assert one.low == pytest.approx(sign) and one.beyond_zero == pytest.approx(1)
    assert max(theories.shuffled(found, tilts=True).values()) < 0.8


def test_correlations_are_scipys_and_intervals_hold_them():
    noise = np.random.default_rng(4)
    draws = {}

    def random(u, k, s):
        return draws.setdefault((round(u, 6), k), noise.normal())

    found = theories.theories(theories_cube(c_nfc=random))
    for tilts in (True, False):
        by = {(r.first, r.second): r for r in theories.related(found, tilts=tilts)}
        one = by["alignment", "nfc"]
        a, b = (theories.tilt(found[n]) if tilts else found[n] for n in ("alignment", "nfc"))
        expected = stats.spearmanr(a.values.ravel(), b.values.ravel()).statistic
        assert one.value == pytest.approx(expected, abs=1e-12)
        assert one.low < one.value < one.high and one.high - one.low > 0.1
        assert one.beyond_zero < 0


def test_a_cell_with_a_lost_run_is_left_out():
    found = theories.theories(theories_cube(status=(0, 0, 1)))
    assert {r.cells for r in theories.related(found, tilts=True)} == {11}
    none = theories.theories(theories_cube(status=np.s_[:]))
    assert all(np.isnan(r.value) for r in theories.related(none, tilts=False))
    assert all(np.isnan(v) for v in theories.shuffled(none, tilts=False).values())


def test_correlations_over_the_grid():
    found = theories.correlations_over_grid(theories_cube())
    assert found["c_nfc"].dims == ("negative_slope", "dropout", "seed", "layer")
    np.testing.assert_allclose(found["beyond_turned"], found["c_nfc"] - 0.6, atol=1e-6)
