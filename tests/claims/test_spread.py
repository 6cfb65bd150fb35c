"""Standard errors by leaving out seeds: those of textbooks where there are any."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from layeratlas.claims.claim import FAILS, HOLDS, TIE
from layeratlas.claims.ledger import Ledger
from layeratlas.claims.spread import MOST_GROUPS, judged_with_spreads, pseudo_values
from layeratlas.errors import LayerAtlasError


def cube(values, first=0, seed="seed") -> xr.DataTree:
    """Of `values`, (seed, …, cell)."""
    values = np.asarray(values, float).reshape(len(values), -1)
    seeds = first + np.arange(len(values))
    node = xr.Dataset({"x": ((seed, "cell"), values)}, coords={seed: seeds})
    return xr.DataTree.from_dict({"/": xr.Dataset(coords={seed: seeds}), "/layers": node})


def judged(value, cubes, comparison=">", **other):
    def judge(cubes):
        ledger = Ledger("f", "source")
        x = {name: cube["layers"]["x"] for name, cube in cubes.items()}
        n = sum(one.size for one in x.values())
        ledger.decide("1", "s", "t", comparison, 0.0, lambda: (float(value(**x)), n, ""), **other)
        return ledger.claims

    (claim,) = judged_with_spreads(judge, cubes)
    return claim


@settings(max_examples=15, deadline=None)
@given(st.integers(2, MOST_GROUPS), st.integers(0, 999))
def test_of_a_mean_it_is_that_of_the_textbook(seeds, entropy):
    values = np.random.default_rng(entropy).normal(size=seeds)
    claim = judged(lambda a: a.mean(), {"a": cube(values)})
    assert claim.spread == pytest.approx(values.std(ddof=1) / math.sqrt(seeds))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 999))
def test_seeds_that_experiments_share_are_paired(entropy):
    """Else the standard error of a difference of nearly the same numbers would be that of each."""
    dice = np.random.default_rng(entropy)
    one = dice.normal(size=5)
    two = one + 0.01 * dice.normal(size=5)
    claim = judged(lambda a, b: (a - b).mean(), {"a": cube(one), "b": cube(two)})
    assert claim.spread == pytest.approx((one - two).std(ddof=1) / math.sqrt(5))
    within = judged(lambda a: (a[:, 0] - a[:, 1]).mean(), {"a": cube(np.stack([one, two], 1))})
    assert within.spread == pytest.approx(claim.spread)


def test_other_seeds_are_independent():
    one, two = np.arange(3.0), np.array([1.0, 5, 2, 2, 7])
    claim = judged(lambda a, b: a.mean() - b.mean(), {"a": cube(one), "b": cube(two)})
    assert claim.spread == pytest.approx(math.sqrt(one.var(ddof=1) / 3 + two.var(ddof=1) / 5))
    apart = judged(lambda a, b: a.mean() - b.mean(), {"a": cube(one), "b": cube(one, first=3)})
    assert apart.spread == pytest.approx(math.sqrt(2 * one.var(ddof=1) / 3))


def test_seeds_that_data_were_drawn_with_are_left_out_too():
    """Of networks of one seed each, on data of several: the scatter is that of the data."""
    values = np.random.default_rng(1).normal(size=5)
    claim = judged(lambda a: a.mean(), {"a": cube(values, seed="draw_seed")})
    assert claim.spread == pytest.approx(values.std(ddof=1) / math.sqrt(5))
    assert judged(lambda a: a.mean(), {"a": cube(values, seed="dropout")}).spread is None


def test_many_seeds_are_left_out_in_groups():
    values, calls = np.random.default_rng(1).normal(size=400), []
    claim = judged(lambda a: calls.append(a.size) or a.mean(), {"a": cube(values)})
    assert calls == [400] + [360] * MOST_GROUPS
    assert claim.spread == pytest.approx(values.std(ddof=1) / 20, rel=0.7)


def test_of_one_seed_and_of_no_seeds_nothing_is_known():
    alone = xr.DataTree.from_dict({"/layers": xr.Dataset({"x": ("cell", [0.1])})})
    for one in (cube([0.1]), alone):
        claim = judged(lambda a: a.mean(), {"a": one}, is_order=True)
        assert (claim.spread, claim.verdict) == (None, HOLDS)


def test_a_value_that_needs_every_seed_has_none():
    def all_three(a):
        if a.sizes["seed"] < 3:
            raise LayerAtlasError("needs three seeds")
        return a.mean()

    assert judged(all_three, {"a": cube([1, 2, 4])}).spread is None
    claim = judged(lambda a: a.mean() if a[0] > 0 else math.nan, {"a": cube([1, -2, 4])})
    assert claim.spread is None


@pytest.mark.parametrize(
    ("values", "verdict"), [([3, 4, 5], HOLDS), ([-1, 4, 2], TIE), ([-3, -4, -5], FAILS)]
)
def test_an_order_is_judged_against_it(values, verdict):
    assert judged(lambda a: a.mean(), {"a": cube(values)}, is_order=True).verdict == verdict
    assert judged(lambda a: a.mean(), {"a": cube(values)}, is_order=False).verdict != TIE


def test_nothing_else_of_a_cube_is_left_out():
    def judge(cubes):
        (root,) = (cube.to_dataset() for cube in cubes.values())
        assert root.attrs == {"n_train": 3}
        assert cubes["a"]["layers"].sizes["cell"] == 2
        assert "other" in cubes["a"].children
        ledger = Ledger("f", "source")
        ledger.decide("1", "s", "t", ">", 0.0, lambda: (1.0, 2, ""))
        return ledger.claims

    one = cube([[1, 2], [3, 4]])
    one.attrs["n_train"] = 3
    one["other"] = xr.Dataset({"y": ("cell", [1.0, 2.0])})
    (claim,) = judged_with_spreads(judge, {"a": one})
    assert claim.spread == 0.0


# --- what each seed adds ------------------------------------------------------------------------
def test_what_each_seed_adds_to_a_mean_is_its_value():
    runs = xr.DataArray([[1.0, 2.0], [4.0, np.nan], [4.0, 8.0]], dims=("seed", "cell"))
    assert pseudo_values(runs, lambda mean: mean).transpose(*runs.dims).equals(runs)


def test_what_each_seed_adds_has_the_standard_error_of_the_whole():
    """Of a ratio of means, against leaving out seeds in a loop; a run without a point is out."""
    values = np.array([[1.0, 2.0], [3.0, 5.0], [2.0, 7.0], [np.nan, 1.0]])

    def ratio(mean):
        return mean.isel(layer=0) / mean.isel(layer=1)

    found = pseudo_values(xr.DataArray(values, dims=("seed", "layer")), ratio, "layer").values
    kept = values[:3]
    without = [np.delete(kept, i, 0).mean(0) for i in range(3)]
    left = np.array([a / b for a, b in without])
    expected = math.sqrt(2 / 3 * ((left - left.mean()) ** 2).sum())
    assert np.isnan(found[3])
    assert found[:3].std(ddof=1) / math.sqrt(3) == pytest.approx(expected)
    alone = xr.DataArray(values[:1], dims=("seed", "layer"))
    assert np.isnan(pseudo_values(alone, ratio, "layer")).all()
