"""Many arrays as one: what comes out is what comes out of each."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from layeratlas.claims.turning.trials import ApartError, Trials, stacked, watching, which

STACK = np.random.default_rng(0).normal(size=(4, 3, 5))

WAYS = {
    "arithmetic": lambda a: 2 * a - a[0] / 3,
    "mean": lambda a: np.mean(a, axis=1),
    "mean of all": lambda a: a.mean(),
    "nan": lambda a: np.nanmax(np.where(a > 0, a, np.nan), axis=-1),
    "sorted": lambda a: np.sort(a, axis=-1),
    "chosen": lambda a: a[np.array([2, 0]), 1:],
    "transposed": lambda a: a.T[1],
    "largest": lambda a: np.argmax(a, axis=0),
    "labelled": lambda a: xr.DataArray(a, dims=("x", "y")).mean("x").isel(y=[0, 2]).data,
    "aligned": lambda a: (
        xr.DataArray(a, dims=("x", "y")) * xr.DataArray(np.arange(3.0), dims="x")
    ).max("y").data,
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_all_at_once_is_each(way):
    found = WAYS[way](Trials(STACK))
    for trial, array in enumerate(STACK):
        with which(trial):
            np.testing.assert_allclose(np.asarray(found), WAYS[way](array))


def test_one_number_of_many_is_refused():
    trials = Trials(STACK)
    for needs in (
        lambda: float(trials[0, 0]),
        lambda: np.asarray(trials),
        lambda: bool(trials[0, 0] > 0),
    ):
        with pytest.raises(ApartError):
            needs()


def test_what_is_asked_for_is_seen():
    trials = Trials(STACK)
    with watching() as seen:
        assert float(trials[0, 0]) == STACK[0, 0, 0]
    assert [one.stack.tolist() for one in seen] == [STACK[:, 0, 0].tolist()]


def test_equal_ones_are_a_plain_array():
    assert isinstance(stacked(np.ones((3, 2))), np.ndarray)
    assert isinstance(stacked(np.array([[1.0, np.nan], [1.0, np.nan]])), np.ndarray)
    assert isinstance(stacked(np.array([[1.0, np.nan], [2.0, np.nan]])), Trials)


def test_nobody_writes_into_them():
    trials = Trials(STACK)
    with pytest.raises(TypeError):
        trials[0] = 1.0
    with which(1):
        np.asarray(trials)[:] = 0
    assert trials.stack[1].any()
