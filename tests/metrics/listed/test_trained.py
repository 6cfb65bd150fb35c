"""Entries of what training did stand on functions of their names, and on no graph."""

from __future__ import annotations

from layeratlas.metrics.listed.trained import LISTED
from layeratlas.tables import resolve


def test_each_has_the_function_of_its_name():
    for metric in LISTED:
        assert resolve(metric.function).__name__ == metric.name
        assert not any("pass" in name for name in metric.signals)


def test_which_need_the_weights_before_training_and_differing_labels():
    assert [m.name for m in LISTED if m.at_start] == ["parameter_movement"]
    assert [m.name for m in LISTED if m.tells_apart] == ["residual_label_cosine"]
