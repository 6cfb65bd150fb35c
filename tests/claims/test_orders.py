"""What seeds leave open of an order: the common functions against going through all orders."""

from __future__ import annotations

import math
from itertools import permutations, product

import numpy as np
import pytest
import xarray as xr
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from layeratlas.claims.claim import WITHIN
from layeratlas.claims.orders import (
    Cells,
    CellTable,
    largest,
    rank_correlation,
    rank_correlations,
    sign_changes,
    standard_error,
    steps,
)


def made(cells: int, seeds: int, entropy: int, noise: float) -> Cells:
    """Numbers on a coarse grid, so that some are equal; their means are those of their seeds."""
    dice = np.random.default_rng(entropy)
    values = np.round(dice.normal(size=cells), 1)
    each = values + noise * dice.normal(size=(seeds, cells))
    return Cells(each.mean(0), each)


CELLS = st.builds(
    made, st.integers(2, 5), st.integers(2, 4), st.integers(0, 10**6), st.sampled_from([0, 0.1, 1])
)


def orders(cells: Cells) -> list[np.ndarray]:
    """Places 1 … k of every order in which no pair that seeds tell apart stands the other way."""
    k = len(cells.values)

    def allowed(places) -> bool:
        for i, j in product(range(k), repeat=2):
            difference = cells.seeds[:, i] - cells.seeds[:, j]
            error = difference.std(ddof=1) / math.sqrt(len(difference))
            apart = cells.values[j] - cells.values[i]
            if apart > WITHIN * error and places[i] > places[j]:
                return False
        return True

    return [np.array(p) for p in permutations(range(1, k + 1)) if allowed(p)]


@settings(max_examples=30)
@given(CELLS)
def test_rank_correlations_with_an_axis_are_those_of_all_orders(cells):
    axis = (
        np.arange(len(cells.values)) // 2
        if len(cells.values) > 3
        else np.arange(5)[: len(cells.values)]
    )
    found = [float(stats.spearmanr(axis, places).statistic) for places in orders(cells)]
    assert rank_correlations(axis, cells) == pytest.approx((min(found), max(found)))


@settings(max_examples=30)
@given(st.integers(3, 4), st.integers(0, 10**6), st.sampled_from([0.1, 1]))
def test_rank_correlations_of_two_are_of_orders_that_are_allowed(cells, entropy, noise):
    """The search by turns attains its ends, and holds what was measured between them."""
    one, two = made(cells, 3, entropy, noise), made(cells, 3, entropy + 1, noise)
    every = {
        round(float(stats.spearmanr(a, b).statistic), 9) for a in orders(one) for b in orders(two)
    }
    least, most = rank_correlations(one, two)
    assert {round(least, 9), round(most, 9)} <= every
    measured = float(stats.spearmanr(one.values, two.values).statistic)
    assert least - 1e-9 <= measured <= most + 1e-9


def test_the_search_by_turns_mostly_finds_the_outermost():
    hits = 0
    for entropy in range(20):
        one, two = made(4, 3, entropy, 0.5), made(4, 3, entropy + 100, 0.5)
        every = [float(stats.spearmanr(a, b).statistic) for a in orders(one) for b in orders(two)]
        hits += rank_correlations(one, two) == pytest.approx((min(every), max(every)))
    assert hits >= 18


@settings(max_examples=30)
@given(st.integers(0, 10**6))
@example(214)  # where turns alone end beyond what was measured
def test_of_many_cells_both_ends_are_allowed_and_around_what_was_measured(entropy):
    """Above twelve cells the order is found greedily: a check of its places, pair by pair."""
    from layeratlas.claims import orders as room

    cells = made(20, 3, entropy, 0.3)
    axis = np.arange(20)
    least, most = rank_correlations(axis, cells)
    assert least <= float(stats.spearmanr(axis, cells.values).statistic) <= most
    places = room._placed(axis.astype(float), cells.before())
    assert sorted(places) == list(range(1, 21))
    below = cells.before()
    assert not (below & (places[:, None] > places[None, :])).any()


@settings(max_examples=30)
@given(CELLS)
def test_sign_changes_are_those_of_all_signs(cells):
    choices = []
    for value, error in zip(cells.values, standard_error(cells.seeds), strict=True):
        choices.append([-1, 1] if abs(value) <= WITHIN * error else [np.sign(value)])
    found = set()
    for signs in product(*choices):
        kept = [sign for sign in signs if sign]
        found.add(sum(a != b for a, b in zip(kept[1:], kept[:-1], strict=True)))
    assert sign_changes(cells) == tuple(sorted(found))


@settings(max_examples=30)
@given(CELLS)
def test_the_largest_is_one_of_those_that_some_order_has_last(cells):
    last = {int(places.argmax()) for places in orders(cells)}
    assert set(largest(cells)) == last
    assert cells.values[largest(cells)[0]] == cells.values.max()


