"""Claims on the CNN hold where dropout bends and helps, and fail where it does not."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from layeratlas import papers
from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE
from layeratlas.papers import FIGURES
from layeratlas.papers.spring_block.claims.cnn import THRESHOLD

RATES = (0.0, 0.08, 0.16, 0.32)


@pytest.fixture
def judged(synthetic):
    def check(bends, accuracy, rates=RATES, *, lost=(), figure="cnn_load_curves", **attributes):
        """Claims by id; `bends` of load curves and `accuracy` in percent, rate by rate."""
        axes = {"dropout": list(rates), "negative_slope": [0.0]}
        at = xr.DataArray(np.linspace(0, 1, 8), dims="layer", coords={"layer": np.arange(8)})
        column = xr.DataArray(np.array([bends], float).T, dims=tuple(axes), coords=axes)
        status = xr.DataArray(np.zeros((len(rates), 1, 2)), dims=(*axes, "seed"))
        for place in lost:
            status[place] = 1
        cube = synthetic.make_cube(
            -2.0 - 3.0 * at - 4.0 * column * at * (1 - at),
            xr.DataArray(np.array([accuracy], float).T, dims=tuple(axes), coords=axes),
            status=status,
            preset="laptop",
            n_train=512,
        )
        cube.attrs.update({"dataset_source": "mnist_5k"} | attributes)
        cubes = dict.fromkeys(FIGURES[figure].experiments, cube)
        return {c.id: c for c in papers.check(figure, cubes)}

    return check


def test_the_paper_s_thesis_holds(judged):
    found = judged([-1, -0.3, 0.2, 0.9], [90, 92, 93, 88])
    assert {id: (c.verdict, c.value) for id, c in found.items()} == {
        "rank": (HOLDS, 1.0),
        "peak": (HOLDS, 1.0),
    }
    assert found["peak"].note.startswith("90.0 % at 0, 92.0 % at 0.08, ")
    assert found["rank"].n == found["peak"].n == 4 * 2
    assert all(c.subject == "stand-in on mnist_5k" for c in found.values())


def test_values_count_not_the_order_of_the_rates(judged):
    found = judged([0.9, -1, 0.2, -0.3], [88, 90, 93, 92], rates=(0.32, 0.0, 0.16, 0.08))
    assert found["rank"].value == 1.0
    assert found["peak"].value == 1


def test_a_network_that_dropout_leaves_concave_or_bends_back_fails(judged):
    assert judged([0.9, 0.2, -0.3, -1], [90, 92, 93, 88])["rank"].verdict == FAILS
    # Spearman 0.4: the trend of half of the axis is not enough.
    found = judged([-1, 0.9, -0.3, 0.2], [90, 92, 93, 88])["rank"]
    assert found.value == pytest.approx(0.4)
    assert found.verdict == FAILS
    assert judged([0.2] * 4, [90, 92, 93, 88])["rank"].verdict == FAILS  # no trend, no rank


@pytest.mark.parametrize(
    "accuracy", [[93, 92, 91, 90], [90, 91, 92, 93], [93, 93, 92, 90], [90] * 4]
)
def test_a_peak_at_or_tied_with_an_end_fails(judged, accuracy):
    found = judged([-1, -0.3, 0.2, 0.9], accuracy)["peak"]
    assert (found.verdict, found.value) == (FAILS, 0)


def test_missing_runs_never_count_in_favour(judged):
    bends, accuracy = [-1, -0.3, 0.2, 0.9], [90, 92, 93, 88]
    one = judged(bends, accuracy, lost=[(3, 0, 0)])
    assert [c.verdict for c in one.values()] == [HOLDS, HOLDS]
    assert all("1 of 8 runs (1 diverged)" in c.note for c in one.values())
    both = judged(bends, accuracy, lost=[(3, 0, 0), (3, 0, 1)])
    assert [c.verdict for c in both.values()] == [FAILS, FAILS]
    assert all(c.value is None for c in both.values())


def test_grids_too_small_are_not_applicable(judged):
    two = judged([-1, 1], [90, 91], rates=(0.0, 0.32))
    assert all(c.verdict == NOT_APPLICABLE for c in two.values())
    assert all(c.note == "2 dropout rates: the statement needs at least 3" for c in two.values())
    short = judged([-1, 0, 1], [90, 91, 92], rates=(0.0, 0.01, 0.02))
    assert short["rank"].verdict == HOLDS
    assert short["peak"].verdict == NOT_APPLICABLE
    assert short["peak"].note.startswith("the rates go from 0 to 0.02")


def test_cifar10_at_another_size_is_no_publication(judged):
    found = judged([-1, -0.3, 0.2, 0.9], [90, 92, 93, 88], dataset_source="cifar10")
    assert {c.subject for c in found.values()} == {"reduced cifar10"}


@pytest.mark.parametrize("source", ["cifar10", "cifar10_subset"])
def test_the_reduced_experiment_is_judged_by_the_same_numbers(judged, source):
    bends, accuracy, rates = [-1, -0.3, 0.2, 0.9], [90, 92, 93, 88], (0.0, 0.08, 0.32, 0.64)
    kwargs = {"rates": rates, "dataset_source": source}
    found = judged(bends, accuracy, figure="cnn_load_curves_reduced", **kwargs)
    other = judged(bends, accuracy, **kwargs)
    assert {c.figure for c in found.values()} == {"cnn_load_curves_reduced"}
    assert {c.subject for c in found.values()} == {f"reduced {source}"}
    for id, claim in found.items():
        assert (claim.verdict, claim.value) == (other[id].verdict, other[id].value)


def test_thresholds_are_those_that_the_module_states(judged):
    found = judged([-1, -0.3, 0.2, 0.9], [90, 92, 93, 88])
    assert found["rank"].threshold == THRESHOLD.rank
    assert found["peak"].threshold == THRESHOLD.inside


def test_the_order_in_which_rates_are_stored_changes_no_claim(judged):
    lost, turned = [(3, 0, 0)], [(0, 0, 0)]
    ours = judged([-1, -0.3, 0.2, 0.9], [90, 92, 93, 88], lost=lost)
    theirs = judged([0.9, 0.2, -0.3, -1], [88, 93, 92, 90], rates=RATES[::-1], lost=turned)
    assert ours == theirs
