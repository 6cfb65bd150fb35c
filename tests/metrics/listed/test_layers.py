"""Entries of layers, of the loss and of a step."""

from __future__ import annotations

from layeratlas.metrics.listed.layers import LISTED


def test_names_are_single_and_none_is_of_maps():
    assert len({metric.name for metric in LISTED}) == len(LISTED)
    assert {metric.gives for metric in LISTED} == {"layer", "network"}
