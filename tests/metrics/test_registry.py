"""The table of metrics: every entry loads, tells its meaning, and ties nobody to its function."""

from __future__ import annotations

import importlib

import pytest

from layeratlas import metrics
from layeratlas.metrics import METRICS, Metric, get_metric
from layeratlas.metrics.registry import run_by
from layeratlas.tables import resolve
from layeratlas.workflow.fingerprints import closure


@pytest.mark.parametrize("name", METRICS)
def test_entries_load_and_tell_their_meaning(name):
    metric = get_metric(name)
    assert metric.name == name and callable(resolve(metric.function))
    told = metric.attributes()
    assert set(told) == {"long_name", "units", "formula", "references", "comment"}
    assert all(told.values()) and metric.misfit is None


def test_what_metrics_give():
    given = {name: metric.gives for name, metric in METRICS.items()}
    assert given["hessian_trace"] == given["network_alignment"] == "network"
    assert given["data_separation"] == given["contribution"] == "layer"
    assert given["alignment"] == given["norm_growth"] == "affine"
    assert get_metric("norm_growth").at_previous and not get_metric("alignment").at_previous


def test_what_one_step_shows_is_eight_metrics():
    step = [metric for metric in METRICS.values() if metric.needs == ("gradient_step",)]
    assert len(step) == 8
    for metric in step:
        assert metric.alone and metric.evaluation and metric.first_images and not metric.at_start


def test_what_a_metric_is_follows_from_its_signals():
    separation, trace = get_metric("data_separation"), get_metric("hessian_trace")
    assert not separation.alone and not separation.evaluation
    assert trace.alone and trace.evaluation and not trace.first_images
    entries, uses = run_by([separation])
    assert uses == set()
    assert "layeratlas.signals.classes:class_means" in entries and separation.function in entries
    assert not any("gradient_step" in entry or "loss" in entry for entry in entries)
    assert run_by([trace])[1] == {"forward"}
    assert run_by([get_metric("contribution"), trace])[1] == {"forward", "start"}


def test_what_an_entry_does_not_tell_is_left_out():
    told = Metric("my_spread", "mine:spread", ("features",)).attributes()
    assert told == {
        "long_name": "my spread", "units": "1", "comment": "Computed from features.",
    }  # fmt: skip


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