@settings(max_examples=30)
@given(CELLS)
def test_an_open_step_may_have_either_sign(cells):
    least, most = steps(cells.values, cells.errors)
    for value, error, low, high in zip(cells.values, cells.errors, least, most, strict=True):
        is_open = abs(value) <= WITHIN * error
        assert (low, high) == ((-abs(value), abs(value)) if is_open else (value, value))


@settings(max_examples=30)
@given(st.integers(2, 5), st.integers(0, 999))
def test_of_one_seed_every_pair_stands_as_it_is(cells, entropy):
    alone = made(cells, 1, entropy, 0.1)
    assert not alone.open.any() and not alone.open_signs.any()
    axis = np.arange(cells)
    measured = float(stats.spearmanr(axis, alone.values).statistic)
    assert rank_correlations(axis, alone) == pytest.approx((measured, measured), nan_ok=True)
    assert len(largest(alone)) == (alone.values == alone.values.max()).sum()
    assert len(sign_changes(alone)) == 1


def test_a_rank_correlation_is_that_of_scipy():
    dice = np.random.default_rng(3)
    one, two = dice.integers(0, 4, 12).astype(float), dice.normal(size=12)
    assert rank_correlation(one, two) == pytest.approx(stats.spearmanr(one, two).statistic)
    for odd in (np.ones(12), np.append(two[:-1], np.nan)):
        assert np.isnan(rank_correlation(one, odd))
    assert np.isnan(rank_correlation(one[:1], two[:1]))


def test_seeds_are_paired():
    """Two cells whose seeds differ much, and always by the same: they are told apart."""
    shared = np.array([[0.0], [5.0], [-5.0]])
    cells = Cells(np.array([0.0, 0.1]), shared + np.array([0.0, 0.1]))
    assert not cells.open.any()
    assert cells.errors == pytest.approx(shared.std(ddof=1) / math.sqrt(3))


def test_what_is_missing_has_no_value():
    cells = Cells(np.array([0.0, np.nan, 1]), np.zeros((3, 3)))
    assert np.isnan(rank_correlations(np.arange(3), cells)).all()
    assert np.isnan(rank_correlations(np.ones(3), made(3, 3, 1, 0.1))).all()
    lost = np.array([[1.0, np.nan], [2.0, 1.0], [4.0, np.nan]])
    first, second = standard_error(lost)
    assert first == pytest.approx(np.std([1, 2, 4], ddof=1) / math.sqrt(3)) and np.isnan(second)


def test_pairs_are_named_with_difference_and_error():
    dims = ("dropout", "negative_slope")
    coords = {"dropout": [0.1, 0.2], "negative_slope": [0.0], "seed": [0, 1]}
    seeds = xr.DataArray([[[0.0], [0.01]], [[0.2], [0.24]]], coords, ("seed", *dims))
    cells = CellTable.of(seeds.mean("seed"), seeds, dims).cells()
    told = [cells.name(k) for k in range(2)]
    assert told == ["dropout 0.1, negative slope 0", "dropout 0.2, negative slope 0"]
    assert cells.pairs_told() == (
        "dropout 0.1, negative slope 0 and dropout 0.2, negative slope 0: -0.025 ± 0.015"
    )
    assert cells.signs_told().startswith("dropout 0.1, negative slope 0: +0.1 ± 0.1; dropout 0.2")
    many = made(6, 2, 3, 10)
    assert many.pairs_told().endswith("more") and many.pairs_told().count("±") == 4


@given(
    st.lists(st.sampled_from([-1.5, 0.0, 0.25, 0.25000001, 3.0]), min_size=2, max_size=9), st.data()
)
def test_rank_correlation_is_that_of_scipy(one, data):
    two = data.draw(st.permutations(one))
    found = rank_correlation(np.array(one), np.array(two))
    if len(set(one)) == 1:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(stats.spearmanr(one, two).statistic, abs=1e-12)


@given(st.integers(0, 2**32 - 1), st.data())
def test_cells_are_those_that_names_select(entropy, data):
    dice = np.random.default_rng(entropy)
    sizes = dict(zip("abc", dice.integers(1, 4, 3).tolist(), strict=True))
    coords = {dim: dice.permutation(n) for dim, n in sizes.items()}
    order = dice.permutation(["seed", *"abc"]).tolist()
    seeds = xr.DataArray(
        dice.normal(size=[({"seed": 3} | sizes)[dim] for dim in order]), coords, order
    )
    at = {
        dim: data.draw(
            st.integers(0, n - 1)
            | st.lists(st.integers(0, n - 1), min_size=1, unique=True).map(np.array)
        )
        for dim, n in sizes.items()
        if data.draw(st.booleans())
    }
    cells = CellTable.of(seeds.mean("seed"), seeds, "abc").cells(**at)
    left = [dim for dim in "abc" if not isinstance(at.get(dim), int)]
    expected = seeds.isel(at).transpose("seed", *left)
    assert np.array_equal(cells.seeds, expected.values.reshape(3, -1))
    assert np.array_equal(cells.values, seeds.mean("seed").isel(at).transpose(*left).values.ravel())
    assert cells.labels == tuple((dim, tuple(expected[dim].values)) for dim in left)
