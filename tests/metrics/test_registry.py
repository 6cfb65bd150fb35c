"""The table of metrics: every entry loads, tells its meaning, and ties nobody to its function."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from layeratlas import metrics
from layeratlas.metrics import METRICS, get_metric
from layeratlas.workflow.fingerprints import closure

KINDS = {
    "hessian_top_eigenvalue": "network",
    "hessian_trace": "network",
    "data_separation": "layer",
    "data_separation_pseudoinverse": "layer",
    "data_separation_within_pseudoinverse": "layer",
}


@pytest.mark.parametrize("name", METRICS)
def test_entries_load_and_tell_their_meaning(name):
    metric = get_metric(name)
    assert metric.name == name and metric.kind == KINDS.get(name, "step")
    assert callable(metric.load())
    told = metric.attributes()
    assert set(told) == {"long_name", "units", "formula", "references", "comment"}
    assert all(told.values()) and "clean labels" in told["comment"]


def test_what_one_step_shows_is_eight_metrics():
    assert [metric.kind for metric in METRICS.values()].count("step") == 8


@pytest.mark.parametrize("name", [name for name, m in METRICS.items() if m.shares])
def test_a_shared_intermediate_changes_nothing(name):
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(2, 20, 4)), np.arange(20) % 3
    function, shared = get_metric(name).load(), get_metric(name).load_shared()
    given = function(features, labels, statistics=shared(features, labels))
    np.testing.assert_array_equal(given, function(features, labels))


def test_a_metric_that_shares_nothing_says_so():
    assert get_metric("hessian_trace").load_shared() is None


def test_an_unknown_metric_names_the_nearest():
    with pytest.raises(KeyError, match="did you mean 'data_separation'"):
        get_metric("data_seperation")


def test_reading_the_table_depends_on_no_metric():
    """Or an edit of one metric would measure again what uses another."""
    functions = {m.function.partition(":")[0] for m in METRICS.values()}
    assert not functions & set(closure("layeratlas.metrics"))


def test_the_package_gives_the_measures_of_separation():
    separation = importlib.import_module("layeratlas.metrics.separation")
    assert metrics.data_separation is separation.data_separation
    with pytest.raises(AttributeError, match="no attribute 'data_mean'"):
        assert metrics.data_mean
