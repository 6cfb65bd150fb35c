"""What a metric is follows from its signals."""

from __future__ import annotations

from layeratlas.metrics.metric import Metric


def test_a_layers_signal_does_not_go_with_a_number_of_maps():
    told = Metric("mine", "mine:mine", ("features",), gives="affine").misfit
    assert told is not None and "'features'" in told


def test_what_needs_the_record_before_says_so():
    assert Metric("mine", "mine:mine", ("pass_before",), gives="affine").at_previous
    assert not Metric("mine", "mine:mine", ("pass",), gives="affine").at_previous
